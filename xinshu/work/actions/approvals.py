"""Running an approval: start, sign, add a signer, return, resubmit, withdraw. The plan decides who may.

No act of the committee may leave the approval shorter of people than it was; see plan.py and decision 11.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from django.db import models, transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.cases import random_code
from xinshu.core.composed import composed
from xinshu.core.refusals import Invalid, NotPermitted, Refusal
from xinshu.ledger.recording import record
from xinshu.work import plan as plans
from xinshu.work.actions.plans import plan_in_use
from xinshu.work.cases import KINDS
from xinshu.work.lifecycle import APPROVAL
from xinshu.work.models import Approval, Signature
from xinshu.work.plan import Level, Mark, Run
from xinshu.work.runs import Table, place, save, table_of, void_lost_marks

MOST_ADDED = 10
SHORTEST_REASON = 4


class NobodyLeft(Refusal):
    """What was asked for would leave the approval without the people that it still needs."""

    title = "这样安排会没有人可签"


def approval_of(case: models.Model) -> Approval | None:
    """Return the approval of `case` that is under way, else its last one, else None."""
    return _last_of.first(case._meta.label_lower, case.pk)


@composed
def _last_of(kind: str, pk: int) -> "models.QuerySet[Approval]":
    found = Approval.objects.filter(subject_type=kind, subject_id=pk)
    return found.select_related("plan", "organisation").order_by("-pk")[:1]


@transaction.atomic
def start_approval(
    case: models.Model,
    *,
    organisation: Organisation,
    kind: str,
    facts: Mapping[str, Any],
    keepers: Iterable[int],
    by: Actor,
    at: datetime,
) -> Approval:
    """Put `case` before the organisation's committee, under the plan in use. `keepers`: users who made the case."""
    plan = plan_in_use(organisation, kind, at=at)
    approval = Approval(
        organisation=organisation,
        kind=kind,
        subject_type=case._meta.label_lower,
        subject_id=case.pk,
        plan=plan,
        levels=plan.levels,
        facts=dict(facts),
        facts_digest=plans.digest_of(facts),
        keepers=sorted(keepers),
        state="open",
        started_at=at,
        opened_at=at,
    )
    approval.save()
    save(approval, table_of(approval, at), at, None, anew=True)
    remember("approval.started", approval, case, by=by, at=at, plan=plan.number, facts=approval.facts_digest)
    return approval


@transaction.atomic
def sign(
    approval: Approval,
    case: models.Model,
    *,
    approves: bool,
    facts: Mapping[str, Any],
    opinion: str,
    by: Member,
    at: datetime,
    seat: int | None = None,
) -> Approval:
    """Give one's opinion at the open level, in the own seat or (`seat`: whose) on behalf of who delegated.

    The facts are those of now: where they are not those that the run stands on, levels that judged them start again.
    """
    approval = Approval.objects.locked(approval)
    APPROVAL.step("sign", approval, by)
    table = _on_facts(approval, case, facts, at)
    level, seat = _seat_for(table, by, seat)
    if not approves:
        opinion = stated(opinion)
    run, outcome = plans.sign(table.run, by.user_id, seat, approves=approves, committee=table.committee)
    act = {plans.PASSED: "pass", plans.REJECTED: "reject", plans.OPEN: "sign"}[outcome]
    step = APPROVAL.step(act, approval, by)
    mark = run.marks[-1]
    delegation = table.delegations.get(by.user_id, {}).get(seat) if seat != by.user_id else None
    put(
        approval,
        Signature.Act.APPROVE if approves else Signature.Act.REJECT,
        level,
        by,
        at,
        opinion,
        mark=mark,
        delegation=delegation,
    )
    _end_stop(approval, at)
    ended: dict[str, Any] = {} if outcome == plans.OPEN else {"ended_at": at, "due_on": None}
    save(approval, replace(table, run=run), at, step, **ended)
    behalf = delegation.principal.actor_label if delegation else ""
    remember(
        "approval.signed", approval, case, by=by, at=at,
        level=level.name, approves=approves, opinion=opinion, on_behalf_of=behalf, facts=mark.digest,
    )  # fmt: skip
    return approval


@transaction.atomic
def add_signer(
    approval: Approval, case: models.Model, *, signer: Member, before: bool, reason: str, by: Member, at: datetime
) -> Approval:
    """加签: have a colleague sign as well, before the open level or after it.

    Raises NobodyLeft when the colleague is needed elsewhere, or made the case.
    """
    approval = Approval.objects.locked(approval)
    step = APPROVAL.step("add", approval, by)
    table = table_of(approval, at)
    level = steered_by(table, by)
    if signer.organisation_id != approval.organisation_id or signer.user_id not in table.committee:
        raise Invalid(_("只能加签本机构有审批权限的人员。"), fields={"signer": _("请从名单中选择")})
    if sum(step.added for step in table.run.levels) >= MOST_ADDED:
        raise Invalid(_("这笔业务已加签 %(n)d 次，不能再加。") % {"n": MOST_ADDED})
    added = Level(
        key=f"+{random_code(6)}",
        name=_("加签：%(name)s") % {"name": signer.user.name},
        people=(signer.user_id,),
        needs=plans.ALL,
        apart=level.apart,
        judges=level.judges,
        working_days=level.working_days,
    )
    run = plans.with_level(table.run, added, beside=level, before=before)
    if signer.user_id in run.keepers or _shorter(run, table):
        raise NobodyLeft(
            _("不能加签%(name)s：此人经办过这笔业务、已经签署过，或者后面的级别离不开此人。")
            % {"name": signer.user.name},
            advice=_("请改选另一位同事。"),
        )
    put(approval, Signature.Act.ADD, level, by, at, stated(reason))
    save(approval, replace(table, run=run), at, step)
    remember(
        "approval.signer_added", approval, case, by=by, at=at,
        level=level.name, signer=signer.actor_label, before=before, reason=reason,
    )  # fmt: skip
    return approval


@transaction.atomic
def return_to_level(
    approval: Approval, case: models.Model, *, key: str, reason: str, by: Member, at: datetime
) -> Approval:
    """Send the case back to an earlier level: its signatures, and all after it, are given anew."""
    approval = Approval.objects.locked(approval)
    step = APPROVAL.step("back", approval, by)
    table = table_of(approval, at)
    level = steered_by(table, by)
    target = next((one for one in plans.earlier(table.run, level) if one.key == key), None)
    if target is None:
        raise Invalid(_("只能退回到前面的级别。"), fields={"level": _("请重新选择")})
    run = plans.returned_to(table.run, key)
    if _shorter(run, table):
        raise NobodyLeft(
            _("不能退回到“%(level)s”：原来的签署人已经不在，重新签署会没有人可签。") % {"level": target.name},
            advice=_("请退回到另一级，或者退回申请人。"),
        )
    put(approval, Signature.Act.BACK, target, by, at, stated(reason))
    void_lost_marks(approval, run, at)
    save(approval, replace(table, run=run), at, step, anew=True)
    remember("approval.level_returned", approval, case, by=by, at=at, level=level.name, to=target.name, reason=reason)
    return approval


@transaction.atomic
def return_to_applicant(approval: Approval, case: models.Model, *, reason: str, by: Member, at: datetime) -> Approval:
    """Send the case back to whoever made it. Finished levels stay finished, unless the facts they judged change."""
    approval = Approval.objects.locked(approval)
    step = APPROVAL.step("return", approval, by)
    level = steered_by(table_of(approval, at), by)
    put(approval, Signature.Act.RETURN, level, by, at, stated(reason))
    _end_stop(approval, at)
    approval.change(step, due_on=None)
    remember("approval.returned", approval, case, by=by, at=at, level=level.name, reason=reason)
    return approval


@transaction.atomic
def resubmit(
    approval: Approval, case: models.Model, *, facts: Mapping[str, Any], keepers: Iterable[int], by: Actor, at: datetime
) -> Approval:
    """Put a returned case before the committee again, at the first level that is not finished on these facts."""
    approval = Approval.objects.locked(approval)
    step = APPROVAL.step("resubmit", approval, by)
    table = table_of(approval, at)
    run = plans.resubmitted(table.run, facts, table.committee, keepers)
    put(approval, Signature.Act.RESUBMIT, None, by, at, "")
    _lift(approval, case, table.run, run, at)
    void_lost_marks(approval, run, at)
    save(approval, replace(table, run=run), at, step, anew=True, keepers=sorted(run.keepers))
    remember(
        "approval.resubmitted", approval, case, by=by, at=at, level=approval.level_name, facts=approval.facts_digest
    )
    return approval


@transaction.atomic
def withdraw(approval: Approval, case: models.Model, *, reason: str, by: Actor, at: datetime) -> Approval:
    """End the approval because the case is withdrawn, or decided without it."""
    approval = Approval.objects.locked(approval)
    step = APPROVAL.step("withdraw", approval, by)
    put(approval, Signature.Act.WITHDRAW, None, by, at, reason)
    _end_stop(approval, at)
    approval.standings.all().delete()
    approval.change(step, ended_at=at, due_on=None, level="", level_name="", badge="", short=False)
    remember("approval.withdrawn", approval, case, by=by, at=at, reason=reason)
    return approval


@transaction.atomic
def bring_up_to_date(approval: Approval, case: models.Model, *, at: datetime) -> Approval:
    """Put an open approval on the facts and people of now: levels whose facts changed wait again, lists say so.

    Does nothing where nothing has changed. Called before somebody signs, when people come and go, and every night.
    """
    approval = Approval.objects.locked(approval)
    if approval.state != "open":
        return approval
    table, facts = table_of(approval, at), dict(KINDS[approval.kind].judged(case))
    if plans.digest_of(facts) == approval.facts_digest:
        place(approval, table)
        short = table.decision().short
        if short != approval.short:  # who is there has changed, not what is decided on: no new version
            Approval.objects.filter(pk=approval.pk).update(short=short)
            approval.short = short
        return approval
    step = APPROVAL.step("update", approval, SYSTEM)
    run = plans.with_facts(table.run, facts, table.committee)
    put(approval, Signature.Act.UPDATE, None, SYSTEM, at, "")
    _lift(approval, case, table.run, run, at)
    void_lost_marks(approval, run, at)
    save(approval, replace(table, run=run), at, step)
    remember(
        "approval.facts_changed", approval, case, by=SYSTEM, at=at, level=approval.level_name,
        facts=approval.facts_digest,
    )  # fmt: skip
    return approval


def _on_facts(approval: Approval, case: models.Model, facts: Mapping[str, Any], at: datetime) -> Table:
    table = table_of(approval, at)
    run = plans.with_facts(table.run, facts, table.committee)
    _lift(approval, case, table.run, run, at)
    if run.marks != table.run.marks:
        void_lost_marks(approval, run, at)
    return replace(table, run=run)


def _shorter(run: Run, table: Table) -> bool:
    """Say whether `run` misses more people than the one at the table."""
    return plans.short_by(run, table.committee) > plans.short_by(table.run, table.committee)


def _lift(approval: Approval, case: models.Model, before: Run, after: Run, at: datetime) -> None:
    """Write down which added signers had to go because the changed case needs them elsewhere."""
    for level in plans.lifted(before, after):
        reason = _("要素变化后，后面的级别离不开此人。")
        put(approval, Signature.Act.LIFT, level, SYSTEM, at, reason)
        remember("approval.signer_lifted", approval, case, by=SYSTEM, at=at, level=level.name, reason=reason)


def _seat_for(table: Table, by: Member, wanted: int | None) -> tuple[Level, int]:
    """Return the open level and the seat that `by` takes there: the own one before that of who delegated.

    Raises NotPermitted, saying why it is not theirs.
    """
    decision = table.decision()
    seats = decision.may.get(by.user_id, frozenset())
    if decision.level is None or not seats or (wanted is not None and wanted not in seats):
        raise NotPermitted(why_not(table, by), advice=_("办理进度和下一位签署人在页面上可以看到。"))
    if wanted is not None:
        return decision.level, wanted
    return decision.level, by.user_id if by.user_id in seats else min(seats)


def steered_by(table: Table, by: Member) -> Level:
    """Return the open level, which `by` may steer: whoever may sign there, or has signed there already."""
    decision = table.decision()
    level = decision.level
    signed = {mark.hand for mark in table.run.at(level)} if level else set()
    if level is None or (by.user_id not in decision.may and by.user_id not in signed):
        raise NotPermitted(why_not(table, by), advice=_("办理进度和下一位签署人在页面上可以看到。"))
    return level


def why_not(table: Table, by: Member) -> str:
    """Return, in words for the person, why it is not for them to sign now."""
    run, level = table.run, plans.open_level(table.run)
    if by.user_id in run.keepers:
        return _("这笔业务由您经办，须由另一人审批。")
    if level is None:
        return _("审批已经结束。")
    if by.user_id not in table.committee:
        return _("您没有审批权限。")
    if by.user_id in run.used(level.group):
        return _("您已经在这笔业务上签署过，“%(level)s”须由另一人签署。") % {"level": level.name}
    stands_in = table.delegations.get(by.user_id, {})
    if any(person in level.seats(table.committee) for person in (by.user_id, *stands_in)):
        return _("后面的级别离不开您或您的委托人，“%(level)s”须由另一人签署。") % {"level": level.name}
    return _("现在等“%(level)s”签署，不是您的级别。") % {"level": level.name}


def put(
    approval: Approval,
    act: Signature.Act,
    level: Level | None,
    by: Actor,
    at: datetime,
    opinion: str,
    *,
    mark: Mark | None = None,
    delegation: Any = None,
) -> None:
    Signature.objects.create(
        approval=approval,
        act=act,
        level=level.key if level else "",
        level_name=level.name if level else "",
        group=level.group if level and mark else "",
        hand_id=by.user_id if isinstance(by, Member) else None,
        hand_label=by.actor_label,
        seat_id=mark.seat if mark else None,
        delegation=delegation,
        opinion=opinion[:500],
        digest=mark.digest if mark else "",
        closes=mark.closes if mark else False,
        at=at,
    )


def _end_stop(approval: Approval, at: datetime) -> None:
    approval.stops.filter(to_at=None).update(to_at=at)


def stated(reason: str) -> str:
    if len(reason.strip()) < SHORTEST_REASON:
        raise Invalid(_("请写明原因，相关人员会看到。"), fields={"reason": _("至少 4 个字")})
    return reason.strip()


def remember(kind: str, approval: Approval, case: models.Model, *, by: Actor, at: datetime, **data: Any) -> None:
    """Record what happened to `approval`, as secret as the case is."""
    sealed_until = KINDS[approval.kind].sealed_until(case)
    record(kind, approval, by=by, at=at, sealed_until=sealed_until, **data)
