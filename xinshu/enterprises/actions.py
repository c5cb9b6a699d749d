"""What can be done with a record: enter fields, verify them against their source, decide where sources contradict."""

import re
from collections.abc import Iterable, Mapping
from copy import copy
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core import uscc
from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.clock import local_day
from xinshu.core.refusals import Changed, Invalid, NotNow, NotPermitted
from xinshu.documents.models import File
from xinshu.enterprises.conflicts import Word, takes_over
from xinshu.enterprises.fields import FIELDS, Field
from xinshu.enterprises.managers import take_customer
from xinshu.enterprises.models import Enterprise, PartAge, RecordField, Settlement
from xinshu.enterprises.queries import STALE, FieldView, record_of
from xinshu.ledger.recording import record

__all__ = ["Origin", "enter_fields", "enterprise_of", "may_enter", "settle", "take_customer", "verify_fields"]


@dataclass(frozen=True)
class Origin:
    """Where values come from: the source, which one of them, its document and the place there (models.RecordField).

    `verified_by` compared them with that document: what a machine doubted when reading no longer counts.
    """

    source: str = ""  # RecordField.Source; "": whoever enters them
    label: str = ""
    file: File | None = None
    place: Mapping[str, Any] = field(default_factory=dict)
    confidence: Decimal | None = None
    valid_from: date | None = None  # None: since the day they are entered
    valid_until: date | None = None
    verified_by: Member | None = None


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
    origin: Origin | None = None,
) -> list[RecordField]:
    """Add a version of every field whose value is new (or was stale and is confirmed), and one entry for all of them.

    `values` by field code, money in 分 as digits; empty takes a value away. A value that contradicts what stands and
    may not overrule it (conflicts.py) is kept beside it until somebody settles it; it is not among those returned.
    `origin` says where the values come from (or in short `source` to `valid_until`). `seen` is the highest version that
    the person had before them: Raises Changed when a field to be written has a newer one, Invalid per field,
    NotPermitted.
    """
    origin = origin or Origin(source, source_label, confidence=confidence, valid_until=valid_until)
    enterprise = Enterprise.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=enterprise.pk)
    may_enter(enterprise, by)
    values = {code: value.strip() for code, value in values.items()}
    now = {view.code: view for view in record_of(enterprise.organisation, local_day(at))}
    new = {
        code: value
        for code, value in values.items()
        if value != now[code].value or (value and now[code].state == STALE)
    }
    problems = {code: problem for code, value in new.items() if (problem := problem_of(FIELDS[code], value))}
    if problems:
        raise Invalid(_("资料没有保存，请修改标出的内容。其他内容保留在页面上。"), fields=problems)
    overtaken = [now[code].label for code in new if seen is not None and now[code].version > seen]
    if overtaken:
        raise Changed(
            _("您打开页面以后，%(fields)s 已被改过，您的修改没有保存。") % {"fields": "、".join(overtaken)},
            case=enterprise,
            advice=_("请先看最新内容，再决定是否继续修改。"),
        )
    kept = [_version(enterprise, code, value, now[code], origin, by, at) for code, value in new.items()]
    rivals = [version for version in kept if version.aside]
    versions = [version for version in kept if not version.aside]
    if isinstance(by, Member) and not origin.source:
        versions += [_onwards(version, now[version.code]) for version in versions if _begins_before(version, now)]
    known = set(_open_values(enterprise, rivals))
    rivals = [version for version in rivals if (version.code, version.value) not in known]
    for version in (*versions, *rivals):
        version.save()
    _touch(enterprise, {version.code for version in versions}, by, at)
    _settle_what_agrees(versions, by, at)
    # Which fields and versions, not the values: a person's phone must not stand in a ledger that never forgets.
    for kind, of_kind in (("enterprise.fields_entered", versions), ("enterprise.contradicted", rivals)):
        if of_kind:
            record(
                kind, enterprise, by=by, at=at, organisation=enterprise.organisation_id,
                fields={version.code: version.pk for version in of_kind},
            )  # fmt: skip
    return versions


def _version(
    enterprise: Enterprise, code: str, value: str, now: FieldView, origin: Origin, by: Actor, at: datetime
) -> RecordField:
    own = getattr(by, "organisation_id", None) in (None, enterprise.organisation_id)
    source = origin.source or (RecordField.Source.ENTERED if own else RecordField.Source.MANAGER)
    aside = False
    trust = None if origin.verified_by is not None else origin.confidence
    past = origin.valid_from is not None and now.valid_from is not None and origin.valid_from < now.valid_from
    if past or (isinstance(by, Member) and not origin.source):
        pass  # what was true earlier contradicts nothing; a person had the present value before them
    elif now.value and value != now.value:
        standing = Word(now.value, now.source_code or RecordField.Source.ENTERED, verified=now.verified_at is not None)
        aside = not takes_over(Word(value, source, trust), standing)
    elif not now.value:
        aside = not takes_over(Word(value, source, trust), Word("", source))
    return RecordField(
        enterprise=enterprise,
        code=code,
        value=value,
        source=source,
        source_label=origin.label,
        source_file=origin.file,
        place=dict(origin.place),
        confidence=origin.confidence,
        valid_from=origin.valid_from or local_day(at),
        valid_until=origin.valid_until,
        recorded_at=at,
        recorded_by=by.actor_key,
        verified_by=origin.verified_by,
        verified_at=at if origin.verified_by is not None else None,
        aside=aside,
    )


def _begins_before(version: RecordField, now: Mapping[str, FieldView]) -> bool:
    standing = now[version.code].valid_from
    return standing is not None and version.valid_from < standing


def _onwards(version: RecordField, standing: FieldView) -> RecordField:
    """Return `version` once more, from the day of what stands: a person who corrects since earlier means now, too."""
    again = copy(version)
    assert standing.valid_from is not None
    again.valid_from = standing.valid_from
    return again


def _open_values(enterprise: Enterprise, rivals: list[RecordField]) -> Iterable[tuple[str, str]]:
    """Return (code, value) of what stands aside already, so that nobody has to decide on the same thing twice."""
    if not rivals:
        return ()
    codes = {version.code for version in rivals}
    return enterprise.fields.contradicting().filter(code__in=codes).values_list("code", "value")


def _touch(enterprise: Enterprise, codes: set[str], by: Actor, at: datetime) -> None:
    """Remember when the parts of these fields were last looked at."""
    parts = sorted({FIELDS[code].part for code in codes})
    PartAge.objects.bulk_create(
        (PartAge(enterprise=enterprise, part=part, updated_at=at, updated_by=by.actor_key) for part in parts),
        update_conflicts=True,
        unique_fields=["enterprise", "part"],
        update_fields=["updated_at", "updated_by"],
    )


def _settle_what_agrees(versions: list[RecordField], by: Actor, at: datetime) -> None:
    """Close what stood aside with the very value that has now come in."""
    if not versions:
        return
    came = {(version.code, version.value): version for version in versions}
    beside = versions[0].enterprise.fields.contradicting().filter(code__in={version.code for version in versions})
    Settlement.objects.bulk_create(
        Settlement(version=rival, taken=True, entered=came[rival.code, rival.value], reason=_("与新的资料一致"), at=at,
                   by=by.actor_key)
        for rival in beside if (rival.code, rival.value) in came
    )  # fmt: skip


@transaction.atomic
def verify_fields(enterprise: Enterprise, codes: Iterable[str], *, by: Member, at: datetime) -> list[RecordField]:
    """Note that `by` compared the standing values of these fields with their sources: each gets a verified version.

    What is stale becomes fresh by it. Raises NotPermitted, NotNow where there is nothing to verify.
    """
    enterprise = Enterprise.objects.select_for_update(of=("self",)).select_related("organisation").get(pk=enterprise.pk)
    may_enter(enterprise, by)
    wanted = set(codes)
    on = local_day(at)
    views = [view for view in record_of(enterprise.organisation, on) if view.code in wanted and view.version]
    versions = []
    for old in enterprise.fields.filter(pk__in=[view.version for view in views if view.value]).order_by("id"):
        old.pk, old._state.adding = None, True
        old.recorded_at, old.recorded_by = at, by.actor_key
        old.verified_by, old.verified_at = by, at
        if old.valid_until is not None and old.valid_until < on:
            continue  # the paper has ended: looking at it again does not prolong it
        old.save()
        versions.append(old)
    if not versions:
        raise NotNow(_("没有可以核实的内容，资料保持不变。"), advice=_("还没有填写或证照已到期的，请先更新。"))
    _touch(enterprise, {version.code for version in versions}, by, at)
    record(
        "enterprise.fields_verified", enterprise, by=by, at=at, organisation=enterprise.organisation_id,
        fields={version.code: version.pk for version in versions},
    )  # fmt: skip
    return versions


@transaction.atomic
def settle(version: RecordField, *, take: bool, reason: str, by: Member, at: datetime) -> Settlement:
    """Decide on a contradicting value: take it up into the record, or leave what stands. It always has a reason.

    Raises NotPermitted, Invalid without a reason, NotNow when it was decided already.
    """
    enterprise = Enterprise.objects.select_for_update(of=("self",)).get(pk=version.enterprise_id)
    may_enter(enterprise, by)
    if not reason.strip():
        raise Invalid(_("请写明原因。"), fields={"reason": _("还没有填写")})
    if not enterprise.fields.contradicting().filter(pk=version.pk).exists():
        raise NotNow(_("这一处不一致已经有人决定了。"), advice=_("刷新页面可以看到决定和原因。"))
    entered = None
    if take:
        entered = RecordField(
            **{
                name: getattr(version, name)
                for name in ("enterprise", "code", "value", "source", "source_label", "source_file", "place",
                             "confidence", "valid_until")
            },
            valid_from=max(version.valid_from, _standing_since(enterprise, version.code, at)),
            recorded_at=at, recorded_by=by.actor_key, verified_by=by, verified_at=at,
        )  # fmt: skip
        entered.save()
        _touch(enterprise, {version.code}, by, at)
    settlement = Settlement.objects.create(
        version=version, taken=take, entered=entered, reason=reason.strip()[:500], at=at, by=by.actor_key
    )
    record(
        "enterprise.settled", enterprise, by=by, at=at, organisation=enterprise.organisation_id, field=version.code,
        version=version.pk, taken=take, reason=settlement.reason,
    )  # fmt: skip
    if entered is not None:
        record(
            "enterprise.fields_entered", enterprise, by=by, at=at, organisation=enterprise.organisation_id,
            fields={entered.code: entered.pk},
        )  # fmt: skip
    return settlement


def _standing_since(enterprise: Enterprise, code: str, at: datetime) -> date:
    """Return the day from which the standing value holds: what is taken up instead must not begin before it."""
    found = (
        enterprise.fields.standing().filter(code=code, valid_from__lte=local_day(at)).order_by("-valid_from").first()
    )
    return found.valid_from if found is not None else date.min


def may_enter(enterprise: Enterprise, by: Actor) -> None:
    """Raise NotPermitted unless `by` may enter fields: the enterprise's own people, its account manager, the system."""
    if by is SYSTEM:
        return
    own = getattr(by, "organisation_id", None) == enterprise.organisation_id and by.can("enterprises.edit")
    if own or (isinstance(by, Member) and enterprise.relations.filter(manager=by).exists()):
        return
    raise NotPermitted(_("您没有修改这家企业资料的权限。"), advice=_("企业资料由本企业经办人或负责的客户经理修改。"))


def problem_of(field: Field, value: str) -> str:
    """Return what is wrong with a value, in words for the person; empty when it may stand."""
    if not value:
        return _("%(label)s是必填项，不能清空。") % {"label": field.label} if field.required else ""
    if len(value) > 500:
        return _("最多 500 个字。")
    if field.kind == "phone" and not re.fullmatch(r"1\d{10}|0\d{2,3}-?\d{7,8}", value):
        return _("请填写 11 位手机号，或带区号的座机。")
    if field.kind == "money" and not (value.isascii() and value.isdigit() and 0 < int(value) < 10**15):
        return _("请填写大于 0 的金额。")
    if field.kind == "count" and not (value.isascii() and value.isdigit() and int(value) < 10**7):
        return _("请填写整数。")
    if field.kind == "day":
        return _day_problem(value)
    if field.kind == "uscc":
        return "；".join(uscc.problems(value))
    return ""


def _day_problem(value: str) -> str:
    try:
        if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", value):
            raise ValueError
        date.fromisoformat(value)
    except ValueError:
        return _("请填写日期，例如 2015-06-30。")
    return ""
