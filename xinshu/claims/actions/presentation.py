"""Presenting: the beneficiary demands, completes, withdraws; the applicant speaks."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.claims.clocks import clock_for
from xinshu.claims.committee import end_deliberation
from xinshu.claims.history import remember
from xinshu.claims.lifecycle import DEMAND
from xinshu.claims.models import Demand, Paper, Position, sides_in
from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.clock import local_day
from xinshu.core.money import LARGEST, yuan
from xinshu.core.refusals import Invalid, NotNow, NotPermitted, Refusal
from xinshu.documents.uploads import keep_file
from xinshu.guarantees.actions.drawing import free_demand, locked_instrument, reserve_demand
from xinshu.guarantees.lifecycle import LIFECYCLE as INSTRUMENT
from xinshu.guarantees.models import Guarantee
from xinshu.work.deadlines import calendar_of

MOST_PAPERS = 20
SHORTEST = 10  # signs: "in what respect" cannot be said in fewer


class OutOfTime(Refusal):
    """The day on which it could still be presented has passed."""

    title = "已过索赔期"


@dataclass(frozen=True)
class Payee:
    """Where the beneficiary wants the money."""

    name: str
    bank: str
    account: str


@transaction.atomic
def present_demand(
    guarantee: Guarantee,
    *,
    amount: int,
    statement: str,
    payee: Payee,
    papers: Sequence[tuple[str, bytes]] = (),
    to_complete: str = "",
    extend_to: date | None = None,
    previous: Demand | None = None,
    by: Member,
    at: datetime,
) -> Demand:
    """Take a demand in at the counter, and set its amount aside.

    More than can be claimed is taken in too, as it is: it does not comply, and nothing is set aside for it (URDG 17).
    `papers`: (name, content). With `to_complete` examination waits for the rest (URDG 20).
    """
    if "beneficiary" not in sides_in(guarantee, by) or not by.can("claims.present"):
        raise NotPermitted(_("只有保函的受益人可以索赔。"), advice=_("需要办理的，请联系本机构管理员开通。"))
    guarantee = locked_instrument(guarantee)
    day = local_day(at)
    _must_be_open(guarantee, day)
    _check(amount, statement, payee, to_complete, papers)
    if extend_to is not None and guarantee.expires_on is not None and extend_to <= guarantee.expires_on:
        raise Invalid(_("展期应晚于现在的到期日。"), fields={"extend_to": _("不晚于到期日")})
    if previous is not None and (previous.guarantee_id != guarantee.pk or not DEMAND.states[previous.state].final):
        raise Invalid(_("前一次索赔还没有结束。"), fields={"previous": _("还没有结束")})
    within = amount <= guarantee.available_amount
    demand = Demand(
        guarantee=guarantee,
        previous=previous,
        state="incomplete" if to_complete else "examining",
        amount=amount,
        reserved_amount=amount if within else 0,
        statement=statement,
        payee_name=payee.name,
        payee_bank=payee.bank,
        payee_account=payee.account,
        to_complete=to_complete,
        extend_to=extend_to,
        presented_at=at,
        received_on=day,
        changed_at=at,
        **({} if to_complete else _started(guarantee, day)),
    )
    demand.save()
    if within:
        demand.guarantee = reserve_demand(guarantee, amount, by=by, at=at)
    kept = [_keep(demand, name, content, by, at) for name, content in papers]
    remember(
        "claim.presented", demand, by=by, at=at, amount=amount, within=within, statement=statement,
        papers=kept, to_complete=to_complete, extend_to=extend_to.isoformat() if extend_to else "",
        due_on=demand.due_on.isoformat() if demand.due_on else "",
    )  # fmt: skip
    return demand


@transaction.atomic
def attach_paper(demand: Demand, name: str, content: bytes, *, by: Member, at: datetime) -> Demand:
    """Add a paper to a presentation that is to be completed."""
    demand = Demand.objects.locked(demand)
    step = DEMAND.step("attach", demand, by)
    _must_be_open(demand.guarantee, local_day(at))
    if demand.papers.count() >= MOST_PAPERS:
        raise Invalid(_("一次索赔最多 %(n)d 个文件。") % {"n": MOST_PAPERS}, fields={"file": _("太多文件")})
    kept = _keep(demand, name, content, by, at)
    demand.change(step, at=at)
    remember("claim.file_attached", demand, by=by, at=at, **kept)
    return demand


@transaction.atomic
def complete_demand(demand: Demand, *, statement: str = "", by: Member, at: datetime) -> Demand:
    """Say that the presentation is complete: examination begins. After expiry all of it is out of time (URDG 20)."""
    demand = Demand.objects.locked(demand)
    step = DEMAND.step("complete", demand, by)
    day = local_day(at)
    _must_be_open(demand.guarantee, day)
    statement = statement.strip() or demand.statement
    if len(statement) < SHORTEST:
        raise Invalid(
            _("还没有写明申请人在哪一方面违约。"), advice=_("写好后再提交，已上传的单据都在。"),
            fields={"statement": _("至少 %(n)d 个字") % {"n": SHORTEST}},
        )  # fmt: skip
    demand.change(step, at=at, statement=statement, to_complete="", **_started(demand.guarantee, day))
    assert demand.due_on is not None
    remember("claim.completed", demand, by=by, at=at, statement=statement, due_on=demand.due_on.isoformat())
    return demand


@transaction.atomic
def withdraw_demand(demand: Demand, *, reason: str, by: Member, at: datetime) -> Demand:
    """Take the demand back: what it reserved may be claimed again while the guarantee lives."""
    demand = Demand.objects.locked(demand)
    step = DEMAND.step("withdraw", demand, by)
    end_deliberation(demand, reason=reason, by=by, at=at)
    let_go(demand, by=by, at=at)
    demand.change(step, at=at, reserved_amount=0, ended_at=at)
    remember("claim.withdrawn", demand, by=by, at=at, reason=reason)
    return demand


@transaction.atomic
def end_overtime(demand: Demand, *, at: datetime) -> Demand:
    """End a presentation that was not completed while the guarantee lived."""
    demand = Demand.objects.locked(demand)
    step = DEMAND.step("overtime", demand, SYSTEM)
    guarantee = locked_instrument(demand.guarantee)
    if guarantee.state == "in_force" and local_day(at) <= last_day_of(guarantee):
        raise NotNow(_("保函还在担保期内，可以继续补齐。"))
    let_go(demand, by=SYSTEM, at=at)
    demand.change(step, at=at, reserved_amount=0, ended_at=at)
    remember("claim.overtime", demand, by=SYSTEM, at=at)
    return demand


@transaction.atomic
def state_position(demand: Demand, *, stance: str, text: str, by: Member, at: datetime) -> Demand:
    """Put down what the applicant says. It moves no time limit, and binds nobody to refuse or to pay."""
    demand = Demand.objects.locked(demand)
    step = DEMAND.step("comment", demand, by)
    if stance not in Position.Stance.values:
        raise Invalid(_("请选择您的意见。"), fields={"stance": _("还没有选择")})
    if len(text.strip()) < 4:
        raise Invalid(_("请写明理由，保证人会看到。"), fields={"text": _("至少 4 个字")})
    Position.objects.create(demand=demand, stance=stance, text=text.strip()[:1000], by_label=by.actor_label, at=at)
    demand.change(step, at=at)
    remember("claim.commented", demand, by=by, at=at, stance=stance, reason=text.strip()[:1000])
    return demand


def let_go(demand: Demand, amount: int | None = None, *, by: Actor, at: datetime) -> None:
    """Free what a demand reserved, or `amount` of it, where it reserved anything."""
    amount = demand.reserved_amount if amount is None else amount
    if amount:
        demand.guarantee = free_demand(demand.guarantee, amount, by=by, at=at)


def last_day_of(guarantee: Guarantee) -> date:
    """Return the last day on which it may be presented: a day on which the counter is shut rolls on (URDG 25)."""
    assert guarantee.expires_on is not None
    return calendar_of(guarantee.guarantor_id).roll_forward(guarantee.expires_on)


def _must_be_open(guarantee: Guarantee, day: date) -> None:
    if guarantee.state != "in_force":
        raise OutOfTime(
            _("保函现在是“%(state)s”，不能再提交索赔或补充单据。")
            % {"state": INSTRUMENT.states[guarantee.state].label},
            advice=_("单据是否齐全以提交时为准；到期后补来的不算。"),
        )
    if day > last_day_of(guarantee):
        raise OutOfTime(
            _("保函到期日 %(day)s 已过，不能再提交索赔或补充单据。") % {"day": guarantee.expires_on},
            advice=_("单据是否齐全以提交时为准；到期后补来的不算。"),
        )
    if guarantee.effective_on is not None and day < guarantee.effective_on:
        raise NotNow(_("保函自 %(day)s 起生效，生效前不能索赔。") % {"day": guarantee.effective_on.isoformat()})


def _check(amount: int, statement: str, payee: Payee, to_complete: str, papers: Sequence[tuple[str, bytes]]) -> None:
    wrong: dict[str, str] = {}
    if not 0 < amount <= LARGEST:
        wrong["amount"] = _("请填写大于零的金额")
    if not to_complete and len(statement.strip()) < SHORTEST:
        wrong["statement"] = _("写明申请人在哪一方面违约，至少 %(n)d 个字") % {"n": SHORTEST}
    for name, value in (("payee_name", payee.name), ("payee_bank", payee.bank), ("payee_account", payee.account)):
        if not value.strip():
            wrong[name] = _("还没有填写")
    if len(papers) > MOST_PAPERS:
        wrong["files"] = _("一次最多 %(n)d 个文件") % {"n": MOST_PAPERS}
    if wrong:
        raise Invalid(_("索赔还不能提交：有内容没有填好。"), advice=_("您填写的内容都还在。"), fields=wrong)


def _started(guarantee: Guarantee, day: date) -> dict[str, object]:
    """Return the clock of an examination that begins with the day `day`."""
    due = clock_for(guarantee.nature, day).examine.after(day, calendar_of(guarantee.guarantor_id))
    return {"complete_on": day, "due_on": due.on, "due_rule": due.rule[:600], "due_provisional": due.provisional}


def _keep(demand: Demand, name: str, content: bytes, by: Member, at: datetime) -> dict[str, str]:
    file = keep_file(
        content, name, by.organisation, by, at, subject=demand, sealed_until=demand.secret_until
    )  # fmt: skip
    Paper.objects.create(demand=demand, file=file)
    return {"name": file.name, "sm3": file.blob.sm3}


def says(demand: Demand) -> str:
    """Return a demand in one line, for notices."""
    return _("%(kind)s %(number)s 项下索赔 %(amount)s 元") % {
        "kind": demand.guarantee.get_kind_display(),
        "number": demand.guarantee.number,
        "amount": yuan(demand.amount),
    }
