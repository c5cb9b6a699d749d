"""Where region and trade of an announcement stand, as the engine wants them."""

from xinshu.core.divisions import prefix_of
from xinshu.tenders.models import Announcement


def trade_of(announcement: Announcement) -> str:
    """Return the trade that is read from an announcement, "" where none is."""
    return announcement.trade


def region_of(announcement: Announcement) -> str:
    """Return the leading digits of the division in which it lies, "" where it is not told."""
    return prefix_of(announcement.region_code) if announcement.region_code else ""
