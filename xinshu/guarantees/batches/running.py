"""Working through a confirmed batch: each row from nothing to its sealed letter, by the acts that pages use too.

A row's application is made, handed in and reviewed in one transaction with the mark of which guarantee is the row's;
every act after it leaves the guarantee in a state from which the next one follows. So whoever comes after a crash goes
on where the row stands, and nothing is done twice. A row that cannot go on says why and lets the others pass.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass

from django.db import InterfaceError, OperationalError, transaction
from django.db.models import QuerySet
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.clock import now
from xinshu.core.composed import composed
from xinshu.core.refusals import Changed, NotNow, NotPermitted, Refusal
from xinshu.guarantees.actions.application import edit_application, start_application, submit_and_review
from xinshu.guarantees.actions.approval import review_automatically
from xinshu.guarantees.actions.issuance import issue_guarantee
from xinshu.guarantees.actions.payment import confirm_payment, refuse_payment, request_payment
from xinshu.guarantees.batches.actions import finish_batch
from xinshu.guarantees.batches.columns import own_values
from xinshu.guarantees.batches.models import Batch, BatchRow
from xinshu.guarantees.lifecycle import INSTRUMENT, LIFECYCLE
from xinshu.guarantees.models import PARTIES, Guarantee, Payment
from xinshu.guarantees.payments import ChannelDown, Order, channel
from xinshu.guarantees.sealed.issued import send_letter

log = logging.getLogger(__name__)

TURN = 20  # rows until others have their turn
TRIES = 5  # how often a payment channel may give no answer
State = BatchRow.State


class NotPaid(Refusal):
    """The payment channel refused the fee of a row."""

    title = "保费没有付成"


@dataclass(frozen=True)
class Desk:
    """In whose names the rows are worked on: who prepared and pays, who confirmed and signs."""

    preparer: Member
    signer: Member
    account: str


def work_on(batch_id: int, rows: int = TURN) -> bool:
    """Work on up to `rows` rows of a running batch; return whether some are left. A paused batch has none left."""
    batch = Batch.objects.select_related("guarantor").get(pk=batch_id)
    desk = _desk_of(batch)
    for pk in list(_waiting(batch_id)[:rows]):
        if not _running(batch_id):
            return False
        carry(pk, desk)
    if _waiting(batch_id).exists():
        return True
    batch = Batch.objects.get(pk=batch_id)
    if batch.state == "running":
        finish_batch(batch, at=now())
    return False


@composed
def _running(batch: int) -> "QuerySet[Batch, int]":
    return Batch.objects.filter(pk=batch, state="running").values_list("pk", flat=True)


def _waiting(batch_id: int) -> "QuerySet[BatchRow, int]":
    """The rows that are left, in their order; those whose channel gave no answer after the others."""
    rows = BatchRow.objects.filter(batch=batch_id, state=State.WAITING, batch__state="running")
    return rows.order_by("tries", "line").values_list("pk", flat=True)


def _desk_of(batch: Batch) -> Desk:
    people = Member.objects.select_related("user", "organisation")
    assert batch.confirmed_by_id is not None
    return Desk(people.get(pk=batch.prepared_by_id), people.get(pk=batch.confirmed_by_id), batch.account)


def carry(pk: int, desk: Desk) -> None:
    """Take one row as far as it goes, and say on it how far that was. Only a database out of reach is raised."""
    try:
        _must_act(desk)
        guarantee = _begun(pk, desk)
        while step := STEPS.get(guarantee.state):
            try:
                guarantee = step(guarantee, desk)
            except (Changed, NotNow):  # the worker's own reactions may have done the step first
                before, guarantee = guarantee, _reload(guarantee)
                if guarantee.state == before.state and guarantee.version == before.version:
                    raise
    except ChannelDown:
        _without_answer(pk)
    except Refusal as refusal:
        settle(pk, State.FAILED, f"{refusal.message}{refusal.advice}")
    except (OperationalError, InterfaceError):
        raise
    except Exception as error:  # one row's trouble must not keep the others from being issued
        log.exception("Row %s of a batch failed.", pk)
        settle(
            pk, State.FAILED, _("系统错误（%(kind)s），可以重试；再次失败请联系平台。") % {"kind": type(error).__name__}
        )
    else:
        _settle_by_state(pk, guarantee)


def settle(pk: int, state: str, reason: str = "") -> None:
    """Write what became of a row that still waits."""
    waiting = BatchRow.objects.filter(pk=pk, state=State.WAITING)
    waiting.update(state=state, reason=reason[:300], settled_at=now())


def _settle_by_state(pk: int, guarantee: Guarantee) -> None:
    if guarantee.state in INSTRUMENT:
        settle(pk, State.DONE)
    elif guarantee.state == "in_review":
        open_ = [one["message"] for one in guarantee.findings if one["verdict"] != "meets" and not one["waived"]]
        settle(pk, State.REFERRED, " ".join(open_))
    else:
        settle(pk, State.FAILED, _("这笔申请%(state)s。") % {"state": LIFECYCLE.states[guarantee.state].label})


def _without_answer(pk: int) -> None:
    row = BatchRow.objects.get(pk=pk)
    if row.tries + 1 >= TRIES:
        settle(pk, State.FAILED, _("支付渠道多次没有应答，可以稍后重试。"))
    else:
        BatchRow.objects.filter(pk=pk).update(tries=row.tries + 1)


def _must_act(desk: Desk) -> None:
    for member, what in ((desk.preparer, _("准备人")), (desk.signer, _("确认人"))):
        if not (member.active and member.user.is_active and member.organisation.active):
            raise NotPermitted(_("%(what)s已离岗或停用，这一行没有办理。") % {"what": what})


def _begun(pk: int, desk: Desk) -> Guarantee:
    """Return the guarantee of a row: the one begun before, else a new application, handed in."""
    with transaction.atomic():
        (row,) = _row(pk)
        if row.guarantee_id is not None:
            return Guarantee.objects.select_related(*PARTIES, "template__template").get(pk=row.guarantee_id)
        assert row.project is not None
        assert row.applicant is not None
        assert row.amount is not None
        assert row.effective_on is not None
        assert row.expires_on is not None
        by, at = desk.preparer, now()
        guarantee = start_application(
            kind=row.kind, project=row.project, applicant=row.applicant, guarantor=row.batch.guarantor, by=by, at=at,
            product=row.product,
        )  # fmt: skip
        guarantee = edit_application(
            guarantee,
            by=by,
            at=at,
            amount=row.amount,
            effective_on=row.effective_on,
            expires_on=row.expires_on,
            extras=own_values(row.kind, row.typed)[0],
        )
        guarantee = submit_and_review(guarantee, by=by, at=at)
        row.guarantee = guarantee
        row.save(update_fields=["guarantee"])
        return guarantee


@composed
def _row(pk: int) -> QuerySet[BatchRow]:
    related = ("project", "applicant", "product", "batch__guarantor")
    return BatchRow.objects.select_for_update(of=("self",)).select_related(*related).filter(pk=pk)


def _reload(guarantee: Guarantee) -> Guarantee:
    return Guarantee.objects.select_related(*PARTIES, "template__template").get(pk=guarantee.pk)


def _review(guarantee: Guarantee, desk: Desk) -> Guarantee:
    return review_automatically(guarantee, at=now())


def _pay(guarantee: Guarantee, desk: Desk) -> Guarantee:
    """Charge the row's fee by an order of its own: channels know no order for many (payments/__init__.py)."""
    payment = _requested.first(guarantee.pk) or request_payment(
        guarantee, channel="sandbox", account=desk.account, by=desk.preparer, at=now()
    )
    for answer in channel(payment.channel).charge(Order(payment.order_number, payment.amount, payment.account)):
        if not answer.paid:
            refuse_payment(payment, reason=answer.reason, at=now())
            raise NotPaid(
                _("保费没有付成：%(reason)s。") % {"reason": answer.reason},
                advice=_("可以在这笔保函的页面换个账户缴费，再重试这一行。"),
            )
        guarantee = confirm_payment(payment, receipt=answer.receipt, at=now())
    return guarantee


@composed
def _requested(guarantee: int) -> QuerySet[Payment]:
    found = Payment.objects.filter(guarantee=guarantee, state=Payment.State.REQUESTED, amendment=None)
    return found.order_by("pk")[:1]


def _issue(guarantee: Guarantee, desk: Desk) -> Guarantee:
    return issue_guarantee(guarantee, by=desk.signer, at=now())


def _send(guarantee: Guarantee, desk: Desk) -> Guarantee:
    return send_letter(guarantee, at=now())


STEPS: dict[str, Callable[[Guarantee, Desk], Guarantee]] = {
    "submitted": _review,
    "fee_due": _pay,
    "to_issue": _issue,
    "issuing": _send,
}
