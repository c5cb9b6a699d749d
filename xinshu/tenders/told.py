"""What a notice tells about one match, and under which name the same award is known whichever source tells it."""

import re

from xinshu.core.sm import sm3
from xinshu.tenders.models import Announcement, Match
from xinshu.tenders.reading.facts import Reading


def reading_of(match: Match) -> Reading:
    """Return what was read from the newest version of the notice."""
    announcement = match.announcement
    return announcement.revisions.get(number=announcement.latest).reading


def amount_in(match: Match) -> int | None:
    """Return what the lot was awarded for in 分, where that is sure."""
    fact = next((one for one in reading_of(match).all("amount", lot=match.lot) if one.sure), None)
    return fact.number if fact is not None else None


def award_name(announcement: Announcement) -> str:
    """Return the name under which an award is told once, "" where too little is known to say that two are the same.

    Project, winners and amount must all agree: who is told once too often loses less than who is not told.
    """
    project = announcement.project_number or announcement.project_name
    if not project or not announcement.winners or announcement.amount is None:
        return ""
    winners = sorted(_plain(name) for name in announcement.winners.split("、"))
    return f"award:{sm3(chr(10).join((_plain(project), *winners, str(announcement.amount))).encode()).hex()[:32]}"


def _plain(text: str) -> str:
    return re.sub(r"[\W_]+", "", text).lower()
