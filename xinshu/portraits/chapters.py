"""What a portrait is made of: chapters of sentences, figures and events; rooms register what they have to say."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from xinshu.accounts.models import Member
from xinshu.enterprises.models import Enterprise

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

LEFT, MIDDLE, RIGHT = "left", "middle", "right"  # the columns of the page


@dataclass(frozen=True)
class Sentence:
    """One thing that is said: in words, by whom it is told, of which day, where the evidence is."""

    text: str
    source: str
    as_of: date | None
    link: str = ""  # a path of this site: 依据
    tone: str = ""  # ok, warn, danger


@dataclass(frozen=True)
class Event:
    """One thing that happened to the firm, for the time line."""

    on: date
    title: str
    text: str = ""
    tone: str = "info"
    source: str = ""
    link: str = ""


@dataclass(frozen=True)
class Said:
    """What one room says: sentences, figures of the strip (as `ui.kpis` takes them), events, advice, tags.

    `template` finds `context` as `said` and is shown above the sentences on the page; the report has sentences only.
    """

    sentences: Sequence[Sentence] = ()
    figures: Sequence[Mapping[str, Any]] = ()
    events: Sequence[Event] = ()
    advice: Sequence[str] = ()
    tags: Sequence[tuple[str, str]] = ()  # tone, words
    template: str = ""
    context: Mapping[str, Any] = field(default_factory=dict)


Write = Callable[[Enterprise, Member, datetime], Said | None]


@dataclass(frozen=True)
class Chapter:
    """One chapter: its name, where it stands, and who writes it for a reader. None: there is nothing to say."""

    code: str
    label: "StrOrPromise"
    order: int
    column: str
    write: Write


CHAPTERS: dict[str, Chapter] = {}


def register_chapter(chapter: Chapter) -> None:
    """Have `chapter` written whenever a firm is portrayed. Called at start-up; a second time changes nothing."""
    CHAPTERS[chapter.code] = chapter


@dataclass(frozen=True)
class Written:
    """A chapter as it was written for one reader."""

    chapter: Chapter
    said: Said


@dataclass(frozen=True)
class Portrait:
    """All that is said of a firm to one reader at one moment."""

    enterprise: Enterprise
    at: datetime
    written: tuple[Written, ...]

    def column(self, name: str) -> list[Written]:
        """Return what stands in a column: chapters with something to read."""
        return [one for one in self.written if one.chapter.column == name and (one.said.sentences or one.said.template)]

    @property
    def figures(self) -> list[Mapping[str, Any]]:
        return [figure for one in self.written for figure in one.said.figures]

    @property
    def events(self) -> list[Event]:
        """Return what happened, newest first."""
        return sorted((event for one in self.written for event in one.said.events), key=lambda event: event.on)[::-1]

    @property
    def advice(self) -> list[str]:
        return [words for one in self.written for words in one.said.advice]

    @property
    def tags(self) -> list[tuple[str, str]]:
        return [tag for one in self.written for tag in one.said.tags]


def portrait_of(enterprise: Enterprise, member: Member, at: datetime) -> Portrait:
    """Return the portrait of a firm that exists for `member`, from what the member may see."""
    chapters = sorted(CHAPTERS.values(), key=lambda chapter: (chapter.order, chapter.code))
    said = ((chapter, chapter.write(enterprise, member, at)) for chapter in chapters)
    return Portrait(enterprise, at, tuple(Written(chapter, told) for chapter, told in said if told is not None))
