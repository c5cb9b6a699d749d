"""Amending (修改): proposed, agreed and issued by the guarantor, accepted by the beneficiary as a whole, or not at all.

The old terms stay in force until the acceptance. An increase takes up the line at agreement, so that what was issued
can always be kept.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.books.lines import free, keep, occupy_more, reserve, void_reservation
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import local_day
from xinshu.core.money import yuan
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.documents.models import SealedDocument
from xinshu.guarantees.actions.approval import StillObstructed, hold_ends
from xinshu.guarantees.changing import AMENDMENT, AMENDMENT_OPEN
from xinshu.guarantees.gates import ISSUE, SUBMIT, must_pass
from xinshu.guarantees.history import digest_of, note, remember
from xinshu.guarantees.judging.authority import authority_for
from xinshu.guarantees.law.legal import in_force
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.models import PARTIES, Amendment, Guarantee, Payment
from xinshu.guarantees.pricing import Discount, Quote, QuoteLine, longer, quote
from xinshu.guarantees.terms_now import NAMES, last_day, values_now
from xinshu.work.actions.approvals import approval_of, sign, start_approval, withdraw

KIND = "amendment"
LONGEST = 120  # characters of a name in a letter


@transaction.atomic
def propose_amendment(
    guarantee: Guarantee,
    *,
    by: Member,
    at: datetime,
    reason: str,
    new_amount: int | None = None,
    new_expires_on: date | None = None,
    wording: Mapping[str, str] | None = None,
) -> Amendment:
    """Ask the guarantor for other terms. What is left out, or reads as before, stays as it is.

    Within what rules may pass alone it is agreed at once, an increase reserved; else the guarantor's committee has it.
    """
    guarantee = Guarantee.objects.locked(guarantee)
    step = LIFECYCLE.step("amend", guarantee, by)
    must_be_open_to_change(guarantee, at)
    if guarantee.amendments.filter(state__in=AMENDMENT_OPEN).exists():
        raise NotNow(_("这笔保函已有一份修改在办理，不能再提一份。"), advice=_("请等它办完，或先撤回。"))
    amendment = Amendment(
        guarantee=guarantee, state="in_review", reason=reason.strip()[:500],
        old_amount=guarantee.amount or 0, before=values_now(guarantee),
        **_changes(guarantee, new_amount, new_expires_on, wording or {}, local_day(at)),
        proposed_at=at, changed_at=at,
    )  # fmt: skip
    if raises_risk(amendment):  # more or longer is new business, as an application is
        must_pass(guarantee, SUBMIT, at)
    fee = difference(guarantee, amendment.new_amount, amendment.new_expires_on, local_day(at))
    amendment.fee_amount, amendment.fee_lines = fee.total, [vars(line) for line in fee.lines]
    amendment.save()
    guarantee.change(step, at=at)
    note("amendment.proposed", amendment, by=by, at=at, changes=changes_of(amendment), fee=fee.total, reason=reason)
    remember("guarantee.amendment_proposed", guarantee, by=by, at=at, amendment=amendment.reference, reason=reason)
    if passes_alone(amendment):
        return _agree(amendment, "", at=at)
    facts, keepers = judged_facts(amendment), [by.user_id]
    start_approval(
        amendment, organisation=guarantee.guarantor, kind=KIND, facts=facts, keepers=keepers, by=SYSTEM, at=at
    )
    return amendment


def must_be_open_to_change(guarantee: Guarantee, at: datetime) -> None:
    """Raise NotNow where a guarantee in force cannot be changed: sealed till the opening, or its last day is over."""
    if guarantee.is_secret(at):
        raise NotNow(_("开标前投标保函对受益人保密，不能办理变更。"), advice=_("开标后可以办理，函件现在保持有效。"))
    if last_day(guarantee) < local_day(at):
        raise NotNow(_("保函的最后一日已经过去，不能再变更。"), advice=_("需要继续担保的，请办理续保。"))


def _changes(
    guarantee: Guarantee, amount: int | None, expires_on: date | None, wording: Mapping[str, str], on: date
) -> dict[str, Any]:
    """Return what really differs, judged. Raises Invalid."""
    now = values_now(guarantee)
    assert guarantee.amount is not None
    assert guarantee.effective_on is not None
    worded = {name: " ".join(words.split()) for name, words in wording.items() if name in NAMES and words.strip()}
    worded = {name: words for name, words in worded.items() if words != now[name]}
    amount = None if amount == guarantee.amount else amount
    expires_on = None if expires_on == guarantee.expires_on else expires_on
    problems = {name: _("不超过 %(n)d 个字") % {"n": LONGEST} for name, words in worded.items() if len(words) > LONGEST}
    if amount is not None:
        problems |= _wrong_amount(guarantee, amount, on)
    if expires_on is not None and expires_on < max(on, guarantee.effective_on):
        problems["new_expires_on"] = _("不能早于今天和生效日")
    if problems:
        raise Invalid("；".join(problems.values()) + "。", fields=problems, advice=_("修改后再提交，已填内容都在。"))
    if amount is None and expires_on is None and not worded:
        raise Invalid(_("没有要修改的内容，各项都与现在相同。"), fields={"new_amount": _("与现在相同")})
    return {"new_amount": amount, "new_expires_on": expires_on, "wording": worded}


def _wrong_amount(guarantee: Guarantee, amount: int, on: date) -> dict[str, str]:
    assert guarantee.amount is not None
    if amount <= 0:
        return {"new_amount": _("应大于零；要解除担保，请办理退保")}
    if amount < guarantee.amount - guarantee.available_amount:
        low = yuan(guarantee.amount - guarantee.available_amount)
        return {"new_amount": _("不能少于已索赔和已付的 %(low)s 元") % {"low": low}}
    if amount > guarantee.amount:
        for cap in in_force(guarantee.type.caps, on, guarantee.project.regime):
            limit = cap.limit(guarantee.base_amount)
            if cap.checked and limit is not None and amount > limit:
                return {"new_amount": _("超过法定上限 %(limit)s 元（%(source)s）") % {
                    "limit": yuan(limit), "source": cap.source}}  # fmt: skip
    return {}


def difference(guarantee: Guarantee, new_amount: int | None, new_expires_on: date | None, on: date) -> Quote:
    """Return what the change costs, by the tariff bound at issue: nothing is given back for less.

    The old face over the added days, and the added face from the day of the proposal to the new end, without a minimum
    of its own.
    """
    if guarantee.tariff is None or guarantee.amount is None:
        return Quote(0, ())
    assert guarantee.effective_on is not None
    assert guarantee.expires_on is not None
    terms, lines = guarantee.tariff.terms(), []
    off = Discount(guarantee.discount_rate, guarantee.tier)  # as at issue: a change is charged as the rest was
    end = new_expires_on or guarantee.expires_on
    if added := longer(guarantee.amount, guarantee.effective_on, guarantee.expires_on, end, terms, off):
        words = _("%(amount)s 元，由 %(old)s 延至 %(new)s") % {
            "amount": yuan(guarantee.amount), "old": guarantee.expires_on.isoformat(), "new": end.isoformat(),
        }  # fmt: skip
        lines.append(QuoteLine(_("展期补缴"), words, added))
    extra = 0 if new_amount is None else new_amount - guarantee.amount
    if extra > 0:
        more = quote(extra, max(on, guarantee.effective_on), end, terms.without_minimum(), off)
        lines += [QuoteLine(_("增额补缴"), line.basis, line.amount) for line in more.lines]
    return Quote(sum(line.amount or 0 for line in lines), tuple(line for line in lines if line.amount))


def changes_of(amendment: Amendment) -> dict[str, Any]:
    """Return the terms that the amendment puts in place of the old, as JSON: 分, ISO days, words."""
    told: dict[str, Any] = dict(amendment.wording)
    if amendment.new_amount is not None:
        told["amount"] = amendment.new_amount
    if amendment.new_expires_on is not None:
        told["expires_on"] = amendment.new_expires_on.isoformat()
    return told


def raises_risk(amendment: Amendment) -> bool:
    """Return whether the guarantor would promise more, or for longer."""
    guarantee = amendment.guarantee
    assert guarantee.expires_on is not None
    longer = amendment.new_expires_on is not None and amendment.new_expires_on > guarantee.expires_on
    return longer or amendment.extra > 0


def passes_alone(amendment: Amendment) -> bool:
    """Return whether no person need judge it: it promises no more, or the whole stays within the authority of rules."""
    if not raises_risk(amendment):
        return True
    authority = authority_for(amendment.guarantee)
    face = amendment.new_amount or amendment.guarantee.amount or 0
    return authority is not None and face <= authority.auto_amount


def judged_facts(amendment: Amendment) -> dict[str, Any]:
    """Return what the signatures stand on. JSON values only."""
    guarantee, authority = amendment.guarantee, authority_for(amendment.guarantee)
    face = amendment.new_amount or guarantee.amount or 0
    return {
        "amount": face,
        "kind": guarantee.kind,
        "verified": guarantee.applicant.verified,
        "above_authority": authority is None or face > authority.person_amount,
        "changes": changes_of(amendment),
        "fee": amendment.fee_amount,
    }


@transaction.atomic
def approve_amendment(
    amendment: Amendment, *, by: Member, at: datetime, opinion: str, seat: int | None = None
) -> Amendment:
    """Sign at the open level; with the last signature the increase is reserved and the applicant charged."""
    amendment = Amendment.objects.locked(amendment)
    AMENDMENT.step("approve", amendment, by)
    if authority_for(amendment.guarantee) is None:
        raise NotPermitted(_("审批授权表没有这类保函，谁都不能批准。"), advice=_("请先补充审批授权。"))
    approval = _approval(amendment)
    facts = judged_facts(amendment)
    approval = sign(approval, amendment, approves=True, facts=facts, opinion=opinion, by=by, at=at, seat=seat)
    return _agree(amendment, by.actor_key, at=at) if approval.state == "passed" else amendment


def _approval(amendment: Amendment) -> Any:
    approval = approval_of(amendment)
    if approval is None or approval.state != "open":
        raise NotNow(_("这份修改不在审批中。"), advice=_("刷新页面可以看到最新进展。"))
    return approval


def _agree(amendment: Amendment, reviewer: str, *, at: datetime) -> Amendment:
    """Let the guarantor's house stand by it: reserve what is more, and have the difference paid where there is one."""
    guarantee, due = amendment.guarantee, amendment.fee_amount > 0
    if amendment.extra > 0:
        due_at = hold_ends(guarantee, at) if due else None
        reserve(guarantee.guarantor, guarantee.applicant, amendment.extra, for_=amendment, at=at, due_at=due_at)
    state = "fee_due" if due else "to_issue"
    amendment.change(at=at, state=state, decided_at=at, reviewed_by_key=reviewer)
    note("amendment.agreed", amendment, by=SYSTEM, at=at, fee=amendment.fee_amount, extra=amendment.extra)
    return amendment


@transaction.atomic
def decline_amendment(
    amendment: Amendment, *, by: Member, at: datetime, reason: str, seat: int | None = None
) -> Amendment:
    """Vote against it, or give it up before the letter. The old terms stay."""
    amendment = Amendment.objects.locked(amendment)
    step = AMENDMENT.step("decline", amendment, by)
    if amendment.state == "in_review":
        approval, facts = _approval(amendment), judged_facts(amendment)
        approval = sign(approval, amendment, approves=False, facts=facts, opinion=reason, by=by, at=at, seat=seat)
        if approval.state != "rejected":
            return amendment
    return _end(amendment, step, "amendment.declined", by=by, at=at, reason=reason)


@transaction.atomic
def withdraw_amendment(amendment: Amendment, *, by: Member, at: datetime, reason: str) -> Amendment:
    """Give the proposal up; a difference that was paid goes back."""
    amendment = Amendment.objects.locked(amendment)
    step = AMENDMENT.step("withdraw", amendment, by)
    approval = approval_of(amendment)
    if approval is not None and approval.state == "open":
        withdraw(approval, amendment, reason=reason, by=by, at=at)
    return _end(amendment, step, "amendment.withdrawn", by=by, at=at, reason=reason)


@transaction.atomic
def issue_amendment(amendment: Amendment, *, by: Member, at: datetime) -> Amendment:
    """Bind the guarantor to it (URDG 11). Sealing and the way to the beneficiary follow."""
    amendment = Amendment.objects.locked(amendment)
    step = AMENDMENT.step("issue", amendment, by)
    if amendment.reviewed_by_key == by.actor_key:
        raise NotPermitted(_("审批和签发须由两人办理，这份修改由您审批，请由其他签发人签发。"))
    guarantee = held(amendment.guarantee_id)
    LIFECYCLE.step("take_over", guarantee, SYSTEM)
    must_be_open_to_change(guarantee, at)
    if raises_risk(amendment):
        must_pass(guarantee, ISSUE, at)
    last = guarantee.amendments.aggregate(last=Max("number"))["last"] or 0
    amendment.change(step, at=at, number=last + 1, issued_at=at)
    note("amendment.issued", amendment, by=by, at=at, number=last + 1, changes=changes_of(amendment))
    return amendment


@transaction.atomic
def offer_amendment(
    amendment: Amendment, letter: SealedDocument, *, values: dict[str, object], at: datetime
) -> Amendment:
    """Send the sealed amendment letter to the beneficiary. Its silence is no acceptance, however long."""
    amendment = Amendment.objects.locked(amendment)
    step = AMENDMENT.step("offer", amendment, SYSTEM)
    amendment.change(step, at=at, letter=letter, letter_values=values, offered_at=at)
    note(
        "amendment.offered", amendment, by=SYSTEM, at=at, number=amendment.number, letter=letter.pdf_sm3,
        sm2_signature=letter.sm2_signature, values=digest_of(values),
    )  # fmt: skip
    return amendment


@transaction.atomic
def accept_amendment(amendment: Amendment, *, by: Member, at: datetime) -> Amendment:
    """Accept as a whole: from this moment the new terms are the guarantee's."""
    amendment = Amendment.objects.locked(amendment)
    step = AMENDMENT.step("accept", amendment, by)
    guarantee = amendment.guarantee = held(amendment.guarantee_id)
    taking = LIFECYCLE.step("take_over", guarantee, SYSTEM)
    must_be_open_to_change(guarantee, at)
    if amendment.new_amount is not None and amendment.old_amount != guarantee.amount:
        raise NotNow(
            _("保函金额在修改提出以后变动过，修改函上的金额不能再用。"),
            advice=_("可以不接受这份修改，请申请人按现在的金额重新提出。"),
        )
    extra = amendment.extra
    if guarantee.available_amount + extra < 0:
        raise NotNow(
            _("可索赔余额 %(left)s 元，不够减去 %(less)s 元。")
            % {"left": yuan(guarantee.available_amount), "less": yuan(-extra)},
            advice=_("已提出的索赔决定以后再办。"),
        )
    if extra > 0:
        void_reservation(amendment, at=at)
        occupy_more(guarantee, extra, key=f"amendment:{amendment.pk}", at=at)
    elif extra < 0:
        free(guarantee, -extra, key=f"amendment:{amendment.pk}", at=at)
    changes: dict[str, Any] = {"worded": {**guarantee.worded, **amendment.wording}}
    if amendment.new_amount is not None:
        changes |= {
            "amount": amendment.new_amount,
            "available_amount": guarantee.available_amount + extra,
            "increased_amount": guarantee.increased_amount + max(extra, 0),
            "reduced_amount": guarantee.reduced_amount + max(-extra, 0),
        }
    if amendment.new_expires_on is not None:
        changes["expires_on"] = amendment.new_expires_on
    amendment.change(step, at=at, ended_at=at)
    guarantee.change(taking, at=at, **changes)
    note("amendment.accepted", amendment, by=by, at=at, number=amendment.number)
    assert amendment.letter is not None
    remember(
        "guarantee.amended", guarantee, by=by, at=at, amendment=amendment.reference, number=amendment.number,
        letter=amendment.letter.pdf_sm3, values=digest_of(amendment.letter_values), terms=values_now(guarantee),
    )  # fmt: skip
    return amendment


@transaction.atomic
def reject_amendment(amendment: Amendment, *, by: Member, at: datetime, reason: str) -> Amendment:
    """Not accept it; accepting a part of it is this, too. The old terms stay."""
    amendment = Amendment.objects.locked(amendment)
    step = AMENDMENT.step("reject", amendment, by)
    return _end(amendment, step, "amendment.rejected", by=by, at=at, reason=reason)


@transaction.atomic
def lapse_amendment(amendment: Amendment, *, at: datetime, reason: str) -> Amendment:
    """End what can come to nothing any more: the guarantee is over, or its difference was never paid."""
    amendment = Amendment.objects.locked(amendment)
    step = AMENDMENT.step("lapse", amendment, SYSTEM)
    approval = approval_of(amendment)
    if approval is not None and approval.state == "open":
        withdraw(approval, amendment, reason=reason, by=SYSTEM, at=at)
    return _end(amendment, step, "amendment.lapsed", by=SYSTEM, at=at, reason=reason)


def _end(amendment: Amendment, step: Any, kind: str, *, by: Any, at: datetime, reason: str) -> Amendment:
    """Bring it to an end without effect: what was reserved is free, what was paid goes back."""
    if amendment.payments.filter(state=Payment.State.REQUESTED).exists():
        raise StillObstructed(_("补缴的保费正在支付，请等支付结果。"), advice=_("到账后再办，所缴保费会退回。"))
    void_reservation(amendment, at=at)
    order = ""
    payment = amendment.payments.filter(state=Payment.State.CONFIRMED).first()
    if payment is not None:
        payment.state, order = Payment.State.REFUNDING, payment.order_number
        payment.save(update_fields=["state"])
    amendment.change(step, at=at, ended_at=at)
    note(kind, amendment, by=by, at=at, reason=reason, order=order)
    return amendment


def held(pk: int) -> Guarantee:
    """Return a guarantee as it stands, its row locked until the transaction ends."""
    cases = Guarantee.objects.select_related(*PARTIES, "tariff").select_for_update(of=("self",))
    return cases.get(pk=pk)


def keep_reserved(amendment: Amendment) -> None:
    """Let the reserved increase wait for the beneficiary however long that takes."""
    if amendment.extra > 0:
        keep(amendment)
