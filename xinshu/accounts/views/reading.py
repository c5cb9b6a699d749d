"""When an agreement was opened: the server's own word in a signed field of the form; the browser cannot set it back."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from django.core import signing
from django.http import HttpRequest

from xinshu.accounts.actions.devices import device_named
from xinshu.accounts.agreements import Block, Opened, Origin, blocks, reading_seconds
from xinshu.accounts.models import Agreement
from xinshu.accounts.views.arrival import address_of

SALT = "xinshu.accounts.reading"
GOOD_FOR = 24 * 3600


@dataclass(frozen=True)
class Reading:
    """Agreements on a page, since when they are open there, and what the form has to bring back."""

    agreements: list[Agreement]
    opened: Opened
    token: str
    seconds: int
    left: int  # seconds until it may be agreed to; 0: now

    @property
    def shown(self) -> list[tuple[Agreement, list[Block]]]:
        return [(one, blocks(one.text)) for one in self.agreements]


def reading(request: HttpRequest, agreements: Sequence[Agreement], at: datetime) -> Reading:
    """Return the reading that goes on in this form; a new one where it brings none, or one of other versions."""
    wanted = frozenset(one.pk for one in agreements)
    token = request.POST.get("opened", "")
    opened = _opened(token, at)
    if opened is None or opened.agreements != wanted:
        opened = Opened(at.replace(microsecond=0), wanted)
        token = signing.dumps([int(opened.at.timestamp()), sorted(wanted)], salt=SALT)
    seconds = reading_seconds(agreements)
    left = seconds - int((at - opened.at).total_seconds())
    return Reading(list(agreements), opened, token, seconds, max(0, left))


def _opened(token: str, at: datetime) -> Opened | None:
    try:
        seconds, agreements = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        return None
    opened = Opened(datetime.fromtimestamp(seconds, UTC), frozenset(agreements))
    return opened if 0 <= (at - opened.at).total_seconds() < GOOD_FOR else None


def origin_of(request: HttpRequest) -> Origin:
    """Return from where a request comes, as a consent keeps it."""
    return Origin(address_of(request), device_named(request.META.get("HTTP_USER_AGENT", "")))
