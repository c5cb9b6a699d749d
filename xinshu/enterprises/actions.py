"""What can be done: enter fields of the record, take an enterprise on as a customer."""

import re
from collections.abc import Mapping
from datetime import date, datetime
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core import uscc
from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.clock import local_day
from xinshu.core.refusals import Changed, Invalid, NotPermitted
from xinshu.enterprises.fields import FIELDS, Field
from xinshu.enterprises.models import Enterprise, RecordField, Relation
from xinshu.enterprises.queries import STALE, record_of
from xinshu.ledger.recording import record


def enterprise_of(organisation: Organisation) -> Enterprise:
    """Return the record of `organisation`, begun now if there was none. It holds nothing until fields are entered."""
    enterprise, _new = Enterprise.objects.get_or_create(organisation=organisation)
    return enterprise


@transaction.atomic
def enter_fields(
    enterprise: Enterprise,
    values: Mapping[str, str],
    *,
    by: Actor,
    at: datetime,
    seen: int | None = None,
    source: str = "",
    source_label: str = "",
    confidence: Decimal | None = None,
    valid_until: date | None = None,
) -> list[RecordField]:
    """Add a version of every field whose value is new (or was stale and is confirmed), and one entry for all of them.

    `values` by field code, money in 分 as digits; empty takes a value away. `seen` is the highest version that the
    person had before them: Raises Changed when a field to be written has a newer one, Invalid per field, NotPermitted.
    """
    enterprise = Enterprise.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=enterprise.pk)
    may_enter(enterprise, by)
    values = {code: value.strip() for code, value in values.items()}
    now = {view.code: view for view in record_of(enterprise.organisation, local_day(at))}
    new = {
        code: value
        for code, value in values.items()
        if value != now[code].value or (value and now[code].state == STALE)
    }
    problems = {code: problem for code, value in new.items() if (problem := _problem(FIELDS[code], value))}
    if problems:
        raise Invalid(_("资料没有保存，请修改标出的内容。其他内容保留在页面上。"), fields=problems)
    overtaken = [now[code].label for code in new if seen is not None and now[code].version > seen]
    if overtaken:
        raise Changed(
            _("您打开页面以后，%(fields)s 已被改过，您的修改没有保存。") % {"fields": "、".join(overtaken)},
            case=enterprise,
            advice=_("请先看最新内容，再决定是否继续修改。"),
        )
    own = getattr(by, "organisation_id", None) in (None, enterprise.organisation_id)
    versions = [
        RecordField(
            enterprise=enterprise,
            code=code,
            value=value,
            source=source or (RecordField.Source.ENTERED if own else RecordField.Source.MANAGER),
            source_label=source_label,
            confidence=confidence,
            valid_until=valid_until,
            recorded_at=at,
            recorded_by=by.actor_key,
        )
        for code, value in new.items()
    ]
    for version in versions:
        version.save()
    if versions:
        # Which fields and versions, not the values: a person's phone must not stand in a ledger that never forgets.
        record(
            "enterprise.fields_entered",
            enterprise,
            by=by,
            at=at,
            organisation=enterprise.organisation_id,
            fields={version.code: version.pk for version in versions},
        )
    return versions


@transaction.atomic
def take_customer(organisation: Organisation, *, manager: Member, by: Actor, at: datetime) -> Relation:
    """Make `organisation` a customer of the manager's institution. One manager per institution: a second is refused."""
    enterprise = enterprise_of(organisation)
    relation, new = Relation.objects.get_or_create(
        guarantor=manager.organisation, enterprise=enterprise, defaults={"manager": manager, "since": at}
    )
    if not new:
        if relation.manager_id != manager.pk:
            raise Invalid(
                _("%(name)s 已由 %(manager)s 负责。") % {"name": organisation, "manager": relation.manager.user.name},
                advice=_("一家企业在本机构只有一位客户经理。"),
            )
        return relation
    record("enterprise.customer_taken", enterprise, by=by, at=at, guarantor=manager.organisation_id, manager=manager.pk)
    return relation


def may_enter(enterprise: Enterprise, by: Actor) -> None:
    """Raise NotPermitted unless `by` may enter fields: the enterprise's own people, its account manager, the system."""
    if by is SYSTEM:
        return
    own = getattr(by, "organisation_id", None) == enterprise.organisation_id and by.can("enterprises.edit")
    if own or (isinstance(by, Member) and enterprise.relations.filter(manager=by).exists()):
        return
    raise NotPermitted(_("您没有修改这家企业资料的权限。"), advice=_("企业资料由本企业经办人或负责的客户经理修改。"))


def _problem(field: Field, value: str) -> str:
    """Return what is wrong with a value, in words for the person; empty when it may stand."""
    if not value:
        return _("%(label)s是必填项，不能清空。") % {"label": field.label} if field.required else ""
    if len(value) > 500:
        return _("最多 500 个字。")
    if field.kind == "phone" and not re.fullmatch(r"1\d{10}|0\d{2,3}-?\d{7,8}", value):
        return _("请填写 11 位手机号，或带区号的座机。")
    if field.kind == "money" and not (value.isascii() and value.isdigit() and 0 < int(value) < 10**15):
        return _("请填写大于 0 的金额。")
    if field.kind == "uscc":
        return "；".join(uscc.problems(value))
    return ""
