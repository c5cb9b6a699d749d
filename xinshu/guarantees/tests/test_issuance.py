"""Stories: the guarantor binds itself; the letter is written, sealed and delivered, once."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction

from xinshu.books.lines import line_of
from xinshu.core.clock import moment
from xinshu.core.refusals import Changed, NotNow, NotPermitted
from xinshu.documents.models import SealedDocument
from xinshu.documents.verification import examine
from xinshu.documents.views import file_response
from xinshu.guarantees.actions.issuance import AlreadyOver, issue_guarantee, new_number
from xinshu.guarantees.models import PARTIES, Guarantee
from xinshu.guarantees.sealed.issued import send_letter, values_of, verify_address
from xinshu.guarantees.tests.city import LINE, City
from xinshu.ledger.models import Delivery
from xinshu.ledger.queries import history_of, is_whole
from xinshu.ledger.worker import drain

pytestmark = pytest.mark.django_db


def test_issuing_takes_up_the_line_and_fixes_number_text_and_nature(city: City) -> None:
    case = issue_guarantee(city.to_issue(), by=city.signer, at=city.at)

    line = line_of(case.guarantor, case.applicant)
    assert (case.state, case.issued_at, case.available_amount) == ("issuing", city.at, case.amount)
    assert (line.reserved, line.occupied, line.available) == (0, case.amount, LINE - case.amount)
    assert (case.nature, case.template.template.name != "") == ("accessory_joint", True)
    assert "连带责任保证" in "".join(case.clauses)
    assert len(case.verify_code) == 6
    assert case.verify_code.isdecimal()


def test_a_number_tells_kind_and_day_and_nothing_of_how_many(city: City) -> None:
    numbers = {new_number("bid", moment(city.at.date(), 0, 5)) for _time in range(50)}

    assert len(numbers) == 50
    assert {number[:11] for number in numbers} == {"TB20261121-"}
    assert {len(number) for number in numbers} == {19}


def test_whoever_approved_does_not_sign(city: City) -> None:
    both = city.colleague(city.reviewer, "reviewer", "signer")
    case = city.to_issue()
    Guarantee.objects.filter(pk=case.pk).update(reviewed_by_key=both.actor_key)
    case = Guarantee.objects.get(pk=case.pk)

    with pytest.raises(NotPermitted) as refused:
        issue_guarantee(case, by=both, at=city.at)

    assert "须由两人办理" in refused.value.message
    assert issue_guarantee(case, by=city.signer, at=city.at).state == "issuing"


def test_a_period_that_has_passed_meanwhile_is_not_signed(city: City) -> None:
    case = city.to_issue()

    with pytest.raises(AlreadyOver):
        issue_guarantee(case, by=city.signer, at=moment(case.expires_on, 9))

    assert line_of(case.guarantor, case.applicant).occupied == 0


def test_a_second_signature_on_the_same_page_is_told_that_it_changed(city: City) -> None:
    case = city.to_issue()
    seen = Guarantee.objects.get(pk=case.pk)
    issue_guarantee(case, by=city.signer, at=city.at)

    with pytest.raises(Changed):
        issue_guarantee(seen, by=city.colleague(city.signer, "signer"), at=city.at)

    assert line_of(case.guarantor, case.applicant).occupied == case.amount


@pytest.mark.req("BH-23")
def test_the_worker_seals_and_delivers_a_letter_that_examines_as_genuine(city: City) -> None:
    case = city.issuing()

    drain()

    case = Guarantee.objects.select_related("letter__file__blob").get(pk=case.pk)
    content = file_response(case.letter.file).content
    assert (case.state, case.delivered_at is not None) == ("in_force", True)
    assert examine(content).genuine
    delivered = history_of(case).last()
    assert (delivered.kind, delivered.data["letter"]) == ("guarantee.delivered", case.letter.pdf_sm3)
    assert is_whole(delivered)


def test_the_letter_says_what_the_case_says(city: City) -> None:
    case = Guarantee.objects.select_related(*PARTIES).get(pk=city.issuing().pk)

    values = values_of(case)

    assert (values["number"], values["amount"], values["amount_in_words"]) == (
        case.number, "2,000,000.00", "人民币贰佰万元整",
    )  # fmt: skip
    assert values["verify_url"] == verify_address(case)
    assert f"/verify/{case.number}/?code={case.verify_code}" in values["verify_url"]
    assert (values["effective_on"], values["expires_on"]) == ("2026-11-22", "2027-06-10")


def test_a_letter_is_delivered_once_however_often_it_is_sent(city: City) -> None:
    case = Guarantee.objects.select_related(*PARTIES, "template__template").get(pk=city.issuing().pk)
    stale = Guarantee.objects.select_related(*PARTIES, "template__template").get(pk=case.pk)
    send_letter(case, at=city.at)
    letter = Guarantee.objects.get(pk=case.pk).letter

    with pytest.raises(Changed):
        send_letter(stale, at=city.at)
    with pytest.raises(NotNow):
        send_letter(Guarantee.objects.select_related("template__template").get(pk=case.pk), at=city.at)

    assert Guarantee.objects.get(pk=case.pk).letter == letter
    assert [entry.kind for entry in history_of(case)].count("guarantee.delivered") == 1


def test_the_reaction_run_again_finds_nothing_to_do(city: City) -> None:
    case = city.issuing()
    drain()
    letters = SealedDocument.objects.count()

    Delivery.objects.filter(reaction__endswith="seal_issued").update(state="waiting")
    drain()

    assert SealedDocument.objects.count() == letters == 1
    assert Delivery.objects.get(reaction__endswith="seal_issued").state == "done"
    assert Guarantee.objects.get(pk=case.pk).state == "in_force"


def test_one_number_names_one_guarantee(city: City) -> None:
    one, other = city.issuing(), city.issuing()

    with pytest.raises(IntegrityError), transaction.atomic():
        Guarantee.objects.filter(pk=other.pk).update(number=one.number)


@pytest.mark.req("EP-14")
def test_a_bid_guarantee_from_application_to_letter_with_every_step_on_record(city: City) -> None:
    case = city.issuing("bid")
    drain()

    case = Guarantee.objects.get(pk=case.pk)
    story = [(entry.kind, entry.actor_key) for entry in history_of(case)]
    assert case.state == "in_force"
    assert story == [
        ("guarantee.drafted", city.applicant.actor_key),
        ("guarantee.edited", city.applicant.actor_key),
        ("guarantee.submitted", city.applicant.actor_key),
        ("guarantee.approved", "system"),
        ("payment.requested", city.applicant.actor_key),
        ("payment.confirmed", "system"),
        ("guarantee.issued", city.signer.actor_key),
        ("guarantee.delivered", "system"),
    ]
    assert {entry.sealed_until for entry in history_of(case)} == {city.opens_at}


def test_a_case_can_be_issued_only_after_its_line_was_reserved(city: City) -> None:
    case = city.to_issue()
    from xinshu.books.lines import void_reservation

    void_reservation(case, at=city.at)

    with pytest.raises(NotNow):
        issue_guarantee(case, by=city.signer, at=city.at + timedelta(minutes=1))

    assert Guarantee.objects.get(pk=case.pk).state == "to_issue"


def test_a_bid_guarantee_is_not_signed_once_the_bids_are_open(city: City) -> None:
    case = city.to_issue("bid")

    with pytest.raises(AlreadyOver) as refused:
        issue_guarantee(case, by=city.signer, at=case.project.opens_at)

    assert "已经开标" in refused.value.message
