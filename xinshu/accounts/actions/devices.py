"""The browsers in which somebody is signed in: begun, seen, ended here or from afar; a new one is told of."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, SignInSession, User
from xinshu.accounts.models.security import SignInSessions
from xinshu.accounts.roles import is_privileged
from xinshu.core.actors import Actor
from xinshu.core.refusals import NotNow, NotPermitted
from xinshu.ledger.recording import record

End = SignInSession.End
SEEN_EVERY = timedelta(minutes=1)  # how exactly "last seen" is known: each page would cost a write otherwise

BROWSERS = (
    ("MicroMessenger", "微信"),
    ("Edg", "Edge"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
SYSTEMS = (
    ("HarmonyOS", "鸿蒙"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Windows", "Windows"),
    ("Mac OS", "macOS"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True)
class Browser:
    """What signs in: its session, the digest of its long-lived cookie, what it says it is, where it asks from."""

    session_key: str
    device_key: str
    device: str
    address: str


def device_named(agent: str) -> str:
    """Return what a browser calls itself, short: "Chrome · Windows"."""
    browser = next((name for sign, name in BROWSERS if sign in agent), "其他浏览器")
    system = next((name for sign, name in SYSTEMS if sign in agent), "其他系统")
    return f"{browser} · {system}"


def idle_limit(member: Member) -> timedelta:
    """Return after how long without a request the sessions of `member` end."""
    return timedelta(minutes=settings.IDLE_MINUTES["privileged" if is_privileged(member.roles) else "others"])


@transaction.atomic
def begin_session(
    member: Member, browser: Browser, *, how: str, second_factor: bool = False, by_face: bool = False, at: datetime
) -> SignInSession:
    """Remember that a person is signed in here; from a browser that is new to them they are told."""
    mine = SignInSession.objects.filter(user=member.user_id)
    known = mine.exists()
    new_device = known and not mine.filter(device_key=browser.device_key).exists()
    session = SignInSession.objects.create(
        user=member.user,
        session_key=browser.session_key,
        how=how,
        second_factor=second_factor,
        by_face=by_face,
        device=browser.device,
        device_key=browser.device_key,
        address=browser.address,
        started_at=at,
        last_seen_at=at,
    )
    if new_device:
        record(
            "account.new_device", member, by=member, at=at, device=browser.device, address=browser.address
        )  # fmt: skip
    return session


def touch_session(session_id: int, session_key: str, *, at: datetime) -> None:
    """Remember that a session is in use, under the key that it has now."""
    SignInSession.objects.open().filter(pk=session_id).update(last_seen_at=at, session_key=session_key)


def close_session(session_id: int, end: str, *, at: datetime) -> None:
    """Remember that a session is over: its person left, or was away for too long."""
    SignInSession.objects.open().filter(pk=session_id).update(ended_at=at, end=end, session_key="")


@transaction.atomic
def end_session(session: SignInSession, *, by: Member, at: datetime) -> None:
    """Sign a browser out from afar: one's own, or as security administrator anybody's.

    It is out with its next request. Raises NotNow when it has ended already.
    """
    if session.user_id != by.user_id and not by.can("accounts.secure"):
        raise NotPermitted(_("您不能让这个设备下线。"))
    if not _end(SignInSession.objects.filter(pk=session.pk), End.REMOTE, at):
        raise NotNow(_("这个设备已经退出登录。"))
    _record_end(session.user, 1, by, at)


@transaction.atomic
def end_other_sessions(member: Member, keep: str, *, at: datetime) -> int:
    """Sign oneself out everywhere but in the browser with the session key `keep`; returns how many."""
    ended = _end(SignInSession.objects.filter(user=member.user_id).exclude(session_key=keep), End.REMOTE, at)
    if ended:
        _record_end(member.user, ended, member, at)
    return ended


@transaction.atomic
def end_all_sessions(user: User, end: str, *, keep: str = "", at: datetime) -> int:
    """End every session of a person, but the one with the key `keep`; the act that makes it necessary records why."""
    sessions = SignInSession.objects.filter(user=user)
    return _end(sessions.exclude(session_key=keep) if keep else sessions, end, at)


def _end(sessions: SignInSessions, end: str, at: datetime) -> int:
    waiting = sessions.open().select_for_update()
    keys = {session.pk: session.session_key for session in waiting}
    Session.objects.filter(session_key__in=list(keys.values())).delete()
    return SignInSession.objects.filter(pk__in=list(keys)).update(ended_at=at, end=end, session_key="")


def _record_end(user: User, count: int, by: Actor, at: datetime) -> None:
    record("account.sessions_ended", user, by=by, at=at, account=user.username, sessions=count)
