"""Changes of the main contract (民法典 695 to 697): what binds the guarantor with its consent, and without."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from xinshu.accounts.models import Member
from xinshu.core.refusals import Invalid, NotPermitted
from xinshu.documents.tests.conftest import PDF
from xinshu.guarantees import verification
from xinshu.guarantees.actions.contract_changes import (
    consent_to_change,
    refuse_change,
    report_contract_change,
    unconsented,
    withdraw_change,
)
from xinshu.guarantees.actions.ending import release_guarantee
from xinshu.guarantees.history import timeline_of
from xinshu.guarantees.kinds import Nature
from xinshu.guarantees.law.consenting import CREDITOR, DEBTOR, HEAVIER, LIGHTER, TERM, effect_of
from xinshu.guarantees.life_tasks import end_changes, seal_answer, tell_of_change
from xinshu.guarantees.models import ContractChange, Guarantee
from xinshu.guarantees.tests.city import City
from xinshu.ledger.models import Entry
from xinshu.messaging.models import Notice

pytestmark = pytest.mark.django_db
BrowserOf = Callable[[Member], Client]


@pytest.mark.parametrize(
    ("nature", "effect", "consented", "unbound"),
    [
        (Nature.JOINT, HEAVIER, False, 200_000_00),  # 695(1): not for what is more
        (Nature.JOINT, HEAVIER, True, 0),
        (Nature.GENERAL, HEAVIER, False, 200_000_00),
        (Nature.JOINT, LIGHTER, False, 0),  # 695(1): still for the lighter debt
        (Nature.JOINT, TERM, False, 0),  # 695(2): the period stays
        (Nature.JOINT, CREDITOR, False, 0),  # 696(1): notified by the report
        (Nature.JOINT, DEBTOR, False, 200_000_00),  # 697(1)
        (Nature.JOINT, DEBTOR, True, 0),
        (Nature.INDEPENDENT, HEAVIER, False, 0),  # URDG 5: independent of the contract
        (Nature.INSURANCE, HEAVIER, False, 0),  # its policy decides
    ],
)
def test_what_a_change_does_by_nature_and_consent(nature: str, effect: str, consented: bool, unbound: int) -> None:
    found = effect_of(nature, effect, 200_000_00, consented=consented)

    assert found.unbound == unbound
    assert found.words
    assert found.source


def reported(city: City, **facts: Any) -> ContractChange:
    case = facts.pop("case", None) or city.in_force()
    usual = {
        "effect": HEAVIER,
        "amount": 200_000_00,
        "reason": "增加一座桥梁。",
        "content": PDF,
        "name": "补充协议.pdf",
    }
    return report_contract_change(case, by=city.applicant, at=city.at, **(usual | facts))


def test_until_the_guarantor_consents_it_does_not_answer_for_what_is_more(city: City) -> None:
    change = reported(city)
    case = change.guarantee
    before = (case.amount, case.expires_on)

    assert [one.effect_now.unbound for one in unconsented(case)] == [200_000_00]
    change = consent_to_change(change, by=city.reviewer, at=city.at + timedelta(hours=1))

    case = Guarantee.objects.get(pk=case.pk)
    assert (change.state, unconsented(case)) == ("consented", [])
    assert (case.amount, case.expires_on) == before


def test_a_refusal_says_why_and_the_part_stays_out(city: City) -> None:
    change = refuse_change(reported(city), by=city.reviewer, at=city.at, reason="增加部分未经评估。")

    assert change.effect_now.unbound == 200_000_00
    assert "不承担保证责任" in change.effect_now.words
    titles = [row["title"] for row in timeline_of(change, {"beneficiary"})]
    assert titles == ["保证人不同意合同变更", "登记主合同变更"]


def test_the_answer_is_a_sealed_letter_sent_once_and_both_sides_are_told(city: City) -> None:
    assert city.reviewer.can("guarantees.review")
    change = reported(city, case=city.in_force(sealed=True))
    tell_of_change(Entry.objects.get(kind="contract_change.reported"))
    change = consent_to_change(change, by=city.reviewer, at=city.at)
    entry = Entry.objects.get(kind="contract_change.consented")
    for _twice in range(2):
        seal_answer(entry)
    tell_of_change(entry)

    change.refresh_from_db()
    assert change.letter is not None
    assert Entry.objects.filter(kind="contract_change.answered").count() == 1
    told = Notice.objects.filter(text__contains="主合同")
    assert {notice.member for notice in told} >= {city.reviewer, city.applicant, city.beneficiary}
    assert verification.by_number(change.guarantee.number, city.at).outcome == verification.IN_FORCE


def test_the_beneficiary_may_report_too_and_a_stranger_may_not(city: City) -> None:
    case = city.in_force()
    report_contract_change(
        case, effect=TERM, reason="工期顺延三个月。", content=PDF, name="补充协议.pdf", by=city.beneficiary, at=city.at
    )

    with pytest.raises(NotPermitted):
        report_contract_change(
            Guarantee.objects.get(pk=case.pk), effect=TERM, reason="工期顺延。", content=PDF, name="a.pdf",
            by=city.rival, at=city.at,
        )  # fmt: skip
    with pytest.raises(NotPermitted):
        consent_to_change(ContractChange.objects.get(), by=city.applicant, at=city.at)


@pytest.mark.parametrize(
    ("wrong", "field"),
    [({"effect": "none"}, "effect"), ({"amount": None}, "amount"), ({"reason": "增"}, "reason"),
     ({"content": None}, "file")],
)  # fmt: skip
def test_what_is_missing_is_named_and_nothing_is_kept(city: City, wrong: dict[str, Any], field: str) -> None:
    with pytest.raises(Invalid) as refused:
        reported(city, **wrong)

    assert field in refused.value.fields
    assert not ContractChange.objects.exists()


def test_a_report_that_is_withdrawn_was_never_one_and_an_end_leaves_it_unanswered(city: City) -> None:
    withdrawn = withdraw_change(reported(city), by=city.applicant, at=city.at, reason="合同没有变更。")
    open_one = reported(city, case=Guarantee.objects.get())
    case = Guarantee.objects.get()
    release_guarantee(case, by=city.beneficiary, at=city.at, reason="验收合格。")
    end_changes(Entry.objects.get(kind="guarantee.released"))

    open_one.refresh_from_db()
    assert (withdrawn.effect_now.unbound, open_one.state) == (0, "lapsed")
    assert open_one.effect_now.unbound == 200_000_00


def test_in_the_browser_from_the_form_to_the_answer(city: City, browser_of: BrowserOf) -> None:
    case = city.in_force()
    applicant, reviewer = browser_of(city.applicant), browser_of(city.reviewer)
    new = reverse("guarantees:report_change", args=[case.reference])
    assert "变更的性质" in applicant.get(new).content.decode()
    typed: dict[str, Any] = {
        "version": Guarantee.objects.get(pk=case.pk).version, "effect": HEAVIER, "amount": "20万元",
        "reason": "增加一座桥梁。", "file": SimpleUploadedFile("补充协议.pdf", PDF, "application/pdf"),
    }  # fmt: skip
    wrong = applicant.post(new, {**typed, "amount": "", "file": SimpleUploadedFile("a.pdf", PDF)})
    assert (wrong.status_code, "增加一座桥梁。" in wrong.content.decode()) == (422, True)
    assert applicant.post(new, {**typed, "file": SimpleUploadedFile("补充协议.pdf", PDF)}).status_code == 302
    change = ContractChange.objects.get()
    page = reverse("guarantees:contract_change", args=[change.reference])

    assert browser_of(city.rival).get(page).status_code == 404
    assert "200,000.00" in browser_of(city.beneficiary).get(page).content.decode()
    act = reverse("guarantees:contract_change_act", args=[change.reference, "consent"])
    assert applicant.post(act, {"version": change.version}).status_code == 403
    assert reviewer.post(act, {"version": change.version}).status_code == 302
    assert "已书面同意" in applicant.get(page).content.decode()
    assert "登记合同变更" in applicant.get(reverse("guarantees:detail", args=[case.reference])).content.decode()
