"""Rules of links, dated: how long one is good, how long a visit may rest, how many may be sent. Pure."""

from dataclasses import dataclass
from datetime import date, timedelta

IDLE = timedelta(minutes=15)  # a visit that nobody used ends: a phone is put down somewhere
LONGEST = timedelta(hours=2)  # and so does one that is used without a pause
LIVE_AT_MOST = 5  # links of one guarantee that can be used at a time
SENT_A_DAY = 5  # of one guarantee, and to one phone: nobody is to be flooded with messages in somebody's name


@dataclass(frozen=True)
class Validity:
    """From `since` on a link is good for `days` calendar days."""

    since: date
    days: int
    source: str


VALIDITIES = (Validity(date(2026, 1, 1), 90, "平台规则：一次工程阶段以内；到期后凭绑定手机的验证码自行换新"),)


def days_from(on: date) -> int:
    """Return for how many days a link is good that is sent on the day `on`."""
    return max((rule for rule in VALIDITIES if rule.since <= on), key=lambda rule: rule.since).days
