"""Message templates: drafted, checked, activated, retired; the provider asked for its approval; test sends."""

import re
from datetime import datetime

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.core.actors import Actor
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.ledger.recording import record
from xinshu.messaging.channels import NEEDS_APPROVAL, NEEDS_TEMPLATE, channel_named, provider_of
from xinshu.messaging.kinds import CHANNELS, kind_of, placeholders_of, wechat_fields
from xinshu.messaging.lifecycle import APPROVALS, TEMPLATE
from xinshu.messaging.models import Message, MessageTemplate, operates
from xinshu.messaging.planning import send_to

MOBILE = re.compile(r"1\d{10}")
_LOOKS_LIKE_ONE = re.compile(r"\$\{[^}]*\}?|\{\{|%\(")


def check_text(kind: str, channel: str, text: str) -> list[str]:
    """Return the placeholders of `text`. Raises Invalid naming each that the kind does not have, and broken ones."""
    declared = kind_of(kind)
    if declared is None or channel not in declared.channels:
        raise Invalid(_("没有这种消息，或它不用这个渠道。"))
    problems = []
    used = placeholders_of(text)
    if unknown := [name for name in used if name not in declared.samples]:
        problems.append(_("没有占位项 %(names)s。") % {"names": "、".join(unknown)})
    broken = [part for part in _LOOKS_LIKE_ONE.findall(text) if not placeholders_of(part)]
    if broken:
        problems.append(_("占位项要写成 ${名称}：%(parts)s。") % {"parts": "、".join(broken)})
    if not text.strip():
        problems.append(_("请填写模板内容。"))
    if channel == "wechat" and not problems:
        wechat_fields(text)
    if problems:
        raise Invalid("".join(problems), advice=_("可用的占位项列在页面上。"), fields={"text": "".join(problems)})
    return used


@transaction.atomic
def draft_template(
    kind: str, channel: str, *, subject: str, text: str, provider_code: str, by: Actor, at: datetime
) -> MessageTemplate:
    """Begin the next version. Raises Invalid, NotPermitted."""
    _permit(by)
    check_text(kind, channel, text)
    last = MessageTemplate.objects.select_for_update().filter(kind=kind, channel=channel).order_by("-number").first()
    template = MessageTemplate.objects.create(
        kind=kind,
        channel=channel,
        number=last.number + 1 if last else 1,
        state="draft",
        subject=subject.strip()[:100],
        text=text.strip(),
        provider_code=provider_code.strip()[:80],
        created_at=at,
    )
    record("message_template.drafted", template, by=by, at=at, news=kind, channel=channel, number=template.number)
    return template


@transaction.atomic
def edit_template(
    template: MessageTemplate, *, subject: str, text: str, provider_code: str, by: Actor, at: datetime
) -> MessageTemplate:
    """Rewrite a draft; what the provider approved is forgotten when its code changes."""
    template = MessageTemplate.objects.locked(template)
    step = TEMPLATE.step("edit", template, by)
    check_text(template.kind, template.channel, text)
    changes: dict[str, object] = {"subject": subject.strip()[:100], "text": text.strip()}
    if provider_code.strip() != template.provider_code:
        changes |= {"provider_code": provider_code.strip()[:80], "approval": "", "approval_note": ""}
    template.change(step, **changes)
    record("message_template.edited", template, by=by, at=at)
    return template


@transaction.atomic
def activate_template(template: MessageTemplate, *, by: Actor, at: datetime) -> MessageTemplate:
    """Have new messages say this from now on; the version before is retired."""
    template = MessageTemplate.objects.locked(template)
    step = TEMPLATE.step("activate", template, by)
    check_text(template.kind, template.channel, template.text)
    if template.channel in NEEDS_TEMPLATE and not template.provider_code:
        message = _("请先填写服务商的模板编号。")
        raise Invalid(message, fields={"provider_code": message})
    if template.channel in NEEDS_APPROVAL and template.approval != "approved":
        raise NotNow(
            _("服务商还没有审核通过这个模板（%(state)s）。") % {"state": APPROVALS[template.approval]},
            advice=_("请先查询审核状态，通过后再启用。"),
        )
    before = MessageTemplate.objects.filter(kind=template.kind, channel=template.channel, state="active").first()
    if before is not None:
        before.change(TEMPLATE.step("retire", before, by))
    template.change(step, activated_at=at)
    record("message_template.activated", template, by=by, at=at, number=template.number)
    return template


@transaction.atomic
def retire_template(template: MessageTemplate, reason: str, *, by: Actor, at: datetime) -> MessageTemplate:
    """Use a template no more."""
    template = MessageTemplate.objects.locked(template)
    step = TEMPLATE.step("retire", template, by)
    if not reason.strip():
        raise Invalid(_("请写明原因，原因会记入系统日志。"), fields={"reason": _("请写明原因")})
    template.change(step)
    record("message_template.retired", template, by=by, at=at, reason=reason.strip()[:300])
    return template


@transaction.atomic
def ask_approval(template: MessageTemplate, *, by: Actor, at: datetime) -> None:
    """Have a worker ask the provider whether it has approved a template."""
    _permit(by)
    if not template.provider_code:
        message = _("请先填写服务商的模板编号。")
        raise Invalid(message, fields={"provider_code": message})
    if not provider_of(template.channel):
        raise NotNow(_("%(channel)s渠道没有启用，没有可以询问的服务商。") % {"channel": CHANNELS[template.channel]})
    record("message_template.asked", template, by=by, at=at)


def learn_approval(pk: int, at: datetime) -> None:
    """Ask the provider and keep its answer. Called from a task. Raises NotNow when the provider does not answer."""
    template = MessageTemplate.objects.get(pk=pk)
    if template.channel not in NEEDS_APPROVAL or not provider_of(template.channel):
        return
    told = channel_named(template.channel).approval(template.provider_code)
    if told is None:
        raise NotNow(_("服务商没有答复，稍后再问。"))
    with transaction.atomic():
        fresh = MessageTemplate.objects.select_for_update().get(pk=pk)
        if fresh.provider_code == template.provider_code:
            fresh.change(approval=told.state, approval_note=told.note[:300], approval_at=at)


@transaction.atomic
def test_template(template: MessageTemplate, address: str, *, by: Actor, at: datetime) -> Message:
    """Send a template to one address with the sample values. Raises Invalid for an address that is none."""
    _permit(by)
    kind = kind_of(template.kind)
    if kind is None or not provider_of(template.channel):
        raise NotNow(_("%(channel)s渠道没有启用，不能测试发送。") % {"channel": CHANNELS[template.channel]})
    address = address.strip()
    if problem := address_problem(template.channel, address):
        raise Invalid(problem, fields={"address": problem})
    message = send_to(
        template.kind, template.channel, address, member=None, values=kind.samples, template=template, at=at
    )
    record("message.tested", template, by=by, at=at, address=message.masked, message=message.reference)
    return message


def address_problem(channel: str, address: str) -> str:
    """Return what is wrong with an address, "" when nothing is."""
    if channel == "sms" and not MOBILE.fullmatch(address):
        return _("手机号是 1 开头的 11 位数字。")
    if channel == "mail":
        try:
            validate_email(address)
        except ValidationError:
            return _("这不是邮箱地址。")
    if not address or len(address) > 200:
        return _("请填写接收地址。")
    return ""


def _permit(by: Actor) -> None:
    if not by.can("messaging.manage") or not operates(by):
        raise NotPermitted(_("消息模板由平台运营管理。"))
