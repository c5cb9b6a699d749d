"""留存: for how long the content of a kind of entry is kept, and clearing what is older. Always two people."""

from datetime import date, datetime

from django.db import IntegrityError, models, transaction
from django.utils.translation import gettext as _

from xinshu.core.actors import Actor
from xinshu.core.clock import local_day, moment
from xinshu.core.lifecycle import Lifecycle
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.ledger.kinds import expirable
from xinshu.ledger.lifecycle import REDACTION, RULE
from xinshu.ledger.models import Delivery, Entry, Leaf, Redaction, RetentionRule, Tombstone
from xinshu.ledger.recording import record
from xinshu.ledger.veils import open_at

LONGEST = 1_200  # months


@transaction.atomic
def propose_rule(kind: str, months: int, basis: str, *, by: Actor, at: datetime) -> RetentionRule:
    """Ask that the content of `kind` be kept for `months`. Raises Invalid when that is too short, NotNow."""
    _must_audit(by)
    least = expirable().get(kind)
    if least is None:
        raise Invalid(_("这类日志不能设留存期限。"), fields={"kind": _("请从列表中选择")})
    if not least <= months <= LONGEST:
        fewest = _("不少于 %s 个月") % least
        raise Invalid(_("留存期限不合规定，没有保存。"), fields={"months": fewest}, advice=fewest)
    if not (basis := basis.strip()):
        raise Invalid(_("请写明依据，批准人会看到。"), fields={"basis": _("请写明依据")})
    try:
        with transaction.atomic():
            rule = RetentionRule.objects.create(
                kind=kind, months=months, basis=basis, state="proposed",
                proposed_by=by.actor_key, proposer=by.actor_label, proposed_at=at,
            )  # fmt: skip
    except IntegrityError:
        raise NotNow(_("这类日志已有一条规则在等待批准。"), advice=_("请先撤回，或等批准后再改。")) from None
    record("retention.proposed", rule, by=by, at=at, of=kind, months=months, basis=basis)
    return rule


@transaction.atomic
def approve_rule(rule: RetentionRule, *, by: Actor, at: datetime) -> RetentionRule:
    """Put a rule in force, in place of the one before it."""
    rule = RetentionRule.objects.locked(rule)
    step = RULE.step("approve", rule, by)
    for old in RetentionRule.objects.select_for_update().filter(kind=rule.kind, state="active"):
        old.change(state="superseded")
    rule.change(step, decided_by=by.actor_key, decider=by.actor_label, decided_at=at)
    record("retention.approved", rule, by=by, at=at, of=rule.kind, months=rule.months, proposed_by=rule.proposer)
    return rule


@transaction.atomic
def propose_redaction(rule: RetentionRule, *, by: Actor, at: datetime) -> Redaction:
    """Ask that everything be cleared that is older than `rule` keeps. Raises NotNow when nothing is."""
    _must_audit(by)
    if rule.state != "active":
        raise NotNow(_("这条规则不在使用中，不能按它清除。"))
    until = cut_off(rule, at)
    expected = due(rule, until, at).count()
    if not expected:
        raise NotNow(_("没有超过期限的日志。"))
    try:
        with transaction.atomic():
            redaction = Redaction.objects.create(
                rule=rule, until=until, expected=expected, state="proposed",
                proposed_by=by.actor_key, proposer=by.actor_label, proposed_at=at,
            )  # fmt: skip
    except IntegrityError:
        raise NotNow(_("按这条规则的清除正在等待批准，或正在进行。")) from None
    _record_redaction("proposed", redaction, by, at)
    return redaction


@transaction.atomic
def approve_redaction(redaction: Redaction, *, by: Actor, at: datetime) -> Redaction:
    """Have it carried out by a worker (redacting.py)."""
    redaction = Redaction.objects.locked(redaction)
    step = REDACTION.step("approve", redaction, by)
    if RetentionRule.objects.select_for_update().get(pk=redaction.rule_id).state != "active":
        raise NotNow(_("规则已经换过，这份申请不再适用。"), advice=_("请不批准，由申请人按新规则重新申请。"))
    redaction.change(step, decided_by=by.actor_key, decider=by.actor_label, decided_at=at)
    _record_redaction("approved", redaction, by, at)
    return redaction


@transaction.atomic
def refuse(case: RetentionRule | Redaction, *, reason: str, by: Actor, at: datetime) -> None:
    """Leave all as it is, and say why."""
    case = type(case).objects.locked(case)  # type: ignore[arg-type]
    step = _lifecycle(case).step("refuse", case, by)
    if not (reason := reason.strip()):
        raise Invalid(_("请写明原因，申请人会看到。"), fields={"reason": _("请写明原因")})
    case.change(step, decided_by=by.actor_key, decider=by.actor_label, decided_at=at, refusal=reason[:500])
    record(f"{_prefix(case)}.refused", case, by=by, at=at, reason=reason)


@transaction.atomic
def withdraw(case: RetentionRule | Redaction, *, by: Actor, at: datetime) -> None:
    """Take one's own proposal back before it is decided."""
    case = type(case).objects.locked(case)  # type: ignore[arg-type]
    case.change(_lifecycle(case).step("withdraw", case, by), decided_at=at)
    record(f"{_prefix(case)}.withdrawn", case, by=by, at=at)


def cut_off(rule: RetentionRule, at: datetime) -> datetime:
    """Return the beginning of the day so many months before the day of `at`."""
    day = local_day(at)
    months = day.year * 12 + day.month - 1 - rule.months
    year, month = divmod(months, 12)
    for last in range(day.day, 0, -1):  # 31 August less six months is the last day of February
        try:
            return moment(date(year, month + 1, last))
        except ValueError:
            continue
    raise AssertionError("every month has a first day")


def due(rule: RetentionRule, until: datetime, at: datetime) -> models.QuerySet[Entry]:
    """Return what `rule` no longer keeps: sealed, open to auditors, not cleared, and nothing follows from it any more.

    Both moments count, when it happened and when it was written: an act dated back is kept for its whole period.
    """
    old = Entry.objects.filter(kind=rule.kind, at__lt=until, recorded_at__lt=until)
    sealed = old.filter(pk__in=Leaf.objects.values("entry_id")).exclude(pk__in=Tombstone.objects.values("entry_id"))
    waiting = Delivery.objects.exclude(state=Delivery.State.DONE).values("entry_id")
    return open_at(sealed.exclude(pk__in=waiting), at).order_by("pk")


def _must_audit(by: Actor) -> None:
    if not by.can("ledger.audit"):
        raise NotPermitted(_("留存规则和到期清除由审计管理员提出。"))


def _lifecycle(case: RetentionRule | Redaction) -> Lifecycle:
    return RULE if isinstance(case, RetentionRule) else REDACTION


def _prefix(case: RetentionRule | Redaction) -> str:
    return "retention" if isinstance(case, RetentionRule) else "redaction"


def _record_redaction(what: str, redaction: Redaction, by: Actor, at: datetime) -> None:
    rule = redaction.rule
    record(
        f"redaction.{what}", redaction, by=by, at=at,
        of=rule.kind, months=rule.months, until=local_day(redaction.until).isoformat(), expected=redaction.expected,
    )  # fmt: skip
