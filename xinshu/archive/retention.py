"""How long a dossier is kept at least, and by which rule. A parameter: ARCHIVE_YEARS and ARCHIVE_BASIS in the settings.

The fee's receipts lie in the dossier, so the longest period that is set for any of its papers counts: 30 years for
accounting vouchers, from the end of the year (会计档案管理办法, 财政部 国家档案局令第 79 号, 第十四条, 附表一). Nothing
is destroyed by itself when the period is over.
"""

from datetime import date, datetime

from django.conf import settings

from xinshu.core.clock import local_day


def retain_until(ended_at: datetime | None) -> date | None:
    """Return the last day of the period, counted from the end of the year in which the guarantee ended."""
    return None if ended_at is None else date(local_day(ended_at).year + settings.ARCHIVE_YEARS, 12, 31)


def basis() -> str:
    """Return the period and its source in words."""
    return f"{settings.ARCHIVE_YEARS} 年，{settings.ARCHIVE_BASIS}"
