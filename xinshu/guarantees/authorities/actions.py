"""What can be done with the authority table: a row proposed, set by a second person, or the proposal thrown away."""

from collections.abc import Collection
from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.refusals import Invalid, NotPermitted
from xinshu.guarantees.actions.terms_of_business import set_authority
from xinshu.guarantees.authorities.lifecycle import LIFECYCLE
from xinshu.guarantees.authorities.models import AuthorityDraft
from xinshu.guarantees.kinds import KINDS, Kind
from xinshu.guarantees.law.legal import RULES
from xinshu.ledger.recording import record

_COMMON = {
    "identity.verified": "主体身份未核验",
    "record.complete": "企业资料不全或过期",
    "documents.complete": "申请材料不全",
    "period.contract": "担保期限没有覆盖合同工期",
}


def waivable(kind: Kind) -> dict[str, str]:
    """Return the rules whose "unknown" a house may let pass without a person, each in words."""
    caps = {cap.rule: cap.source for cap in kind.caps if not cap.checked}
    return {**{rule: _(words) for rule, words in _COMMON.items()}, **caps,
            **{rule: RULES[rule].source for rule in kind.rules if rule in RULES}}  # fmt: skip


@transaction.atomic
def propose_authority(
    kind: str, *, unverified: bool, auto_amount: int, person_amount: int, waives: Collection[str], by: Member,
    at: datetime,
) -> AuthorityDraft:  # fmt: skip
    """Propose a row of the own house's table. Amounts in 分. Raises Invalid per field."""
    house = by.organisation
    draft = AuthorityDraft(state="proposed", guarantor=house)
    LIFECYCLE.step("propose_authority", draft, by)
    if house.kind not in Organisation.ISSUERS:
        raise NotPermitted(_("只有担保公司、银行和保险公司有审批授权表。"))
    problems = {}
    if kind not in KINDS or KINDS[kind].retired:
        problems["kind"] = _("请选择可以申请的类型")
    elif unknown := set(waives) - waivable(KINDS[kind]).keys():
        problems["waives"] = _("没有这样的规则：%(names)s") % {"names": "、".join(sorted(unknown))[:80]}
    if person_amount < auto_amount or person_amount <= 0:
        problems["person_amount"] = _("应大于零，不低于自动审批的金额")
    if problems:
        raise Invalid(_("授权没有保存，请修改标出的内容。"), advice=_("已填写的内容都在。"), fields=problems)
    try:
        with transaction.atomic():
            draft = AuthorityDraft.objects.create(
                state="proposed", guarantor=house, kind=kind, unverified=unverified, auto_amount=auto_amount,
                person_amount=person_amount, waives=sorted(waives), author=by.user_id, created_at=at, changed_at=at,
            )  # fmt: skip
    except IntegrityError as error:
        raise Invalid(
            _("这一行已有一份待确认的变更。"), advice=_("请先确认或作废它。"), fields={"kind": _("已有待确认的变更")}
        ) from error
    record(
        "authority.proposed", draft, by=by, at=at, kind_code=kind, unverified=unverified, auto_amount=auto_amount,
        person_amount=person_amount, waives=sorted(waives),
    )  # fmt: skip
    return draft


@transaction.atomic
def confirm_authority(draft: AuthorityDraft, *, by: Member, at: datetime) -> AuthorityDraft:
    """Let the row hold, by somebody who did not propose it."""
    draft = AuthorityDraft.objects.locked(draft)
    step = LIFECYCLE.step("set_authority", draft, by)
    if by.user_id == draft.author:
        raise NotPermitted(_("您起草了这份变更，须由另一人确认。"))
    draft.change(step, changed_at=at)
    set_authority(
        draft.guarantor, draft.kind, unverified=draft.unverified, auto_amount=draft.auto_amount,
        person_amount=draft.person_amount, waives=draft.waives, by=by, at=at,
    )  # fmt: skip
    return draft


@transaction.atomic
def discard_authority(draft: AuthorityDraft, *, by: Member, at: datetime, reason: str) -> AuthorityDraft:
    """Throw the proposal away; what holds goes on holding."""
    draft = AuthorityDraft.objects.locked(draft)
    step = LIFECYCLE.step("discard_authority", draft, by)
    if len(reason.strip()) < 4:
        raise Invalid(_("请写明作废的原因。"), fields={"reason": _("至少 4 个字")})
    draft.change(step, changed_at=at)
    record("authority.discarded", draft, by=by, at=at, reason=reason.strip()[:500])
    return draft
