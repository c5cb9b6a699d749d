"""What an emergency can stop, and its trace: contexts above say how their things are found and traced."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q
from django.utils.translation import gettext as _

from xinshu.accounts.models import Block, Member, Organisation, SignInSession, User
from xinshu.ledger.log import lines_of
from xinshu.ledger.models import Entry
from xinshu.ledger.veils import Secrecy

What = Block.What
BEFORE = timedelta(days=7)  # how far back from the stop a trace reaches
MOST = 500  # rows from each source


@dataclass(frozen=True)
class Trace:
    """One thing that was done by or with what was stopped."""

    at: datetime
    who: str
    what: str
    where: str = ""


Finder = Callable[[str], Organisation | None]  # by its public name: whose it is; None: there is no such thing
Tracer = Callable[[Block, datetime, datetime], Sequence[Trace]]
_finders: dict[str, Finder] = {}
_tracers: list[Tracer] = []


def stoppable(what: str, find: Finder, trace: Tracer) -> None:
    """Let things of `what` be stopped by name. Called once by the context that owns them."""
    _finders[what] = find
    _tracers.append(trace)


def owner_of(what: str, name: str) -> Organisation | None:
    """Return whose thing of this name it is; None where there is none."""
    find = _finders.get(what)
    return find(name) if find else None


def is_stopped(organisation_id: int, key: str) -> bool:
    """Tell whether calls with this key are stopped: all of them, its organisation's, or its own. One query."""
    mine = Q(what=What.INTERFACES, organisation=organisation_id) | Q(what=What.ALL_INTERFACES)
    return Block.objects.filter(mine | Q(what=What.KEY, target=key), lifted_at=None).exists()


def trace_of(block: Block, at: datetime) -> list[Trace]:
    """Return what was done by whom or with what `block` stopped, from a week before until now or the lifting."""
    since, until = block.begun_at - BEFORE, block.lifted_at or at
    found = [*_entries(block, since, until, at), *_sign_ins(block, since, until)]
    for trace in _tracers:
        found.extend(trace(block, since, until))
    return sorted(found, key=lambda one: one.at, reverse=True)


def _members(block: Block) -> list[int] | None:
    """Return whose acts are traced; None: everybody's (exports and interfaces of the whole platform)."""
    if block.what == What.USER:
        return list(Member.objects.filter(user__username=block.target).values_list("pk", flat=True))
    if block.organisation_id is not None:
        return list(Member.objects.filter(organisation=block.organisation_id).values_list("pk", flat=True))
    return None


def _entries(block: Block, since: datetime, until: datetime, at: datetime) -> Iterator[Trace]:
    entries = Entry.objects.filter(at__gte=since, at__lte=until).order_by("-pk")
    members = _members(block)
    if members is not None:
        entries = entries.filter(actor_key__in=[f"member:{pk}" for pk in members])
    if members is None or block.what in (What.EXPORTS, What.ALL_EXPORTS):
        entries = entries.filter(kind__endswith=".exported")
    found = list(entries[:MOST])
    for entry, line in zip(found, lines_of(found, Secrecy(at)), strict=True):
        words = _("开标前保密") if line.secret else f"{line.kind} {line.cleared or line.data}".strip()
        yield Trace(entry.at, "" if line.secret else entry.actor_label, words[:300])


def _sign_ins(block: Block, since: datetime, until: datetime) -> Iterator[Trace]:
    members = _members(block)
    if members is None:
        return
    users = User.objects.filter(members__in=members)
    sessions = SignInSession.objects.filter(user__in=users, started_at__gte=since, started_at__lte=until)
    for one in sessions.select_related("user").order_by("-pk")[:MOST]:
        yield Trace(one.started_at, one.user.name, _("登录会话 · %(device)s") % {"device": one.device}, one.address)
