"""Sealed bid guarantees: a commitment at issue, the reveal at the opening; before, nobody learns who or how many."""

import json
from datetime import timedelta

import pytest
from django.test import Client

from xinshu.core.clock import moved_to
from xinshu.core.money import wan, yuan
from xinshu.exchange.content import reveals
from xinshu.exchange.models import Submission
from xinshu.exchange.receiving import take_envelope
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.tests.systems import System
from xinshu.ledger.models import Delivery, Entry
from xinshu.ledger.veils import open_at
from xinshu.messaging.models import Notice
from xinshu.projects.actions import amend_project

MINUTE = timedelta(minutes=1)


@pytest.fixture
def case(city):
    lot = city.lot(name="白鹭洲跨江隧道秘密标", number="YZ-SECRET-77", estimate_amount=2_345_678_900)
    return city.in_force("bid", project=lot, amount=41_234_567)


def words(case):
    case = Guarantee.objects.select_related("project", "applicant", "beneficiary", "guarantor").get(pk=case.pk)
    return [
        case.number, case.reference, case.applicant.name, case.applicant.uscc, case.beneficiary.name,
        case.guarantor.name,
        case.project.name, case.project.number, case.project.reference, yuan(case.amount), wan(case.amount),
        str(case.amount), case.letter.pdf_sm3,
    ]  # fmt: skip


def kept_by(centre):
    return json.dumps(centre.memory, ensure_ascii=False)


def open_bids(receivers):
    at = receivers.city.opens_at + 2 * MINUTE
    return receivers.work((at - receivers.city.at).total_seconds() / 60)


def test_at_issue_only_a_commitment_leaves_and_at_the_opening_it_is_kept(city, receivers, case):
    with receivers.open():
        receivers.work()
        [sealed] = receivers.all()
        [[[path, order]]] = receivers.bank.memory["orders"].values()
        assert (sealed.event, path, order["guarantee_type"]) == ("sealed", "DlgOrderApply", "1")
        assert order["commitment"] == sealed.commitment
        assert [word for word in words(case) if word in kept_by(receivers.bank) + kept_by(receivers.iso)] == []
        take_envelope("bank-bid", json.dumps(receivers.bank.outbox.pop()), at=receivers.moment)

        open_bids(receivers)

    rows = [(row.destination, row.event, row.state) for row in receivers.all()]
    assert rows == [
        ("bank-bid", "sealed", "submitted"),
        ("bank-bid", "reveal", "submitted"),
        ("iso20022", "issue", "submitted"),  # takes no sealed ones: hears of it at the opening
    ]
    [[_order, [path, shown]]] = receivers.bank.memory["orders"].values()
    assert path == "DlgDecryptionNotice"
    assert reveals(order["commitment"], json.loads(shown["content"]), shown["key"])
    assert json.loads(shown["content"])["amount"] == 41_234_567


def test_a_system_that_takes_no_sealed_ones_hears_nothing_before_the_opening(city, receivers, case):
    with receivers.open(sealed=False):
        receivers.work()
        assert (receivers.all(), receivers.bank.times, receivers.iso.times) == ([], 0, 0)
        open_bids(receivers)

    assert {row.event for row in receivers.all()} == {"issue"}


def test_all_sealed_messages_are_of_one_length_and_tell_nothing_apart(city, receivers, case):
    city.in_force("bid", by=city.rival, amount=100_000)
    seen = []
    keep = receivers.bank.answer
    receivers.bank.answer = lambda path, body: seen.append(body) or keep(path, body)  # what travels on the line

    with receivers.open():
        receivers.work()

    assert len(seen) == 2
    assert len({len(body) for body in seen}) <= 1


def test_a_reveal_that_was_altered_on_our_side_does_not_leave(city, receivers, case):
    with receivers.open("bank_bid"):
        receivers.work()
        take_envelope("bank-bid", json.dumps(receivers.bank.outbox.pop()), at=receivers.moment)
        sealed = Submission.objects.get()
        Submission.objects.update(content=sealed.content | {"amount": 1})
        open_bids(receivers)

    reveal = Submission.objects.get(event="reveal")
    assert reveal.state == "waiting"
    assert "承诺值不符" in Delivery.objects.get(entry__kind="submission.due", state="waiting").last_error
    assert receivers.bank.times == 1


def test_a_reveal_that_was_never_committed_to_is_given_back(city, receivers, case):
    with receivers.open("bank_bid"):
        receivers.work()
        take_envelope("bank-bid", json.dumps(receivers.bank.outbox.pop()), at=receivers.moment)
        receivers.bank.memory["orders"].clear()
        open_bids(receivers)

    reveal = Submission.objects.get(event="reveal")
    assert (reveal.state, reveal.answer) == ("returned", "还原内容与密文登记不符")


def test_an_opening_that_is_put_off_puts_the_reveal_off(city, receivers, case):
    with receivers.open("bank_bid"):
        receivers.work()
        take_envelope("bank-bid", json.dumps(receivers.bank.outbox.pop()), at=receivers.moment)
        later = city.opens_at + timedelta(days=3)
        amend_project(case.project, by=city.applicant, at=city.at + timedelta(hours=1), opens_at=later)
        open_bids(receivers)
        assert [row.event for row in receivers.all()] == ["sealed"]
        assert not open_at(Entry.objects.filter(kind__startswith="submission."), city.opens_at + MINUTE).exists()
        receivers.work(((later + 2 * MINUTE) - city.at).total_seconds() / 60)

    assert [row.event for row in receivers.all()] == ["sealed", "reveal"]


@pytest.mark.parametrize(
    "who", ["department", "other_department", "beneficiary", "rival", "bank", "operator", "auditor", "sysadmin", None]
)
def test_before_the_opening_no_surface_tells_anybody_else_who_or_how_many(city, receivers, browser_of, case, who):
    with receivers.open():
        receivers.work()
    [sealed] = receivers.all()
    browser = browser_of(getattr(city, who)) if who else Client()
    nothing = "NONSENSE2345"
    pages = {
        path: browser.get(path)
        for path in ("/submissions/", "/submissions/?q=YZ-SECRET-77", "/submissions/?view=open", "/submissions/export/")
    }

    for path, answer in pages.items():
        text = answer.content.decode("utf-8", "replace") if not answer.streaming else ""
        assert answer.status_code in (200, 302, 403), path
        own = getattr(city, who).organisation.name if who else ""  # stands at the head of one's own pages
        told = [
            word
            for word in (*words(case), sealed.order, sealed.commitment)
            if word in text and word not in (own, path[-12:])
        ]
        assert told == []
        if answer.status_code == 200 and not answer.streaming:
            assert "共 1 条" not in text
    for path in ("/submissions/{}/", "/submissions/{}/resend/", "/submissions/{}/file/"):
        ask = browser.get if path.count("/") == 3 else browser.post
        real, other = ask(path.format(sealed.reference)), ask(path.format(nothing))
        assert real.status_code == other.status_code != 200, path


def test_before_the_opening_ledger_deliveries_and_notices_keep_the_secret(city, receivers, case):
    with receivers.open():
        receivers.work()

    kinds = Entry.objects.filter(kind__startswith="submission.")
    assert kinds.count() >= 3
    assert not open_at(kinds, city.opens_at - MINUTE).exists()
    others = Notice.objects.exclude(member__organisation__in=[city.applicant.organisation, city.guarantor])
    assert not others.exists()


def test_before_the_opening_the_interface_tells_the_department_nothing(city, receivers, case, clock):
    with receivers.open():
        receivers.work()
    [sealed] = receivers.all()
    system = System.of(city.department, city.colleague(city.department, "orgadmin"), city.at)

    listed = system.get("/api/v1/submissions")
    assert (listed.status_code, listed.json()["items"]) == (200, [])
    for act in ("receipt", "file", "return"):
        told = {"version": 1, "receipt": "1", "reason": "不符"}
        real = system.post(f"/api/v1/submissions/{sealed.reference}/actions/{act}", told)
        other = system.post(f"/api/v1/submissions/NONSENSE2345/actions/{act}", told)
        assert (real.status_code, real.content) == (other.status_code, other.content)


def test_applicant_and_guarantor_see_their_own(city, receivers, browser_of, case):
    with receivers.open():
        receivers.work()

    for who in (city.applicant, city.manager):
        with moved_to(city.at + timedelta(hours=1)):
            assert "密文登记" in browser_of(who).get("/submissions/").content.decode()
