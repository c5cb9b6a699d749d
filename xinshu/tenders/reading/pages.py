"""From a page to facts: layout to records (tables, lines), records to lots, sentences where those are silent.

Source-blind: what a source knows better may be handed in as `Hints`. A page that tells nothing gives no facts.
"""

from dataclasses import dataclass

from xinshu.tenders.reading.facts import Reading
from xinshu.tenders.reading.gathering import gather
from xinshu.tenders.reading.kinds import AWARD, CANDIDATE, OTHER, kind_of
from xinshu.tenders.reading.layout import Page, Span, headed, page_of
from xinshu.tenders.reading.lines import records_in
from xinshu.tenders.reading.prose import candidates_in, price_in, winners_in
from xinshu.tenders.reading.records import Record, alone
from xinshu.tenders.reading.subjects import about
from xinshu.tenders.reading.tables import records_of
from xinshu.tenders.reading.units import with_units
from xinshu.tenders.reading.warranties import guarantees_in


@dataclass(frozen=True)
class Hints:
    """What a source knows of its notices: their kind, and the region in which it stands. Never a template."""

    kind: str = ""
    region_code: str = ""


def read_page(source: str, title: str = "", hints: Hints | None = None) -> Reading:
    """Return everything read from a notice."""
    hints = hints or Hints()
    title = " ".join(title.split())
    page = headed(page_of(source), title)
    kind = hints.kind or kind_of(title, page.text)
    records = records_on(page)
    found = gather(records, kind)
    if kind in (AWARD, OTHER) and not any(fact.code in ("winner", "candidate") for fact in found):
        records += [alone(pair) for pair in winners_in(page.text)]
        found = gather(records, kind)
    elif kind == CANDIDATE and not any(fact.code == "candidate" for fact in found):
        found = gather([*records, *(alone(pair) for pair in candidates_in(page.text))], kind)
    met = {fact.code for fact in found}
    if (
        "winner" in met
        and not met & {"amount", "rate", "lowest", "price"}
        and (price := price_in(page.text)) is not None
    ):
        found = gather([*records, alone(price)], kind)
    found += guarantees_in(page.text)
    found += about(page.text, title, found, hints.region_code)
    return Reading(kind, page.text, tuple(found))


def records_on(page: Page) -> list[Record]:
    """Return what tables and lines tell, in reading order."""
    told = with_units(page, [records_of(table, number) for number, table in enumerate(page.tables, 1)])
    records = [record for one in told for record in one]
    tabled: set[Span] = {(pair.value.start, pair.value.end) for record in records for pair in record.pairs}
    return sorted([*records, *records_in(page.text, sorted(tabled))], key=lambda record: record.start)
