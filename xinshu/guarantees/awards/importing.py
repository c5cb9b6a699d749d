"""From an award to business: project, winner, customer, line; then a performance guarantee all the way to its letter.

An award is entered in one transaction; every step after it is an action that pages use too, in a transaction of its
own. Whatever was done stays done, so that a run that is cut off goes on where it stopped, and a second creates nothing.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.actions.membership import create_organisation
from xinshu.accounts.models import Member, Organisation
from xinshu.books.lines import grant_line
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import local_day, now
from xinshu.core.money import share
from xinshu.core.refusals import Changed, NotNow, Refusal
from xinshu.enterprises.actions import enter_fields, enterprise_of, take_customer
from xinshu.enterprises.models import RecordField
from xinshu.guarantees.actions.application import edit_application, start_application, submit_application
from xinshu.guarantees.actions.approval import review_automatically
from xinshu.guarantees.actions.issuance import issue_guarantee
from xinshu.guarantees.actions.payment import confirm_payment, refuse_payment, request_payment
from xinshu.guarantees.lifecycle import INSTRUMENT, LIFECYCLE
from xinshu.guarantees.models import PARTIES, Guarantee, Payment
from xinshu.guarantees.payments import Order, channel
from xinshu.guarantees.pricing import add_months
from xinshu.guarantees.sealed.issued import send_letter
from xinshu.projects.actions import record_award, register_project
from xinshu.projects.models import Party, Project
from xinshu.tenders.reading.labels import Award, Unreadable

PUBLIC_BODY = (
    "局",
    "政府",
    "委员会",
    "街道办事处",
    "中心",
    "办公室",
    "学校",
    "小学",
    "中学",
    "医院",
    "大队",
    "村民委员会",
)


@dataclass(frozen=True)
class Desk:
    """Who imports: the guarantor's manager, who keeps the cases, its signer, and the line granted to a new customer."""

    manager: Member
    signer: Member
    line_amount: int

    @property
    def guarantor(self) -> Organisation:
        return self.manager.organisation


class NotIssued(Refusal):
    """The guarantee stopped on its way; the message says where and why."""


@transaction.atomic  # a project without its winner's line would be taken for one that was entered whole
def take_in(award: Award, desk: Desk) -> tuple[Project, bool]:
    """Return the project of `award`, and whether it is new. Raises Unreadable when an earlier notice says otherwise."""
    buyer, agency = organisation(award.buyer), organisation(award.agency) if award.agency else None
    winner, *members = [organisation(name) for name in award.winners]
    known = Project.objects.filter(
        registered_by=desk.guarantor, source=Project.Source.AWARD_NOTICE, number=award.lot_number
    ).first()
    if known is not None and known.award_amount is not None:
        _agrees(known, winner, award)
        return known, False
    project = known or register_project(
        name=award.lot_name,
        number=award.lot_number,
        buyer=buyer,
        region_code=award.region_code,
        site=award.site,
        contract_days=award.contract_days,
        source=Project.Source.AWARD_NOTICE,
        agencies=[agency] if agency else [],
        by=desk.manager,
        at=now(),
    )
    project = record_award(
        project,
        winner=winner,
        members=members,
        amount=award.amount,
        award_source=_("中标公告 %(day)s") % {"day": award.published},
        by=desk.manager,
        at=now(),
    )
    become_customer(winner, award, desk)
    return project, known is None


def _agrees(known: Project, winner: Organisation, award: Award) -> None:
    lead = known.parties.filter(role=Party.Role.WINNER).first()
    if known.award_amount != award.amount or lead is None or lead.organisation_id != winner.pk:
        raise Unreadable(
            _("标段 %(number)s 已按另一份公告登记了不同的中标结果，请人工核实") % {"number": award.lot_number}
        )


def organisation(name: str) -> Organisation:
    """Return the organisation of this name: one already known, else a new one, unverified and without a code."""
    found = Organisation.objects.filter(name=name).order_by("-verified", "pk").first()
    if found is not None:
        return found
    kind = Organisation.Kind.INSTITUTION if name.endswith(PUBLIC_BODY) else Organisation.Kind.ENTERPRISE
    return create_organisation(name, kind, code=None, by=SYSTEM, at=now())


def become_customer(winner: Organisation, award: Award, desk: Desk) -> None:
    """Make the winner a customer with what the notice tells of it, and grant it the importing guarantor's line."""
    at = now()
    take_customer(winner, manager=desk.manager, by=desk.manager, at=at)
    told = {"legal_name": winner.name, "qualification": award.qualification, "safety_licence": award.safety_licence}
    enter_fields(
        enterprise_of(winner),
        {code: value[:500] for code, value in told.items() if value},
        by=SYSTEM,
        at=at,
        source=RecordField.Source.AWARD_NOTICE,
        source_label=_("中标公告 %(day)s") % {"day": award.published},
    )
    grant_line(
        desk.guarantor,
        winner,
        desk.line_amount,
        by=desk.manager,
        at=at,
        key=f"award-line:{desk.guarantor.pk}:{winner.pk}",
    )


def performance_guarantee(project: Project, desk: Desk) -> Guarantee:
    """Return the performance guarantee of an imported project: the one begun before, else a new draft of 10 %."""
    found = Guarantee.objects.filter(project=project, kind="performance", guarantor=desk.guarantor).first()
    if found is not None:
        return found
    lead = project.parties.select_related("organisation").get(role=Party.Role.WINNER)
    return start_application(
        kind="performance",
        project=project,
        applicant=lead.organisation,
        guarantor=desk.guarantor,
        by=desk.manager,
        at=now(),
    )


def carry_through(guarantee: Guarantee, desk: Desk) -> bool:
    """Take a guarantee from wherever it stands to its letter; return whether it had none before.

    Raises NotIssued when it needs a person or came to another end. A worker that does a step first does no harm.
    """
    guarantee = _reload(guarantee)
    waiting = guarantee.state not in INSTRUMENT
    while advance := STEPS.get(guarantee.state):
        try:
            guarantee = advance(guarantee, desk)
        except (Changed, NotNow):
            guarantee = _reload(guarantee)
    if guarantee.state not in INSTRUMENT:
        raise NotIssued(_why(guarantee))
    return waiting


def _reload(guarantee: Guarantee) -> Guarantee:
    return Guarantee.objects.select_related(*PARTIES).get(pk=guarantee.pk)


def _why(guarantee: Guarantee) -> str:
    state = LIFECYCLE.states[guarantee.state].label
    reasons = [
        finding["message"] for finding in guarantee.findings if finding["verdict"] != "meets" and not finding["waived"]
    ]
    return f"{state}：{' '.join(reasons)}" if reasons else state


def enter_terms(guarantee: Guarantee, desk: Desk) -> Guarantee:
    """Enter amount (10 % of the award) and term of a draft that has none."""
    if guarantee.amount is not None:
        return guarantee
    project, start = guarantee.project, local_day(now()) + timedelta(days=1)
    assert project.award_amount is not None
    end = start + timedelta(days=project.contract_days) if project.contract_days else add_months(start, 12)
    amount = share(project.award_amount, Decimal("0.10"))
    if amount * 10 > project.award_amount:  # rounding up must not exceed the cap
        amount -= 1
    return edit_application(guarantee, by=desk.manager, at=now(), amount=amount, effective_on=start, expires_on=end)


def _fill(guarantee: Guarantee, desk: Desk) -> Guarantee:
    return submit_application(enter_terms(guarantee, desk), by=desk.manager, at=now())


def _review(guarantee: Guarantee, desk: Desk) -> Guarantee:
    return review_automatically(guarantee, at=now())


def _pay(guarantee: Guarantee, desk: Desk) -> Guarantee:
    waiting = guarantee.payments.filter(state=Payment.State.REQUESTED).first()
    payment = waiting or request_payment(guarantee, channel="sandbox", account="6000-0001", by=desk.manager, at=now())
    for answer in channel(payment.channel).charge(Order(payment.order_number, payment.amount, payment.account)):
        if answer.paid:
            guarantee = confirm_payment(payment, receipt=answer.receipt, at=now())
        else:
            guarantee = refuse_payment(payment, reason=answer.reason, at=now())
    return guarantee


def _issue(guarantee: Guarantee, desk: Desk) -> Guarantee:
    return issue_guarantee(guarantee, by=desk.signer, at=now())


def _send(guarantee: Guarantee, desk: Desk) -> Guarantee:
    return send_letter(guarantee, at=now())


STEPS: dict[str, Callable[[Guarantee, Desk], Guarantee]] = {
    "draft": _fill,
    "submitted": _review,
    "fee_due": _pay,
    "to_issue": _issue,
    "issuing": _send,
}
