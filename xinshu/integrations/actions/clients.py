"""Clients: proposed by the house's administrator, agreed to by whoever they act as, limited, paused, closed."""

from collections.abc import Sequence
from datetime import datetime
from ipaddress import ip_network
from typing import Any

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.actors import Actor
from xinshu.core.classification import REVEAL
from xinshu.core.refusals import Invalid, NotPermitted
from xinshu.integrations.lifecycle import CLIENT, MANAGE
from xinshu.integrations.models import ApiClient, ApiKey
from xinshu.integrations.scopes import grantable
from xinshu.ledger.models import Entry
from xinshu.ledger.recording import record

MOST_PER_MINUTE = 6_000


@transaction.atomic
def propose_client(
    *,
    name: str,
    principal: Member,
    scopes: Sequence[str],
    by: Member,
    at: datetime,
    networks: Sequence[str] = (),
    per_minute: int = 120,
) -> ApiClient:
    """Enter a system that shall act as `principal`. It may do nothing until the principal has agreed."""
    if not by.can(MANAGE) or principal.organisation_id != by.organisation_id:
        raise NotPermitted(_("您没有登记接口客户端的权限。"), advice=_("需要登记的，请联系本机构管理员。"))
    client = ApiClient(
        state="proposed",
        name=name.strip(),
        organisation=by.organisation,
        principal=principal,
        scopes=_scopes(scopes, principal),
        networks=_networks(networks),
        per_minute=per_minute,
        created_at=at,
    )
    _check(client)
    try:
        with transaction.atomic():
            client.save()
    except IntegrityError:
        raise Invalid(
            _("本机构已有同名的接口客户端。"), advice=_("请换一个名称。"), fields={"name": _("名称已使用")}
        ) from None
    record("api_client.proposed", client, by=by, at=at, name=client.name, **_granted(client))
    return client


@transaction.atomic
def amend_client(client: ApiClient, *, principal: Member, scopes: Sequence[str], by: Member, at: datetime) -> ApiClient:
    """Change in whose name it acts, or what it may do. Nothing goes through until the principal has agreed again."""
    client = ApiClient.objects.locked(client)
    step = CLIENT.step("amend", client, by)
    if principal.organisation_id != client.organisation_id:
        raise Invalid(_("代表人须是本机构的人员。"), fields={"principal": _("不是本机构人员")})
    client.change(step, principal=principal, scopes=_scopes(scopes, principal), confirmed_at=None)
    record("api_client.amended", client, by=by, at=at, **_granted(client))
    return client


@transaction.atomic
def limit_client(client: ApiClient, *, networks: Sequence[str], per_minute: int, by: Member, at: datetime) -> ApiClient:
    """Change from where and how often it may call."""
    client = ApiClient.objects.locked(client)
    step = CLIENT.step("limit", client, by)
    client.networks, client.per_minute = _networks(networks), per_minute
    _check(client)
    client.change(step, networks=client.networks, per_minute=per_minute)
    record("api_client.limited", client, by=by, at=at, networks=client.networks, per_minute=per_minute)
    return client


@transaction.atomic
def confirm_client(client: ApiClient, *, by: Actor, at: datetime) -> ApiClient:
    """Agree that the client acts in one's name."""
    client = ApiClient.objects.locked(client)
    step = CLIENT.step("confirm", client, by)
    if REVEAL in client.scopes and _asked_by(client) == by.actor_key:
        raise NotPermitted(
            _("取得敏感信息原文的授权须由两人授予，没有确认。"), advice=_("请由另一位机构管理员提出，或换一位代表人。")
        )
    client.change(step, confirmed_at=at)
    record("api_client.confirmed", client, by=by, at=at, **_granted(client))
    return client


@transaction.atomic
def pause_client(client: ApiClient, *, by: Actor, at: datetime) -> ApiClient:
    """Refuse every call until it is resumed."""
    client = ApiClient.objects.locked(client)
    client.change(CLIENT.step("pause", client, by))
    record("api_client.paused", client, by=by, at=at)
    return client


@transaction.atomic
def resume_client(client: ApiClient, *, by: Actor, at: datetime) -> ApiClient:
    """Let it call again."""
    client = ApiClient.objects.locked(client)
    client.change(CLIENT.step("resume", client, by))
    record("api_client.resumed", client, by=by, at=at)
    return client


@transaction.atomic
def close_client(client: ApiClient, *, reason: str, by: Actor, at: datetime) -> ApiClient:
    """End it for good, and its keys."""
    client = ApiClient.objects.locked(client)
    step = CLIENT.step("close", client, by)
    if len(reason.strip()) < 2:
        raise Invalid(_("请写明注销的原因。"), fields={"reason": _("还没有填写")})
    client.change(step, ended_at=at)
    ApiKey.objects.filter(client=client, revoked_at=None).update(revoked_at=at)
    record("api_client.closed", client, by=by, at=at, reason=reason.strip()[:500])
    return client


def _granted(client: ApiClient) -> dict[str, Any]:
    return {"principal": client.principal.actor_key, "scopes": client.scopes}


def _asked_by(client: ApiClient) -> str:
    """Return who asked for the scopes that wait for agreement."""
    asked = Entry.objects.filter(
        subject_type=client._meta.label_lower,
        subject_id=client.pk,
        kind__in=("api_client.proposed", "api_client.amended"),
    )
    found: str = asked.order_by("-pk").values_list("actor_key", flat=True)[0]
    return found


def _scopes(scopes: Sequence[str], principal: Member) -> list[str]:
    """Return the scopes in one order. Raises Invalid for what the principal may not do, or no client may."""
    allowed = {code for code, _label in grantable(principal)}
    if not scopes or set(scopes) - allowed:
        raise Invalid(
            _("授权范围没有保存：只能授予代表人自己拥有的权限，至少一项。"),
            fields={"scopes": _("请在代表人的权限内选择")},
        )
    return sorted(set(scopes))


def _networks(networks: Sequence[str]) -> list[str]:
    kept = []
    for text in networks:
        try:
            kept.append(str(ip_network(text.strip(), strict=False)))
        except ValueError:
            raise Invalid(
                _("“%(text)s”不是网络地址。") % {"text": text.strip()[:60]},
                advice=_("写成 203.0.113.8 或 203.0.113.0/24，一行一个。"),
                fields={"networks": _("有一行不是网络地址")},
            ) from None
    return list(dict.fromkeys(kept))


def _check(client: ApiClient) -> None:
    problems = {}
    if not 2 <= len(client.name) <= 60:
        problems["name"] = _("请填写系统名称，2 到 60 个字。")
    if not 1 <= client.per_minute <= MOST_PER_MINUTE:
        problems["per_minute"] = _("填 1 到 %(most)d。") % {"most": MOST_PER_MINUTE}
    if len(client.networks) > 50:
        problems["networks"] = _("最多 50 行。")
    if problems:
        raise Invalid(_("接口客户端没有保存，请修改标出的内容。"), fields=problems)
