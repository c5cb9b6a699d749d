"""What is looked for among exchanges, and one page or all of what is found, merged from all sources by moment."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from heapq import merge
from itertools import islice

from django.db import models
from django.db.models import Q

from xinshu.accounts.models import Member
from xinshu.core.clock import moment
from xinshu.integrations.exchanges.sources import SOURCES, Asked, Exchange, Source
from xinshu.ledger.veils import Secrecy

CHUNK = 1_000
EVERYTHING = Asked()
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Place:
    """Where a page ends: moment, source, number. In an address "1795201234000000.1.88"."""

    at: datetime
    source: int
    number: int

    def __str__(self) -> str:
        return f"{(self.at - EPOCH) // timedelta(microseconds=1)}.{self.source}.{self.number}"

    @classmethod
    def read(cls, text: str) -> "Place | None":
        """Return the place that `str` wrote, None for anything else."""
        parts = text.split(".")
        if len(parts) != 3 or not all(part.isascii() and part.isdecimal() and len(part) <= 18 for part in parts):
            return None
        try:
            return cls(EPOCH + timedelta(microseconds=int(parts[0])), int(parts[1]), int(parts[2]))
        except OverflowError:
            return None


@dataclass(frozen=True)
class Search:
    """What to look for; everything optional. Whoever asks for more than days finds nothing that is still secret."""

    since: date | None = None
    until: date | None = None
    asked: Asked = EVERYTHING

    def page(self, size: int, before: Place | None, *, by: Member, at: datetime) -> tuple[list[Exchange], str]:
        """Return at most `size` exchanges, newest first, and the place of the next page ("": there is none)."""
        rows = [(index, row) for index in self._wanted() for row in self._rows(index, before, at)[: size + 1]]
        rows.sort(key=lambda found: self._order(*found))
        shown = rows[:size]
        following = str(self._place(*shown[-1])) if len(rows) > size else ""
        return self._shown(shown, by, Secrecy(at)), following

    def all(self, *, by: Member, at: datetime) -> Iterator[Exchange]:
        """Yield everything, newest first, without ever holding more than a chunk."""

        def one(index: int) -> Iterator[tuple[int, models.Model]]:
            return ((index, row) for row in self._rows(index, None, at).iterator(chunk_size=CHUNK))

        rows = merge(*(one(index) for index in self._wanted()), key=lambda found: self._order(*found))
        secrecy = Secrecy(at)
        while chunk := list(islice(rows, CHUNK)):
            yield from self._shown(chunk, by, secrecy)

    def told(self) -> dict[str, str]:
        """Return what was looked for, as the ledger keeps it."""
        days = {
            "since": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
        }
        return {name: value for name, value in {**days, **vars(self.asked)}.items() if value}

    def _wanted(self) -> list[int]:
        return [index for index, source in enumerate(SOURCES) if self.asked.source in ("", source.code)]

    def _rows(self, index: int, before: Place | None, at: datetime) -> models.QuerySet[models.Model]:
        source = SOURCES[index]
        rows = source.every()
        if self.asked != EVERYTHING:
            rows = source.narrow(source.open_at(rows, at), self.asked)
        moment_of = source.moment
        if self.since:
            rows = rows.filter(**{f"{moment_of}__gte": moment(self.since)})
        if self.until:
            rows = rows.filter(**{f"{moment_of}__lt": moment(self.until + timedelta(days=1))})
        if before is not None:
            same = {index < before.source: Q(pk__in=[]), index > before.source: Q()}
            rest = same.get(True, Q(pk__lt=before.number))
            rows = rows.filter(**{f"{moment_of}__lte": before.at}).filter(
                Q(**{f"{moment_of}__lt": before.at}) | Q(**{moment_of: before.at}) & rest
            )
        return rows.order_by(f"-{moment_of}", "-pk")

    @staticmethod
    def _place(index: int, row: models.Model) -> Place:
        return Place(getattr(row, SOURCES[index].moment), index, row.pk)

    def _order(self, index: int, row: models.Model) -> tuple[int, int, int]:
        place = self._place(index, row)
        return -((place.at - EPOCH) // timedelta(microseconds=1)), index, -row.pk

    @staticmethod
    def _shown(rows: list[tuple[int, models.Model]], by: Member, secrecy: Secrecy) -> list[Exchange]:
        """Return rows of all sources as exchanges, in their order; each source is asked once for all of its rows."""
        told: dict[tuple[int, int], Exchange] = {}
        for index, source in enumerate(SOURCES):
            mine = [row for number, row in rows if number == index]
            for row, exchange in zip(mine, source.shown(mine, by, secrecy), strict=True):
                told[index, row.pk] = exchange
        return [told[index, row.pk] for index, row in rows]


def source_named(code: str) -> Source | None:
    """Return the source with this code."""
    return next((source for source in SOURCES if source.code == code), None)
