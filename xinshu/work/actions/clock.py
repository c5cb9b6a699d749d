"""The clock of an approval: stopped for a listed reason on evidence, resumed; escalated when a limit has passed."""

from datetime import date, datetime

from django.db import models, transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.actors import SYSTEM
from xinshu.core.refusals import Invalid, NotNow
from xinshu.work.actions.approvals import remember, stated, steered_by
from xinshu.work.lifecycle import APPROVAL
from xinshu.work.models import STOP_REASONS, Approval, StoppedClock
from xinshu.work.runs import save, table_of


@transaction.atomic
def stop_clock(
    approval: Approval, case: models.Model, *,
    reason: str, note: str, evidence_name: str, evidence_reference: str, evidence_sm3: str, by: Member, at: datetime,
) -> StoppedClock:  # fmt: skip
    """Let the time limit stand still. The applicant sees the reason, since when, and that there is evidence."""
    approval = Approval.objects.locked(approval)
    step = APPROVAL.step("stop", approval, by)
    level = steered_by(table_of(approval, at), by)
    if reason not in STOP_REASONS:
        raise Invalid(_("请从列表中选择暂停原因。"), fields={"reason": _("不在列表中")})
    if not evidence_sm3:
        raise Invalid(_("暂停计时必须附上依据文件。"), fields={"file": _("还没有选择文件")})
    if approval.stops.filter(to_at=None).exists():
        raise NotNow(_("计时已经暂停。"), advice=_("恢复以后才能再次暂停。"))
    stop = StoppedClock.objects.create(
        approval=approval,
        reason=reason,
        note=stated(note)[:200],
        evidence_name=evidence_name[:200],
        evidence_reference=evidence_reference,
        evidence_sm3=evidence_sm3,
        from_at=at,
    )
    approval.change(step, due_on=None)
    remember(
        "approval.clock_stopped", approval, case, by=by, at=at,
        level=level.name, reason=f"{stop.reason_words}：{stop.note}", reason_code=reason, sm3=evidence_sm3,
    )  # fmt: skip
    return stop


@transaction.atomic
def resume_clock(approval: Approval, case: models.Model, *, by: Member, at: datetime) -> Approval:
    """Let the time limit run on; the working days in between are added to it."""
    approval = Approval.objects.locked(approval)
    step = APPROVAL.step("resume", approval, by)
    table = table_of(approval, at)
    steered_by(table, by)
    if not approval.stops.filter(to_at=None).update(to_at=at):
        raise NotNow(_("计时没有暂停。"))
    save(approval, table, at, step)
    due_on = approval.due_on
    assert due_on is not None
    remember("approval.clock_resumed", approval, case, by=by, at=at, due_on=due_on.isoformat())
    return approval


@transaction.atomic
def escalate(approval: Approval, case: models.Model, *, on: date, at: datetime) -> Approval:
    """Note that the open level is overdue: those above it are told. Once per level and opening."""
    approval = Approval.objects.locked(approval)
    step = APPROVAL.step("escalate", approval, SYSTEM)
    if approval.due_on is None or approval.due_on >= on or approval.escalated_at is not None:
        raise NotNow(_("没有超过时限。"))
    approval.change(step, escalated_at=at)
    remember(
        "approval.escalated", approval, case, by=SYSTEM, at=at,
        level=approval.level_name, due_on=approval.due_on.isoformat(),
    )  # fmt: skip
    return approval
