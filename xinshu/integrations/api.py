"""/api/v1/me: who a client is, what it was given, how events are signed; /schemas: the shapes of events' data."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema

from xinshu.core.refusals import Unknown
from xinshu.integrations import events
from xinshu.integrations.actions.webhooks import platform_key
from xinshu.integrations.door import NotSignedIn
from xinshu.integrations.interface import responses
from xinshu.integrations.leaving import given
from xinshu.integrations.models import Caller
from xinshu.integrations.schemas import PartyOut, party

router = Router(tags=["接口"])


class MeOut(Schema):
    """调用方。"""

    client: str
    organisation: PartyOut
    principal: str = Field(description="代表人：办理的事项记在其名下")
    scopes: list[str]
    per_minute: int
    event_key: str = Field(description="平台推送事件时签名的 SM2 公钥，04||x||y 十六进制")


@router.get("/me", response=responses(MeOut), summary="我是谁", operation_id="me", url_name="me")
def me(request: HttpRequest) -> dict[str, Any]:
    """返回当前客户端、代表人、授权范围和限制。用来检查密钥和签名。"""
    caller = request.member  # type: ignore[attr-defined]
    if not isinstance(caller, Caller):
        raise NotSignedIn("")
    return {
        "client": caller.client.name,
        "organisation": party(caller.organisation, caller),
        "principal": given("accounts.User.name", caller.user.name, caller),
        "scopes": caller.client.scopes,
        "per_minute": caller.client.per_minute,
        "event_key": platform_key().public_hex,
    }


@router.get(
    "/schemas/{name}", response=responses(dict[str, Any]), auth=None, summary="事件数据的结构", operation_id="schema",
    url_name="schema",
)  # fmt: skip
def schema(request: HttpRequest, name: str) -> dict[str, Any]:
    """返回事件数据的 JSON Schema（2020-12），即事件 dataschema 所指的地址。任何人都可以读取。"""
    found = events.schema_of(name)
    if found is None:
        raise Unknown(_("没有这个数据结构。"), advice=_("地址见事件的 dataschema。"))
    return found
