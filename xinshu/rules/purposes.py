"""What can be asked about: every purpose names its facts and who tells them. Upper rooms register theirs."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from xinshu.accounts.models import Organisation
from xinshu.rules.engine.facts import FactType

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Purpose:
    """One use of rules: its facts, and whether people may ask by hand (then its facts come from outside sources)."""

    code: str
    label: "StrOrPromise"
    says: "StrOrPromise"  # what follows from the outcome
    facts: tuple[FactType, ...]
    sources: "dict[str, StrOrPromise]" = field(default_factory=dict)  # code: what the source is called
    by_hand: bool = False
    # facts of one house's own making (its tags, what its questionnaires ask), besides those that every house has
    more: Callable[[Organisation], tuple[FactType, ...]] | None = None

    def of(self, house: Organisation) -> "Purpose":
        """Return the purpose as `house` has it: with the facts of its own making."""
        return replace(self, facts=(*self.facts, *self.more(house)), more=None) if self.more is not None else self

    @property
    def types(self) -> dict[str, FactType]:
        return {fact.code: fact for fact in self.facts}

    @property
    def known(self) -> list[list[Any]]:
        """The types of facts as a version keeps them."""
        return [
            [fact.code, str(fact.label), fact.type, fact.source, str(fact.unit), list(fact.choices)]
            for fact in self.facts
        ]


PURPOSES: dict[str, Purpose] = {}


def register_purpose(purpose: Purpose) -> Purpose:
    """Offer a purpose. Called at start-up, once."""
    PURPOSES[purpose.code] = purpose
    return purpose


def source_name(code: str) -> str:
    """Return what a source is called, whichever purpose names it."""
    return next((str(one.sources[code]) for one in PURPOSES.values() if code in one.sources), code)
