"""How figures, days, moments and time limits are written on pages."""

from datetime import date, datetime, timedelta

from django.utils.translation import gettext as _

from xinshu.core import clock
from xinshu.core.capitals import capitals as _capitals
from xinshu.core.money import wan as _wan
from xinshu.core.money import yuan as _yuan

NOTHING = "—"


def yuan(fen: int | None) -> str:
    """Write 分 as yuan with two decimals: 486200000 -> "4,862,000.00"."""
    return NOTHING if fen is None else _yuan(fen)


def wan(fen: int | None) -> str:
    """Write 分 short, for figures at a glance: "148.3 万", "128.6 亿"."""
    return NOTHING if fen is None else _wan(fen)


def capitals(fen: int | None) -> str:
    """Write 分 in 人民币大写."""
    return NOTHING if fen is None else _capitals(fen)


def day(value: date | datetime | None) -> str:
    """Write a day: 2026-11-21. A moment is written as its day in China."""
    if value is None:
        return NOTHING
    if isinstance(value, datetime):
        value = clock.local_day(value)
    return value.isoformat()


def moment(at: datetime | None, now: datetime | None = None) -> str:
    """Write a moment: 11-21 10:42; with `now` also 今天 10:42 and 昨天 10:42; another year in full."""
    if at is None:
        return NOTHING
    local = at.astimezone(clock.CHINA)
    time = f"{local:%H:%M}"
    if now is None:
        return f"{local:%m-%d} {time}"
    today = clock.local_day(now)
    if local.date() == today:
        return _("今天 %(time)s") % {"time": time}
    if local.date() == today - timedelta(days=1):
        return _("昨天 %(time)s") % {"time": time}
    return f"{local:%m-%d} {time}" if local.year == today.year else f"{local:%Y-%m-%d} {time}"


def stamp(at: datetime | None) -> str:
    """Write a moment to the second, for evidence and receipts: 2026-11-21 10:42:36."""
    return NOTHING if at is None else f"{at.astimezone(clock.CHINA):%Y-%m-%d %H:%M:%S}"


def _span(span: timedelta) -> str:
    minutes = int(span.total_seconds() // 60)
    days, hours, minutes = minutes // 1440, minutes % 1440 // 60, minutes % 60
    if days >= 3:
        return _("%(n)s 天") % {"n": days}
    if days:
        return _("%(n)s 天 %(h)s 小时") % {"n": days, "h": hours} if hours else _("%(n)s 天") % {"n": days}
    if hours:
        return _("%(h)s 小时 %(m)s 分") % {"h": hours, "m": minutes} if minutes else _("%(h)s 小时") % {"h": hours}
    return _("%(m)s 分") % {"m": minutes}


def time_left(until: datetime, now: datetime, since: datetime | None = None) -> tuple[str, str, int]:
    """Return tone, words and percent used of the time limit `until`: ("warn", "剩 1 小时 20 分", 78).

    The tone turns to warn in the last quarter (without `since`: in the last four hours) and to danger when it is over.
    """
    if now >= until:
        return "danger", _("已超 %(span)s") % {"span": _span(now - until)}, 100
    left = until - now
    used = 50
    if since is not None and until > since:
        used = max(0, min(100, round((now - since) / (until - since) * 100)))
    late = used >= 75 if since is not None else left <= timedelta(hours=4)
    return ("warn" if late else "ok"), _("剩 %(span)s") % {"span": _span(left)}, used


def days_left(on: date, today: date, soon: int = 30) -> tuple[str, str]:
    """Return tone and words for the last day `on`: ("warn", "12-03 到期 · 12 天"), warn from `soon` days before."""
    days = (on - today).days
    if days < 0:
        return "mute", _("%(day)s 已到期") % {"day": on.isoformat()}
    shown = f"{on:%m-%d}" if on.year == today.year else on.isoformat()
    if days > soon:
        return "ok", _("%(day)s 到期") % {"day": on.isoformat()}
    tone = "danger" if days <= 7 else "warn"
    words = _("今天到期") if days == 0 else _("%(day)s 到期 · %(n)s 天") % {"day": shown, "n": days}
    return tone, words


def work_left(on: date, today: date) -> tuple[str, str]:
    """Return tone and words for the last day `on` on which something should be done: ("info", "11-27 前 · 5 天")."""
    days = (on - today).days
    if days < 0:
        return "danger", _("已超 %(n)s 天") % {"n": -days}
    if days == 0:
        return "warn", _("今天截止")
    shown = f"{on:%m-%d}" if on.year == today.year else on.isoformat()
    return ("warn" if days == 1 else "info"), _("%(day)s 前 · %(n)s 天") % {"day": shown, "n": days}


def mask_uscc(code: str | None) -> str:
    """Hide the middle of a 统一社会信用代码: 9133****MA2H****5X."""
    return f"{code[:4]}****{code[8:12]}****{code[16:]}" if code and len(code) == 18 else (code or NOTHING)


def mask_phone(phone: str | None) -> str:
    """Hide the middle of a telephone number: 138****6021."""
    return f"{phone[:3]}****{phone[-4:]}" if phone and len(phone) >= 8 else (phone or NOTHING)


def mask_name(name: str | None) -> str:
    """Hide part of an organisation's name as 查验 shows it: 云州恒达**工程有限公司."""
    if not name:
        return NOTHING
    start = min(4, len(name) // 2)
    return f"{name[:start]}**{name[start + 2 :]}" if len(name) > 4 else f"{name[0]}**"
