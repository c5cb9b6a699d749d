"""When a host may be asked, and for what: one request at a time, a pause between two, and its robots rules."""

from datetime import datetime, timedelta

from protego import Protego

from xinshu.collecting.asking import AGENT, LONGEST, Answer, host_of
from xinshu.collecting.models import Host

ROBOTS_FOR = timedelta(hours=24)
ROBOTS_AGAIN = timedelta(minutes=30)  # where the server could not tell them
LARGEST_ROBOTS = 500_000
LONGEST_DELAY = 120.0  # seconds: who wants to be asked more rarely than this, sets the schedule


def host_for(address: str, at: datetime) -> Host:
    """Return the host of an address, known from now on."""
    return Host.objects.get_or_create(name=host_of(address), defaults={"free_at": at})[0]


def take_turn(host: Host, at: datetime) -> bool:
    """Take the turn to ask a host; False while somebody else asks it, or its pause lasts."""
    taken = Host.objects.filter(pk=host.pk, free_at__lte=at).update(free_at=at + timedelta(seconds=LONGEST * 2))
    return bool(taken)


def give_turn(host: Host, at: datetime, delay: float) -> datetime:
    """Give the turn back: the host may be asked again after the pause. Returns from when on."""
    free_at = at + timedelta(seconds=delay)
    Host.objects.filter(pk=host.pk).update(free_at=free_at)
    return free_at


def knows_robots(host: Host, at: datetime) -> bool:
    """Tell whether the robots rules are known and young enough."""
    age = ROBOTS_FOR if 0 < host.robots_status < 500 else ROBOTS_AGAIN
    return host.robots_at is not None and host.robots_at <= at < host.robots_at + age


def keep_robots(host: Host, answer: Answer | None, at: datetime) -> None:
    """Keep what a host said of its robots rules; None: it did not answer."""
    status = answer.status if answer is not None else 0
    text = (
        answer.content[:LARGEST_ROBOTS].decode("utf-8", "replace").replace("\0", "") if answer and status == 200 else ""
    )
    host.robots, host.robots_status, host.robots_at = text, status, at
    Host.objects.filter(pk=host.pk).update(robots=text, robots_status=status, robots_at=at)


def allows(host: Host, address: str) -> bool:
    """Tell whether robots may ask for `address` (RFC 9309): rules that cannot be had for the server's fault bar all."""
    if host.robots_status == 200:
        return bool(Protego.parse(host.robots).can_fetch(address, AGENT))
    return 400 <= host.robots_status < 500


def delay_of(host: Host, own: int) -> float:
    """Return the pause between two requests: the source's own, or what the host asks for, where that is longer."""
    told = Protego.parse(host.robots).crawl_delay(AGENT) if host.robots_status == 200 else None
    return max(float(own), min(told or 0.0, LONGEST_DELAY))
