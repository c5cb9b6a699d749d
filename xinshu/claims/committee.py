"""A demand before its guarantor's committee: what was proposed is decided by others than who proposed it (四眼).

The plan is data like any other kind's (work.plan): the usual one asks one colleague who may decide, and above the
authority of a person (guarantees.Authority) a director as well.
"""

from datetime import date, datetime
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinshu.accounts.models import Member, Organisation
from xinshu.claims import queries
from xinshu.claims.checks import FAILS
from xinshu.claims.models import PARTIES, Demand
from xinshu.core.actors import Actor
from xinshu.core.money import yuan
from xinshu.guarantees.judging.authority import authority_for
from xinshu.guarantees.kinds import Nature
from xinshu.work.actions.approvals import approval_of, start_approval, withdraw
from xinshu.work.cases import CaseKind, Event, Fact, Papers, PastCase, Todo, register
from xinshu.work.models import Approval
from xinshu.work.plan import Level

KIND = "claim"
PAY, REFUSE = "pay", "refuse"
OUTCOMES = ((PAY, gettext_lazy("付款")), (REFUSE, gettext_lazy("拒付")))
YES_NO = ((True, gettext_lazy("是")), (False, gettext_lazy("否")))
FACTS = {
    "outcome": Fact(gettext_lazy("审核意见"), OUTCOMES),
    "above_authority": Fact(gettext_lazy("超过审批授权"), YES_NO),
    "nature": Fact(gettext_lazy("担保性质"), tuple(Nature.CHOICES)),
}
USUAL_LEVELS = (
    Level("1", "复核", badge="permission:claims.decide", apart="四眼", working_days=1),
    Level(
        "2", "分管负责人复核", badge="role:director", when=(("above_authority", True),), apart="四眼", working_days=1
    ),
)


def judged_facts(demand: Demand) -> dict[str, Any]:
    """Return what the signatures stand on. JSON values only."""
    authority = authority_for(demand.guarantee)
    return {
        "amount": demand.proposal.get("amount") or demand.amount,
        "demanded": demand.amount,
        "outcome": demand.proposal.get("outcome", ""),
        "nature": demand.guarantee.nature,
        "above_authority": authority is None or demand.amount > authority.person_amount,
        "discrepancies": [[row["code"], row["note"]] for row in demand.findings if row["verdict"] == FAILS],
    }


def deliberate(demand: Demand, *, by: Member, at: datetime) -> Approval:
    """Put what `by` proposed before the committee; whoever examined is no judge of it."""
    return start_approval(
        demand, organisation=demand.guarantee.guarantor, kind=KIND, facts=judged_facts(demand), keepers=[by.user_id],
        by=by, at=at,
    )  # fmt: skip


def end_deliberation(demand: Demand, *, reason: str, by: Actor, at: datetime) -> None:
    """End the approval that is under way, if any: the demand was decided without it."""
    approval = approval_of(demand)
    if approval is not None and approval.state == "open":
        withdraw(approval, demand, reason=reason, by=by, at=at)


def _past(guarantor: Organisation, limit: int) -> list[PastCase]:
    decided = Demand.objects.filter(guarantee__guarantor=guarantor, decided_at__isnull=False)
    recent = decided.select_related(*PARTIES).order_by("-decided_at", "-pk")[:limit]
    return [PastCase(demand.title, judged_facts(demand), frozenset()) for demand in recent]


def _todos(member: Member, at: datetime, limit: int) -> list[Todo]:
    return queries.todo_list(member, at, limit)


def _agenda(member: Member, at: datetime, since: date, until: date) -> list[Event]:
    return queries.agenda(member, at, since, until)


def _papers(member: Member, at: datetime, text: str) -> Papers | None:
    return queries.papers(member, at, text)


def _case_of(pk: int) -> Demand:
    return Demand.objects.select_related(*PARTIES).get(pk=pk)


def _of(case: models.Model) -> Demand:
    assert isinstance(case, Demand)
    return case


register(
    CaseKind(
        code=KIND,
        label=gettext_lazy("索赔"),
        signs="claims.decide",
        keeps="claims.examine",
        facts=FACTS,
        scopes={"amount": (gettext_lazy("只对金额"), ("amount", "demanded", "above_authority"))},
        usual_levels=USUAL_LEVELS,
        escalates_to="role:director",
        todos=_todos,
        waiting=queries.waiting,
        agenda=_agenda,
        papers=_papers,
        past=_past,
        judged=judged_facts,
        case_of=_case_of,
        link=lambda case: reverse("claims:detail", args=[_of(case).reference]),
        words=lambda case: (
            _("%(beneficiary)s的索赔（%(amount)s 元）")
            % {"beneficiary": _of(case).guarantee.beneficiary.name, "amount": yuan(_of(case).amount)}
        ),
        sealed_until=lambda case: _of(case).secret_until,
    )
)
