"""Submissions from act to receipt: in order, once, tried again, never counted before the counter-receipt."""

import json
from datetime import timedelta

import pytest
from lxml import etree

from xinshu.claims.actions.suspension import grant_extension
from xinshu.claims.tests.city import PDF, ClaimsCity
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.exchange.actions import submissions as acts
from xinshu.exchange.adapters.iso20022.adapter import amendment_of
from xinshu.exchange.adapters.iso20022.mapping import AMENDMENT
from xinshu.exchange.adapters.iso20022.messages import to_bytes, write
from xinshu.exchange.models import OpenedEnvelope, Submission, Try
from xinshu.exchange.receiving import take_envelope
from xinshu.exchange.tests.conftest import Receivers
from xinshu.exchange.tests.test_iso20022 import XSDS
from xinshu.guarantees.actions.amendments import accept_amendment, issue_amendment, propose_amendment
from xinshu.guarantees.actions.ending import release_guarantee
from xinshu.guarantees.actions.reductions import ask_reduction, confirm_reduction
from xinshu.guarantees.actions.surrenders import agree_to_surrender, approve_surrender, ask_surrender
from xinshu.guarantees.models import Amendment, Guarantee
from xinshu.ledger.models import Delivery
from xinshu.messaging.models import Notice


def told(receivers, **narrowed):
    return [(row.event, row.state) for row in receivers.all(**narrowed)]


def release(city, case, minutes=10):
    case.refresh_from_db()
    return release_guarantee(
        case, by=city.beneficiary, at=city.at + timedelta(minutes=minutes), reason="竣工验收合格。"
    )


def results(receivers):
    """Hand over what the bank's centre tells on its own; each envelope once."""
    answers = []
    while receivers.bank.outbox:
        answers.append(take_envelope("bank-bid", json.dumps(receivers.bank.outbox.pop(0)), at=receivers.moment))
    return answers


@pytest.mark.req("BH-29")
def test_issue_and_release_reach_the_department_in_order_and_are_acknowledged(city, receivers):
    case = city.in_force()
    release(city, case)

    with receivers.open("iso20022"):
        receivers.work()

    issue, end = receivers.all()
    assert [(row.event, row.state, row.number) for row in (issue, end)] == [
        ("issue", "submitted", 1),
        ("release", "submitted", 2),
    ]
    assert issue.receipt == f"HZ-{issue.message[:12].upper()}"
    assert list(receivers.iso.memory["messages"]) == [issue.message, end.message]
    assert [row["kind"] for row in receivers.iso.memory["messages"].values()] == ["tsrv.001.001.01", "tsrv.012.001.01"]


def test_nothing_counts_as_submitted_before_the_counter_receipt(city, receivers):
    receivers.iso.moods = ["silent"]
    case = city.in_force()
    release(city, case)

    with receivers.open("iso20022"):
        receivers.work()

    issue, end = receivers.all()
    assert [(row.state, row.counts) for row in (issue, end)] == [("sent", False), ("waiting", False)]
    assert len(receivers.iso.memory["messages"]) == 1  # the second waits for the receipt of the first

    with receivers.open("iso20022"):
        acts.acknowledge(issue, receipt="住建备 2026-1", by=city.department, at=city.at + timedelta(minutes=40))
        receivers.iso.moods = ["good"]
        receivers.work(60)

    assert told(receivers) == [("issue", "submitted"), ("release", "submitted")]


def test_a_bank_s_system_takes_it_first_and_acknowledges_by_a_call_of_its_own(city, receivers):
    city.in_force()

    with receivers.open("bank_bid"):
        receivers.work()
        assert told(receivers) == [("issue", "sent")]
        [answer] = results(receivers)

    [row] = receivers.all()
    assert (row.state, row.receipt) == ("submitted", f"HZ-{row.order}")
    assert set(answer) == {"data", "encrypt", "nonceStr", "timeStamp", "sign"}


@pytest.mark.parametrize("adapter", ["iso20022", "bank_bid"])
@pytest.mark.parametrize("mood", ["broken", "garbage", "wrong_signature", "wrong_question"])
def test_an_answer_that_cannot_be_believed_is_no_receipt_and_the_message_goes_again(city, receivers, mood, adapter):
    centre = receivers.iso if adapter == "iso20022" else receivers.bank
    centre.moods = [mood, mood, "good"]
    city.in_force()

    with receivers.open(adapter):
        receivers.work(30)
        assert told(receivers) == [("issue", "waiting")]
        for minutes in (40, 90):
            receivers.work(minutes)
        del receivers.bank.outbox[:-1]  # results told an hour ago are too old by now
        results(receivers)

    assert told(receivers) == [("issue", "submitted")]
    assert list(Try.objects.order_by("pk").values_list("outcome", flat=True))[:2] == ["failed", "failed"]
    kept = centre.memory["messages"] if adapter == "iso20022" else centre.memory["orders"]
    assert len(kept) == 1  # whatever was taken twice is one


def test_nobody_answering_parks_the_message_and_a_person_sends_it_again(city, receivers):
    receivers.iso.moods = ["broken"]
    city.in_force()

    with receivers.open("iso20022"):
        for hours in range(1, 12):
            receivers.work(60 * hours)
        [row] = receivers.all()
        assert row.state == "waiting"
        assert Delivery.objects.filter(entry__kind="submission.due", state="parked").count() == 1

        receivers.iso.moods = ["good"]
        acts.resend(row, by=city.manager, at=city.at + timedelta(hours=12))
        receivers.work(60 * 12)

    assert told(receivers) == [("issue", "submitted")]
    assert not Delivery.objects.exclude(state="done").exists()


def test_a_returned_message_warns_the_guarantor_holds_the_next_and_goes_again_under_a_new_number(city, receivers):
    receivers.iso.moods = ["refuse", "good"]
    case = city.in_force()
    release(city, case)

    with receivers.open("iso20022"):
        receivers.work()
        issue, end = receivers.all()
        assert [(row.state, row.answer) for row in (issue, end)] == [("returned", "沙箱按要求拒绝"), ("waiting", "")]
        notice = Notice.objects.get(member=city.manager, text__contains="退回")
        assert notice.link == f"/submissions/{issue.reference}/"

        with pytest.raises(NotNow, match="前一份报文还没有回执"):
            acts.resend(end, by=city.manager, at=city.at + timedelta(minutes=35))
        first = issue.message
        acts.resend(issue, by=city.manager, at=city.at + timedelta(minutes=35))
        receivers.work(60)

    issue, end = receivers.all()
    assert (issue.state, end.state, issue.answer) == ("submitted", "submitted", "")
    assert issue.message != first


def test_a_returned_message_that_is_given_up_lets_the_next_one_pass(city, receivers):
    receivers.iso.moods = ["refuse", "good"]
    case = city.in_force()
    release(city, case)

    with receivers.open("iso20022"):
        receivers.work()
        issue, _end = receivers.all()
        with pytest.raises(Invalid):
            acts.drop(issue, by=city.manager, at=city.at, reason=" ")
        acts.drop(issue, by=city.manager, at=city.at + timedelta(minutes=35), reason="主管部门已在线下登记")
        receivers.work(60)

    assert told(receivers) == [("issue", "dropped"), ("release", "submitted")]


def test_the_same_news_twice_is_one_message_and_the_same_receipt_twice_one_receipt(city, receivers):
    case = city.in_force()
    with receivers.open("iso20022"):
        receivers.work()
        [row] = receivers.all()
        receivers.city.at += timedelta(minutes=1)
        again = acts.queue(
            case, "issue", row.entry, _destination(), city.department.organisation, content={"a": 1}, at=city.at
        )
        acts.acknowledge(row, receipt=row.receipt, by=city.department, at=city.at)
        with pytest.raises(NotNow, match="已有回执"):
            acts.acknowledge(row, receipt="另一个", by=city.department, at=city.at)

    assert again == row
    assert len(receivers.all()) == 1


def _destination():
    from xinshu.exchange.destinations import destinations

    return destinations()["iso20022"]


def test_a_second_delivery_of_the_same_due_entry_sends_nothing_twice(city, receivers):
    city.in_force()
    with receivers.open("iso20022"):
        receivers.work()
        Delivery.objects.filter(entry__kind="submission.due").update(state="waiting", leased_until=None)
        receivers.work(60)

    assert receivers.iso.times == 1


def test_the_envelope_of_a_result_is_opened_once_while_fresh_and_from_its_system_only(city, receivers):
    from xinshu.exchange.adapters import Unusable

    city.in_force()
    with receivers.open("bank_bid"):
        receivers.work()
        envelope = json.dumps(receivers.bank.outbox[0])
        late, at = city.at + timedelta(hours=2), receivers.moment
        for code, when, why in (("bank-bid", late, "过期"), ("iso20022", at, "签名不对"), ("nobody", at, "签名不对")):
            with pytest.raises(Unusable, match=why):
                take_envelope(code, envelope, at=when)
        assert told(receivers) == [("issue", "sent")]
        take_envelope("bank-bid", envelope, at=at)
        with pytest.raises(Unusable, match="已经收过"):
            take_envelope("bank-bid", envelope, at=at)

    assert OpenedEnvelope.objects.count() == 1


def test_a_duplicate_result_under_a_new_envelope_changes_nothing(city, receivers):
    city.in_force()
    with receivers.open("bank_bid"):
        receivers.work()
        [row] = receivers.all()
        receivers.bank.push({"order_no": row.order, "status": "2", "note": "迟到的拒绝"})
        results(receivers)  # the acceptance first, then a refusal of what is already settled

    assert told(receivers) == [("issue", "submitted")]


def test_a_declined_order_comes_back_to_the_guarantor(city, receivers):
    receivers.bank.moods = ["decline"]
    city.in_force()
    with receivers.open("bank_bid"):
        receivers.work()
        results(receivers)
        receivers.work(60)

    [row] = receivers.all()
    assert (row.state, row.answer) == ("returned", "沙箱审核不通过")
    assert Notice.objects.filter(member=city.manager, text__contains="沙箱审核不通过").exists()


def test_what_nobody_supervises_or_no_system_receives_is_told_to_nobody(city, receivers):
    city.in_force(project=city.project(region_code="880100"))
    with receivers.open():
        receivers.work()
    assert receivers.all() == []

    receivers.settings.EXCHANGE = []
    city.in_force(by=city.rival)
    receivers.work(60)
    assert receivers.all() == []


def test_a_message_left_without_receipt_for_a_day_warns_the_guarantor_once(city, receivers):
    from xinshu.exchange.tasks import warn_of_silence

    receivers.iso.moods = ["silent"]
    city.in_force()
    with receivers.open("iso20022"):
        receivers.work()
    for hours in (2, 26, 50):
        later = city.at + timedelta(hours=hours)
        warn_of_silence(later.date(), later)

    assert Notice.objects.filter(member=city.manager, text__contains="仍无回执").count() == 1


def test_the_department_s_decision_comes_back_through_its_own_people(city, receivers):
    city.in_force()
    with receivers.open("iso20022"):
        receivers.work()
    [row] = receivers.all()

    row = acts.file_submission(row, by=city.department, at=city.at, answer="同意备案")

    assert (row.state, row.answer, row.counts) == ("filed", "同意备案", True)


@pytest.mark.parametrize("who", ["other_department", "applicant", "manager", "beneficiary", "bank"])
@pytest.mark.parametrize("act", ["acknowledge", "file", "return"])
def test_nobody_else_acknowledges_or_decides(city, receivers, who, act):
    receivers.iso.moods = ["silent"]
    city.in_force()
    with receivers.open("iso20022"):
        receivers.work()
    [row] = receivers.all()
    acted = {
        "acknowledge": lambda by: acts.acknowledge(row, receipt="1", by=by, at=city.at),
        "file": lambda by: acts.file_submission(row, receipt="1", by=by, at=city.at),
        "return": lambda by: acts.return_submission(row, reason="不符", by=by, at=city.at),
    }

    with pytest.raises(NotPermitted):
        acted[act](getattr(city, who))

    assert Submission.objects.get().state == "sent"


@pytest.mark.req("BH-29")
@pytest.mark.parametrize("adapter", ["iso20022", "bank_bid"])
def test_a_claim_and_its_refusal_are_told_after_the_issue(at, db, settings, adapter):
    receivers = Receivers(ClaimsCity(at), settings)
    demand = receivers.city.refused()
    minutes = (demand.changed_at - at) / timedelta(minutes=1) + 5

    with receivers.open(adapter):
        for more in range(4):
            receivers.work(minutes + more)
            results(receivers)

    assert told(receivers) == [("issue", "submitted"), ("demand", "submitted"), ("refusal", "submitted")]
    content = receivers.all()[-1].content
    assert (content["demand"], content["demanded"]) == (demand.reference, demand.amount)
    assert content["discrepancies"]
    assert demand.payee_account not in json.dumps([row.content for row in receivers.all()])


@pytest.mark.req("BH-29")
def test_an_amendment_is_told_once_the_beneficiary_has_accepted_it(city, receivers):
    case = city.in_force(sealed=True)
    less = case.amount - 10_000_00
    offer = propose_amendment(case, by=city.applicant, at=city.at, reason="合同价款调减。", new_amount=less)
    offer = issue_amendment(offer, by=city.signer, at=city.at)
    with receivers.open("iso20022"):
        receivers.work()
        before = told(receivers)
        accept_amendment(Amendment.objects.get(pk=offer.pk), by=city.beneficiary, at=city.at + timedelta(hours=1))
        for more in range(3):
            receivers.work(60 + more)
            results(receivers)

    assert [event for event, _state in before] == ["issue"]
    assert [row["kind"] for row in receivers.iso.memory["messages"].values()] == ["tsrv.001.001.01", "tsrv.005.001.01"]
    assert told(receivers) == [("issue", "submitted"), ("amendment", "submitted")]
    content = receivers.all()[-1].content
    assert (content["sequence"], content["change"], content["amount"]) == (1, -10_000_00, less)


@pytest.mark.req("BH-29")
def test_an_extension_on_demand_is_told_as_an_amendment_that_is_in_force(at, db, settings):
    receivers = Receivers(ClaimsCity(at), settings)
    demand = receivers.city.suspended()
    demand = grant_extension(demand, reason="申请人同意展期。", by=receivers.city.reviewer, at=receivers.city.day(6))
    minutes = (demand.changed_at - at) / timedelta(minutes=1) + 5

    with receivers.open("iso20022"):
        for more in range(4):
            receivers.work(minutes + more)
            results(receivers)

    assert told(receivers) == [("issue", "submitted"), ("demand", "submitted"), ("amendment", "submitted")]
    content = receivers.all()[-1].content
    assert (content["sequence"], content["new_expires_on"]) == (1, demand.extend_to.isoformat())
    kinds = [row["kind"] for row in receivers.iso.memory["messages"].values()]
    assert kinds == ["tsrv.001.001.01", "tsrv.013.001.01", "tsrv.005.001.01"]


@pytest.mark.req("BH-29")
def test_reductions_are_told_each_with_what_it_took(city, receivers):
    case = city.in_force(sealed=True)
    for number in range(2):
        at = city.at + timedelta(hours=number + 1)
        asked = ask_reduction(
            Guarantee.objects.get(pk=case.pk), amount=1_000_00, reason="第一期工程已验收", content=PDF,
            name="验收证明.pdf", by=city.applicant, at=at,
        )  # fmt: skip
        confirm_reduction(asked, by=city.beneficiary, at=at)

    with receivers.open("iso20022"):
        for more in range(4):
            receivers.work(180 + more)
            results(receivers)

    assert told(receivers) == [("issue", "submitted"), ("amendment", "submitted"), ("amendment", "submitted")]
    first, second = (row.content for row in receivers.all()[1:])
    assert (first["sequence"], second["sequence"]) == ("R1", "R2")
    assert (first["change"], first["needs_consent"]) == (-1_000_00, False)
    assert second["amount"] == case.amount - 2_000_00
    for row in receivers.all()[1:]:
        if XSDS is not None:
            root = write(AMENDMENT, amendment_of(row.content))
            etree.XMLSchema(etree.parse(XSDS / "tsrv.005.001.01.xsd")).assertValid(etree.fromstring(to_bytes(root)))


@pytest.mark.req("BH-29")
def test_a_surrender_is_told_as_the_release_that_it_is_with_its_receipt(city, receivers):
    case = city.in_force(sealed=True)
    asked = ask_surrender(
        case, ground="accepted", reason="工程已竣工验收合格", content=PDF, name="竣工证明.pdf", by=city.applicant,
        at=city.at,
    )  # fmt: skip
    asked = agree_to_surrender(asked, by=city.beneficiary, at=city.at)
    done = approve_surrender(asked, by=city.department, at=city.at + timedelta(hours=1))

    with receivers.open("iso20022"):
        for more in range(3):
            receivers.work(90 + more)
            results(receivers)

    assert told(receivers) == [("issue", "submitted"), ("release", "submitted")]
    assert done.receipt_number in receivers.all()[-1].content["reason"]
