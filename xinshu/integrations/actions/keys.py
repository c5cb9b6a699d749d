"""Keys: issued, shown once, replaced with an overlap, revoked."""

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.cases import random_code
from xinshu.core.refusals import Invalid, NotNow
from xinshu.core.sm import sm3, sm4_encrypt
from xinshu.integrations.lifecycle import CLIENT
from xinshu.integrations.models import ApiClient, ApiKey
from xinshu.ledger.recording import record

MOST_LIVE = 6
LONGEST_DAYS = 730
OVERLAP = timedelta(hours=24)
Kind = ApiKey.Kind


def sealed(secret: str) -> bytes:
    """Return a secret as it is kept: encrypted under the platform's key for columns."""
    return sm4_encrypt(bytes.fromhex(settings.FILE_KEY), secret.encode())


def is_point(public_hex: str) -> bool:
    """Say whether this is a point of the SM2 curve: 04, x, y in hex."""
    try:
        raw = bytes.fromhex(public_hex)
    except ValueError:
        return False
    if len(raw) != 65 or raw[0] != 4:
        return False
    p = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
    b = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93
    x, y = int.from_bytes(raw[1:33], "big"), int.from_bytes(raw[33:], "big")
    return x < p and y < p and (y * y - (x * x * x - 3 * x + b)) % p == 0


@transaction.atomic
def issue_key(
    client: ApiClient,
    *,
    kind: str,
    by: Member,
    at: datetime,
    public_hex: str = "",
    days: int = 365,
    replaces: ApiKey | None = None,
) -> tuple[ApiKey, str]:
    """Make a key and return it with its secret, which is never shown again (of an SM2 key there is none).

    The key that it replaces stays good for OVERLAP, so that the other side can change over without a gap.
    """
    client = ApiClient.objects.locked(client)
    step = CLIENT.step("issue_key", client, by)
    if kind not in Kind.values or not 1 <= days <= LONGEST_DAYS:
        raise Invalid(
            _("密钥没有签发：有效期填 1 到 %(most)d 天。") % {"most": LONGEST_DAYS}, fields={"days": _("超出范围")}
        )
    public_hex = public_hex.strip().lower()
    if kind == Kind.SM2 and not is_point(public_hex):
        raise Invalid(
            _("公钥没有读懂，密钥没有签发。"),
            advice=_("SM2 公钥是 130 位十六进制，以 04 开头。"),
            fields={"public_hex": _("不是 SM2 公钥")},
        )
    live = client.keys.filter(Q(expires_at=None) | Q(expires_at__gt=at), revoked_at=None)
    if replaces is None and live.count() >= MOST_LIVE:
        raise NotNow(
            _("有效的密钥已有 %(most)d 个，没有签发。") % {"most": MOST_LIVE}, advice=_("请先作废不用的密钥。")
        )
    secret = "" if kind == Kind.SM2 else secrets.token_urlsafe(32)
    key = ApiKey.objects.create(
        client=client,
        code=f"xk_{random_code(16)}",
        kind=kind,
        digest=sm3(secret.encode()).hex() if kind == Kind.BEARER else "",
        sealed=sealed(secret) if kind == Kind.HMAC else None,
        public_hex=public_hex if kind == Kind.SM2 else "",
        created_at=at,
        expires_at=at + timedelta(days=days),
    )
    if replaces is not None:
        ends = min(filter(None, (replaces.expires_at, at + OVERLAP)))
        client.keys.filter(pk=replaces.pk, revoked_at=None).update(expires_at=ends)
    client.change(step)
    record(
        "api_key.issued", client, by=by, at=at, key=key.code, key_kind=kind,
        replaces=replaces.code if replaces else "",
    )  # fmt: skip
    return key, f"{key.code}.{secret}" if kind == Kind.BEARER else secret


@transaction.atomic
def revoke_key(key: ApiKey, *, by: Member, at: datetime) -> ApiKey:
    """End a key at once. Doing it twice changes nothing."""
    client = ApiClient.objects.select_for_update().get(pk=key.client_id)
    CLIENT.step("limit", client, by)
    if client.keys.filter(pk=key.pk, revoked_at=None).update(revoked_at=at):
        record("api_key.revoked", client, by=by, at=at, key=key.code)
    key.revoked_at = key.revoked_at or at
    return key
