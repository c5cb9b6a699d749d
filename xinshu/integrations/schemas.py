"""Shapes that every operation of the interface shares: money, parties, actions, pages, problems."""

import base64
import binascii
import json
from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime
from typing import Annotated, Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Schema
from pydantic import AfterValidator, AwareDatetime

from xinshu.accounts.models import Member, Organisation
from xinshu.core.lifecycle import Row
from xinshu.core.money import parse_yuan
from xinshu.core.refusals import Invalid, NotPermitted
from xinshu.core.sm import Damaged, sm4_decrypt, sm4_encrypt
from xinshu.integrations.door import NotSignedIn
from xinshu.integrations.leaving import given, name_field
from xinshu.integrations.models import Caller


def _sensible(day: date) -> date:
    if not 1990 <= day.year <= 2190:
        raise ValueError("年份应在 1990 到 2190 之间")
    return day


Day = Annotated[date, AfterValidator(_sensible)]
SensibleMoment = Annotated[AwareDatetime, AfterValidator(_sensible)]
Version = Annotated[int, Field(ge=1, le=2**31 - 1, description="您看到的版本；已被改过时答 409")]
Reason = Annotated[str, Field(min_length=1, max_length=500)]


class MoneyIn(Schema):
    """金额：十进制字符串，最多两位小数。"""

    amount: str = Field(pattern=r"^[0-9]{1,13}(\.[0-9]{1,2})?$", examples=["486200.00"])
    currency: str = Field("CNY", pattern="^CNY$")

    def fen(self) -> int:
        return parse_yuan(self.amount)


class Money(Schema):
    """金额：十进制字符串，两位小数。"""

    amount: str = Field(examples=["486200.00"])
    currency: str


def money(fen: int | None, currency: str = "CNY") -> dict[str, str] | None:
    """Return 分 as the interface writes money."""
    if fen is None:
        return None
    return {"amount": f"{'-' if fen < 0 else ''}{abs(fen) // 100}.{abs(fen) % 100:02d}", "currency": currency}


class PartyOut(Schema):
    """一方机构。"""

    name: str
    uscc: str | None = Field(description="统一社会信用代码；自然人没有")


def party(organisation: Organisation, reader: Member) -> dict[str, str | None]:
    """Return an organisation as the interface names it to `reader`: a natural person's name is covered."""
    return {
        "name": given(name_field(organisation), organisation.name, reader),
        "uscc": given("accounts.Organisation.uscc", organisation.uscc, reader),
    }


class ActionOut(Schema):
    """现在可以办理的一步。"""

    action: str
    label: str
    needs_reason: bool
    consequence: str


def actions(rows: Iterable[Row], known: Iterable[str]) -> list[dict[str, Any]]:
    """Return the lifecycle's rows as possible actions, as far as the interface knows how to do them."""
    done: dict[str, dict[str, Any]] = {}
    for row in rows:
        if row.action in known:
            done[row.action] = {
                "action": row.action,
                "label": row.label,
                "needs_reason": row.needs_reason,
                "consequence": row.consequence,
            }
    return list(done.values())


class Problem(Schema):
    """RFC 9457 问题说明。"""

    type: str
    title: str
    status: int
    detail: str
    advice: str
    fields: dict[str, str]
    changes: list[dict[str, str]]


def moment(at: datetime | None) -> str | None:
    """Return a moment as the interface writes it: ISO 8601 in UTC."""
    return None if at is None else at.astimezone(UTC).isoformat().replace("+00:00", "Z")


def caller(request: HttpRequest, permission: str) -> Caller:
    """Return who calls. Raises NotSignedIn, or NotPermitted without `permission`."""
    found: Caller | None = request.member  # type: ignore[attr-defined]
    if found is None:
        raise NotSignedIn(_("请求没有带密钥或签名。"), advice=_("写法见接口说明。"))
    if not found.can(permission):
        raise NotPermitted(
            _("这个接口客户端没有所需的授权范围：%(scope)s。") % {"scope": permission},
            advice=_("请联系本机构管理员修改授权。"),
        )
    return found


def cursor_of(*values: Any) -> str:
    """Return the place after a row, for the next page: encrypted, since it names ids, which count."""
    text = json.dumps([value.isoformat() if isinstance(value, datetime) else value for value in values])
    return base64.urlsafe_b64encode(sm4_encrypt(bytes.fromhex(settings.FILE_KEY), text.encode())).decode().rstrip("=")


def read_cursor(text: str) -> list[Any]:
    """Return what stands in a cursor. Raises Invalid for one that we did not make."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        values: list[Any] = json.loads(sm4_decrypt(bytes.fromhex(settings.FILE_KEY), raw))
    except (Damaged, ValueError, binascii.Error):
        raise Invalid(_("分页位置没有读懂。"), fields={"cursor": _("请原样使用上一页返回的 next")}) from None
    return values


def page_of(rows: list[Any], limit: int, place: Callable[[Any], tuple[Any, ...]]) -> tuple[list[Any], str | None]:
    """Return a page out of `limit` + 1 rows, and the cursor of the next one (None: this is the last)."""
    shown = rows[:limit]
    return shown, cursor_of(*place(shown[-1])) if len(rows) > limit else None
