"""What a notice tells about one match."""

from xinshu.tenders.models import Match
from xinshu.tenders.reading.facts import Reading


def reading_of(match: Match) -> Reading:
    """Return what was read from the newest version of the notice."""
    announcement = match.announcement
    return announcement.revisions.get(number=announcement.latest).reading


def amount_in(match: Match) -> int | None:
    """Return what the lot was awarded for in 分, where that is sure."""
    fact = next((one for one in reading_of(match).all("amount", lot=match.lot) if one.sure), None)
    return fact.number if fact is not None else None
