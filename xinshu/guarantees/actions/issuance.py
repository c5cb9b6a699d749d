"""Issuing: the guarantor binds itself, the letter is sealed, and it leaves the guarantor's hands."""

import secrets
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.books.lines import occupy, void_reservation
from xinshu.core.actors import SYSTEM
from xinshu.core.cases import random_code
from xinshu.core.clock import local_day
from xinshu.core.refusals import NotPermitted, Refusal
from xinshu.documents.models import SealedDocument
from xinshu.documents.templates import active_version
from xinshu.guarantees.facts import terms_with
from xinshu.guarantees.gates import ISSUE, must_pass
from xinshu.guarantees.history import digest_of, remember
from xinshu.guarantees.judging.standing import must_be_licensed
from xinshu.guarantees.kinds import KINDS, SECRET
from xinshu.guarantees.letters.wording import WordingFault, clauses, faults, nature_of
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.models import Guarantee, Payment
from xinshu.guarantees.wordings.reading import wording_for


class AlreadyOver(Refusal):
    """The period asked for has passed while the application was under way."""

    title = "担保期已过"


@transaction.atomic
def issue_guarantee(guarantee: Guarantee, *, by: Member, at: datetime) -> Guarantee:
    """Bind the guarantor: take up the applicant's line, fix number and text. Sealing and delivery follow."""
    guarantee = Guarantee.objects.locked(guarantee)
    step = LIFECYCLE.step("issue", guarantee, by)
    if guarantee.reviewed_by_key == by.actor_key:
        raise NotPermitted(_("审批和签发须由两人办理，这笔由您审批，请由其他签发人签发。"))
    must_pass(guarantee, ISSUE, at)
    must_be_licensed(guarantee, local_day(at))
    wording = wording_for(guarantee.kind, guarantee.guarantor)
    terms = terms_with(guarantee, wording.text if wording else None)
    if guarantee.kind in SECRET and not guarantee.is_secret(at):
        raise AlreadyOver(_("已经开标，不能再签发投标保函。"), advice=_("可以退费终止这笔申请。"))
    if terms.expires_on <= local_day(at):
        raise AlreadyOver(_("保函到期日 %(end)s 已过，不能签发。") % {"end": terms.expires_on.isoformat()})
    paragraphs = clauses(terms)
    if wrong := faults(terms, paragraphs):
        raise WordingFault(" ".join(fault.message for fault in wrong))
    occupy(guarantee, at=at)
    number = new_number(guarantee.kind, at)
    guarantee.change(
        step,
        at=at,
        number=number,
        verify_code=f"{secrets.randbelow(1_000_000):06d}",
        issued_at=at,
        available_amount=terms.amount,
        first_amount=terms.amount,
        template=active_version(guarantee.kind, guarantee.guarantor, instead=guarantee.type.template),
        wording=wording,
        nature=nature_of(terms.issuer_kind, "".join(paragraphs)),
        clauses=paragraphs,
    )
    remember("guarantee.issued", guarantee, by=by, at=at, number=number, amount=terms.amount, nature=guarantee.nature)
    return guarantee


@transaction.atomic
def cancel_issue(guarantee: Guarantee, *, by: Member, at: datetime, reason: str) -> Guarantee:
    """Give up a paid application that cannot be issued any more: the fee goes back, the line is free."""
    guarantee = Guarantee.objects.locked(guarantee)
    step = LIFECYCLE.step("cancel", guarantee, by)
    void_reservation(guarantee, at=at)
    payment = guarantee.payments.get(state=Payment.State.CONFIRMED)
    payment.state = Payment.State.REFUNDING
    payment.save(update_fields=["state"])
    guarantee.change(step, at=at, ended_at=at)
    remember("guarantee.cancelled", guarantee, by=by, at=at, reason=reason, order=payment.order_number)
    return guarantee


@transaction.atomic
def deliver_letter(
    guarantee: Guarantee, letter: SealedDocument, *, values: dict[str, object], at: datetime
) -> Guarantee:
    """Send out the sealed letter: from now on the beneficiary can rely on it."""
    guarantee = Guarantee.objects.locked(guarantee)
    step = LIFECYCLE.step("deliver", guarantee, SYSTEM)
    guarantee.change(step, at=at, letter=letter, letter_values=values, delivered_at=at)
    remember(
        "guarantee.delivered", guarantee, by=SYSTEM, at=at, number=guarantee.number, letter=letter.pdf_sm3,
        sm2_signature=letter.sm2_signature, values=digest_of(values),
    )  # fmt: skip
    return guarantee


def new_number(kind: str, at: datetime) -> str:
    """Return a fresh guarantee number: kind, day of issue, eight random signs. It must not tell how many there are."""
    return f"{KINDS[kind].prefix}{local_day(at):%Y%m%d}-{random_code(8)}"
