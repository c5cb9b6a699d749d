"""What a data source is: a name, a way to ask, how old an answer may be. One class per provider."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol

from django.utils.translation import gettext_lazy as lazy

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

ANSWERED, CACHED, FAILED, LATE, SHUT = "answered", "cached", "failed", "late", "shut"
OUTCOMES: dict[str, "StrOrPromise"] = {
    ANSWERED: lazy("已答复"),
    CACHED: lazy("用近期答复"),
    FAILED: lazy("失败"),
    LATE: lazy("超时"),
    SHUT: lazy("已熔断，未询问"),
}
TONES = {ANSWERED: "ok", CACHED: "info", FAILED: "danger", LATE: "warn", SHUT: "mute"}


@dataclass(frozen=True)
class Reply:
    """What a source said: values by the code of the fact (JSON as facts.read_value takes it), of which day."""

    values: dict[str, Any] = field(default_factory=dict)
    as_of: str = ""
    milliseconds: int = 0


class NoReply(Exception):
    """The source did not answer; the message says why. `late`: it took longer than anybody waits."""

    def __init__(self, why: str, *, late: bool = False, milliseconds: int = 0) -> None:
        super().__init__(why)
        self.late, self.milliseconds = late, milliseconds


class DataSource(Protocol):
    """One provider of facts. `ask` may talk to the outside world: only tasks call it, never an act or a page."""

    code: str
    label: "StrOrPromise"
    facts: tuple[str, ...]
    fresh_for: timedelta  # how long an answer is used again

    def ask(self, key: str, at: datetime) -> Reply:
        """Return what it knows of `key` (a credit code). Raises NoReply."""
        ...


SOURCES: dict[str, DataSource] = {}


def register_source(source: DataSource) -> DataSource:
    """Have a source asked for the facts that it names. Called at start-up, once."""
    SOURCES[source.code] = source
    return source
