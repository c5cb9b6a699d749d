"""The right to listen: a signed token in the live stream's address, since that process sees no session."""

from datetime import timedelta

from django.core.signing import BadSignature, TimestampSigner

from xinshu.accounts.models import Member

VALID_FOR = timedelta(hours=12)
_signer = TimestampSigner(salt="xinshu.messaging.live")


def live_token(member: Member) -> str:
    """Return the token with which `member` may listen for twelve hours."""
    return _signer.sign(str(member.pk))


def member_of(token: str) -> int | None:
    """Return the member id that `token` speaks for, None when it is forged or too old."""
    try:
        return int(_signer.unsign(token, max_age=VALID_FOR))
    except (BadSignature, ValueError):
        return None
