"""What a browser carries for the live process: a signed right to listen, and an encrypted mark of what it has."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from binascii import Error as NotBase64
from datetime import timedelta
from typing import NamedTuple

from django.conf import settings
from django.core.signing import BadSignature, TimestampSigner

from xinshu.accounts.models import Member
from xinshu.core.sm import Damaged, hmac_sm3, sm4_decrypt, sm4_encrypt

VALID_FOR = timedelta(hours=12)
_signer = TimestampSigner(salt="xinshu.messaging.live")


class Listener(NamedTuple):
    """Who listens: the id of a member, and of the SignInSession in which they do."""

    member: int
    session: int


def live_token(member: Member, session: int) -> str:
    """Return the token with which `member` may listen for twelve hours, and no longer than that sign-in lasts."""
    return _signer.sign(f"{member.pk}.{session}")


def listener_of(token: str) -> Listener | None:
    """Return who listens with `token`, None when it is forged or too old; whether they still may, `fanout` asks."""
    try:
        member, session = _signer.unsign(token, max_age=VALID_FOR).split(".")
        return Listener(int(member), int(session))
    except (BadSignature, ValueError):
        return None


def seal(mark: str) -> str:
    """Return `mark` encrypted, in characters fit for an SSE event id."""
    return urlsafe_b64encode(sm4_encrypt(_mark_key(), mark.encode())).decode()


def unseal(sealed: str) -> str:
    """Return what `seal` encrypted; "" for anything else."""
    try:
        return sm4_decrypt(_mark_key(), urlsafe_b64decode(sealed.encode("latin-1"))).decode()
    except (Damaged, NotBase64, ValueError):
        return ""


def _mark_key() -> bytes:
    return hmac_sm3(settings.SECRET_KEY.encode(), b"xinshu.messaging.marks")[:16]
