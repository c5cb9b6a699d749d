"""A guarantee before its guarantor's committee: the facts that are judged, who made the case, the usual plan."""

from contextlib import suppress
from datetime import datetime
from typing import Any

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.money import yuan
from xinshu.core.refusals import Changed
from xinshu.guarantees import desk, kinds, queries
from xinshu.guarantees.judging.authority import authority_for
from xinshu.guarantees.models import Guarantee
from xinshu.ledger.queries import history_of
from xinshu.work.actions.approvals import approval_of, bring_up_to_date, resubmit, start_approval, withdraw
from xinshu.work.cases import CaseKind, Fact, PastCase, Todo, register
from xinshu.work.models import Approval
from xinshu.work.plan import Level

KIND = "guarantee"
SIGNING = ("approve", "decline", "return", "ask_papers")  # acts of the case that are acts of its approval
MADE_BY = (
    "guarantee.drafted", "guarantee.edited", "guarantee.file_attached", "guarantee.file_reused", "guarantee.submitted",
)  # fmt: skip
YES_NO = ((True, gettext_lazy("是")), (False, gettext_lazy("否")))
FACTS = {
    "above_authority": Fact(gettext_lazy("超过审批授权"), YES_NO),
    "kind": Fact(gettext_lazy("保函种类"), kinds.CHOICES),
    "verified": Fact(gettext_lazy("申请人身份已核验"), YES_NO),
    "on_behalf": Fact(gettext_lazy("客户经理代办"), YES_NO),
}
# Today's authority table as a plan: a reviewer decides up to person_amount, above it a director signs as well.
USUAL_LEVELS = (
    Level("1", "复审", badge="permission:guarantees.review", apart="四眼", working_days=2),
    Level(
        "2", "分管负责人审批", badge="role:director", when=(("above_authority", True),), apart="四眼", working_days=1
    ),
)


def judged_facts(guarantee: Guarantee) -> dict[str, Any]:
    """Return what the signatures stand on: whoever has signed, has signed this. JSON values only."""
    authority = authority_for(guarantee)
    # A paper that a later level asked for is that level's to judge: what others have finished stays finished.
    files = guarantee.attachments.filter(answers=None).values_list("file__blob__sm3", flat=True)
    return {
        "amount": guarantee.amount,
        "kind": guarantee.kind,
        "verified": guarantee.applicant.verified,
        "on_behalf": guarantee.on_behalf,
        "above_authority": authority is None or (guarantee.amount or 0) > authority.person_amount,
        "base_amount": guarantee.base_amount,
        "effective_on": guarantee.effective_on.isoformat() if guarantee.effective_on else "",
        "expires_on": guarantee.expires_on.isoformat() if guarantee.expires_on else "",
        "project": guarantee.project_id,
        "applicant": guarantee.applicant_id,
        "beneficiary": guarantee.beneficiary_id,
        "files": sorted(files),
    }


def keepers_of(guarantee: Guarantee) -> set[int]:
    """Return the users who had a hand in the application, for whichever organisation: none of them approves it."""
    keys = history_of(guarantee).filter(kind__in=MADE_BY).values_list("actor_key", flat=True).distinct()
    members = [int(key.partition(":")[2]) for key in keys if key.startswith("member:")]
    return set(Member.objects.filter(pk__in=members).values_list("user_id", flat=True))


def put_before_committee(guarantee: Guarantee, at: datetime) -> Approval:
    """Start the guarantor's approval, or go on with the one from which the case was returned."""
    facts, keepers = judged_facts(guarantee), keepers_of(guarantee)
    approval = approval_of(guarantee)
    if approval is not None and approval.state == "returned":
        return resubmit(approval, guarantee, facts=facts, keepers=keepers, by=SYSTEM, at=at)
    return start_approval(
        guarantee, organisation=guarantee.guarantor, kind=KIND, facts=facts, keepers=keepers, by=SYSTEM, at=at
    )


def approval_under_way(guarantee: Guarantee, at: datetime) -> Approval:
    """Return the approval that is open for `guarantee`. Must run in the transaction of an act."""
    approval = approval_of(guarantee)
    if approval is not None and approval.state == "open":
        return approval
    return put_before_committee(guarantee, at)  # in review since before there were plans


def refresh_committee(guarantee: Guarantee, *, by: Member, at: datetime) -> None:
    """Put the approval that is under way on the facts of now, in a transaction of its own.

    Called at the door before somebody signs: should the signature then be refused because a level has opened again,
    the lists say so all the same.
    """
    approval = approval_of(guarantee)
    concerned = by.organisation_id == guarantee.guarantor_id and by.can("guarantees.review")
    if concerned and approval is not None and approval.state == "open":
        with suppress(Changed):  # another is signing just now
            bring_up_to_date(approval, guarantee, at=at)


def end_approval(guarantee: Guarantee, *, reason: str, by: Actor, at: datetime) -> None:
    """End the approval that is under way, if any: the case is withdrawn, or needs no person any more."""
    approval = approval_of(guarantee)
    if approval is not None and approval.state in ("open", "returned"):
        withdraw(approval, guarantee, reason=reason, by=by, at=at)


def _past(guarantor: Organisation, limit: int) -> list[PastCase]:
    decided = Guarantee.objects.filter(guarantor=guarantor, decided_at__isnull=False).exclude(amount=None)
    recent = decided.select_related("applicant", "project").order_by("-decided_at", "-pk")[:limit]
    return [
        PastCase(f"{case.applicant.name} · {case.get_kind_display()}", judged_facts(case), frozenset(keepers_of(case)))
        for case in recent
    ]


def _todos(member: Member, at: datetime, limit: int) -> list[Todo]:
    return [Todo(**row) for row in queries.todo_list(member, at, limit)]


def _case_of(pk: int) -> Guarantee:
    return Guarantee.objects.select_related("applicant", "guarantor", "project").get(pk=pk)


def _of(case: models.Model) -> Guarantee:
    assert isinstance(case, Guarantee)
    return case


register(
    CaseKind(
        code=KIND,
        label=gettext_lazy("保函"),
        signs="guarantees.review",
        keeps="guarantees.apply",
        facts=FACTS,
        scopes={
            "amount": (gettext_lazy("只对金额"), ("amount", "above_authority")),
            "terms": (gettext_lazy("对金额和期限"), ("amount", "above_authority", "effective_on", "expires_on")),
        },
        usual_levels=USUAL_LEVELS,
        escalates_to="role:director",
        todos=_todos,
        waiting=queries.waiting,
        past=_past,
        judged=judged_facts,
        agenda=desk.agenda,
        papers=desk.papers,
        case_of=_case_of,
        link=lambda case: reverse("guarantees:detail", args=[_of(case).reference]),
        words=lambda case: (
            _("%(applicant)s的%(kind)s（%(amount)s 元）")
            % {
                "applicant": _of(case).applicant.name,
                "kind": _of(case).get_kind_display(),
                "amount": yuan(_of(case).amount or 0),
            }
        ),
        sealed_until=lambda case: _of(case).secret_until,
    )
)
