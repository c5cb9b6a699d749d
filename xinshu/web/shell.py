"""The page shell: who is signed in, where one can go, what waits. Contexts above register their counts here."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.messages import get_messages
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext_lazy

from xinshu.accounts.models import Member, Organisation
from xinshu.core import clock
from xinshu.web import live
from xinshu.web.navigation import Group, groups

Count = Callable[[Member], int]
Channels = Callable[[], list[tuple[str, str]]]

_badges: dict[str, Count] = {}
_channels: list[Channels] = []

Kind = Organisation.Kind
SIDES = {
    Kind.ENTERPRISE: gettext_lazy("企业端"),
    Kind.GUARANTOR: gettext_lazy("担保机构端"),
    Kind.BANK: gettext_lazy("银行端"),
    Kind.INSURER: gettext_lazy("保险端"),
    Kind.INSTITUTION: gettext_lazy("受益人端"),
    Kind.DEPARTMENT: gettext_lazy("政府端"),
    Kind.OPERATOR: gettext_lazy("运营端"),
    Kind.PERSON: gettext_lazy("个人端"),
}


def badge(name: str, count: Count) -> None:
    """Let `count(member)` supply the number shown beside the navigation entries (and for "unread" the bell) of that
    name. Called in an AppConfig's ready(); at most one query each, for every page carries it.
    """
    _badges[name] = count


def channels(of: Channels) -> None:
    """Let `of()` supply (title, address) of the bar at the top of public pages. Called in an AppConfig's ready()."""
    _channels[:] = [of]


class Shell:
    """What page.html shows around a page for one member."""

    def __init__(self, member: Member, path: str, folds: str = "") -> None:
        self.member = member
        self.path = path
        self.folds = folds
        self.side = SIDES.get(Kind(member.organisation.kind), "")
        self._counts: dict[str, int] = {}

    @property
    def groups(self) -> list[Group]:
        return groups(self.member, self.path, self.folds)

    def count(self, name: str) -> int:
        """Return the number registered under `name` for this member; 0 where nobody counts."""
        if name not in self._counts:
            counted = _badges.get(name)
            self._counts[name] = counted(self.member) if counted else 0
        return self._counts[name]

    @property
    def unread(self) -> int:
        return self.count("unread")


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `member`, `shell`, `now`, `today`, `messages`, `live_url`, `demo`, `public_channels`."""
    member: Member | None = getattr(request, "member", None)
    now: datetime = clock.now()
    return {
        "member": member,
        "shell": Shell(member, request.path, request.COOKIES.get("side", "")) if member is not None else None,
        "now": now,
        "today": clock.local_day(now),
        "messages": SimpleLazyObject(lambda: list(get_messages(request))),
        "public_channels": SimpleLazyObject(lambda: [pair for of in _channels for pair in of()]),
        "live_url": live.address(request, member) if member is not None else "",
        "demo": settings.DEMO or settings.TESTING,
    }
