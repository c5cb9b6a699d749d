"""Stories: each of the six kinds from its project to the sealed letter, by the parties that it concerns."""

from dataclasses import replace
from datetime import date, timedelta

import pytest

from xinshu.core.refusals import Invalid
from xinshu.documents.uploads import keep_file
from xinshu.guarantees.actions.application import attach_file, edit_application, start_application, submit_application
from xinshu.guarantees.actions.approval import approve_application, review_automatically
from xinshu.guarantees.actions.issuance import issue_guarantee
from xinshu.guarantees.actions.payment import confirm_payment, request_payment
from xinshu.guarantees.applying.proposals import proposed_terms
from xinshu.guarantees.facts import facts_of
from xinshu.guarantees.kinds import KINDS, SECRET
from xinshu.guarantees.law.review import FAILS, MEETS, SUBMISSION, UNKNOWN, review
from xinshu.guarantees.letters.library import faults_in
from xinshu.guarantees.letters.texts import put
from xinshu.guarantees.models import PARTIES, Guarantee
from xinshu.guarantees.queries import Filters, register
from xinshu.guarantees.sealed.issued import send_letter
from xinshu.guarantees.tests.city import CONTRACTS, MINUTE, WAN, City
from xinshu.guarantees.tests.test_review import AT, DAY, PERFORMANCE
from xinshu.ledger.queries import history_of

AMOUNTS = {
    "bid": 40 * WAN, "performance": 200 * WAN, "payment": 200 * WAN, "quality": 57 * WAN, "wage": 40 * WAN,
    "advance": 200 * WAN,
}  # fmt: skip
PDF = b"%PDF-1.7\n%\xe2\xe3\n1 0 obj\n<<>>\nendobj\nstartxref\n9\n%%EOF\n"


def applied(city: City, kind: str) -> Guarantee:
    """Return a draft of `kind` with what is proposed for it and the papers that it needs."""
    case = city.empty(kind)
    by = city.buyer if kind == "payment" else city.applicant
    proposed = {name: proposal.value for name, proposal in proposed_terms(case, city.at.date()).items()}
    case = edit_application(case, by=by, at=city.at + MINUTE, **proposed)  # type: ignore[arg-type]
    for document in case.type.documents:
        file = keep_file(PDF, f"{document.title}.pdf", by.organisation, by, city.at, subject=case)
        case = attach_file(case, file, document.title, by=by, at=city.at + MINUTE)
    return case


def issued(city: City, kind: str) -> Guarantee:
    by = city.buyer if kind == "payment" else city.applicant
    case = submit_application(applied(city, kind), by=by, at=city.at + 2 * MINUTE)
    case = review_automatically(case, at=city.at + 3 * MINUTE)
    if case.state == "in_review":
        case = approve_application(case, by=city.reviewer, at=city.at + 4 * MINUTE, opinion="同意承保。")
    payment = request_payment(case, channel="sandbox", account="6000-0001", by=by, at=city.at + 5 * MINUTE)
    case = confirm_payment(payment, receipt=f"SBX-{payment.order_number}", at=city.at + 6 * MINUTE)
    case = issue_guarantee(case, by=city.signer, at=city.at + 7 * MINUTE)
    case = Guarantee.objects.select_related(*PARTIES, "template__template").get(pk=case.pk)
    return send_letter(case, at=city.at + 8 * MINUTE)


@pytest.mark.req("EP-14", "EP-16", "EP-17", "EP-18")
@pytest.mark.parametrize("kind", AMOUNTS)
def test_every_kind_comes_from_its_project_to_a_sealed_letter(city: City, kind: str) -> None:
    case = issued(city, kind)

    assert (case.state, case.amount, case.available_amount) == ("in_force", AMOUNTS[kind], AMOUNTS[kind])
    assert case.number.startswith(KINDS[kind].prefix)
    assert case.nature == "accessory_joint"
    assert case.letter_values["title"] == str(KINDS[kind].label)
    assert case.base_amount
    assert case.base_source
    trace = [entry.kind for entry in history_of(case).order_by("pk")]
    assert {"guarantee.drafted", "guarantee.edited", "guarantee.submitted", "guarantee.approved"} <= set(trace)
    assert trace[-2:] == ["guarantee.issued", "guarantee.delivered"]


def test_a_payment_guarantee_is_the_buyers_and_promises_to_the_contractor(city: City) -> None:
    case = issued(city, "payment")

    assert (case.applicant, case.beneficiary) == (city.buyer.organisation, city.applicant.organisation)
    assert list(register(city.applicant, city.at + timedelta(hours=1), Filters(kind="payment"))) == [case]


def test_a_wage_guarantee_promises_to_the_labour_department(city: City) -> None:
    case = city.empty("wage")

    assert (case.beneficiary.name, case.beneficiary.kind) == ("云州市人力资源和社会保障局", "department")


@pytest.mark.parametrize(
    ("kind", "facts", "field"),
    [("payment", {"award": None}, "project"), ("wage", {}, "project")],
)
def test_a_project_that_does_not_name_the_beneficiary_is_sent_back(
    city: City, kind: str, facts: dict[str, None], field: str
) -> None:
    project = city.project(city.buyer if kind == "payment" else city.applicant, **facts)  # type: ignore[arg-type]
    by = city.buyer if kind == "payment" else city.applicant

    with pytest.raises(Invalid) as refusal:
        start_application(
            kind=kind, project=project, applicant=by.organisation, guarantor=city.guarantor, by=by, at=city.at
        )

    assert field in refusal.value.fields
    assert not Guarantee.objects.exists()


@pytest.mark.parametrize(("kind", "who"), [("payment", "applicant"), ("performance", "buyer")])
def test_only_the_right_side_of_the_contract_applies(city: City, kind: str, who: str) -> None:
    project, by = city.project(**CONTRACTS["payment"]), getattr(city, who)

    with pytest.raises(Invalid):
        start_application(
            kind=kind, project=project, applicant=by.organisation, guarantor=city.guarantor, by=by, at=city.at
        )


def test_an_unknown_kind_is_refused_in_words(city: City) -> None:
    with pytest.raises(Invalid):
        start_application(
            kind="land_tax", project=city.project(), applicant=city.applicant.organisation, guarantor=city.guarantor,
            by=city.applicant, at=city.at,
        )  # fmt: skip


def test_only_bid_guarantees_are_secret() -> None:
    assert list(SECRET) == ["bid"]


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.code)
def test_the_clauses_that_come_with_the_platform_pass_its_own_library(kind) -> None:
    texts = (kind.duty, kind.events, kind.proof, *kind.more)

    assert [fault for text in texts for fault in faults_in(text)] == []


@pytest.mark.parametrize(
    "text",
    ["按{工程}履行", "支付 500 万元", "于 2026-12-01 前", "人民币壹佰元", "逾期视为同意", "见索即付", "{项目", "项目}"],
)
def test_what_may_not_stand_in_a_clause_is_found(text: str) -> None:
    assert faults_in(text)


def test_a_place_is_filled_once_and_data_are_never_read_as_places() -> None:
    assert put("“{项目}”由{申请人}", {"项目": "{申请人}", "申请人": "某公司"}) == "“{申请人}”由某公司"


# the law, as it is shown before submission (BH-35)

WAGE = replace(PERFORMANCE, kind="wage", amount=40_000_00, contract_days=180, expires_on=DAY + timedelta(days=180))
QUALITY = replace(
    PERFORMANCE, kind="quality", amount=60_000_00, completed_on=date(2026, 11, 1), defects_months=24,
    expires_on=date(2028, 11, 1),
)  # fmt: skip
PAYMENT = replace(PERFORMANCE, kind="payment", performance_amount=200_000_00)


@pytest.mark.parametrize(
    ("facts", "rule", "verdict", "stops"),
    [
        (WAGE, "cap.wage.3pct", MEETS, SUBMISSION),
        (replace(WAGE, amount=60_000_01), "cap.wage.3pct", FAILS, SUBMISSION),
        (replace(WAGE, amount=10_000_00), "floor.wage.half", MEETS, SUBMISSION),
        (replace(WAGE, amount=9_999_99), "floor.wage.half", FAILS, SUBMISSION),
        (replace(WAGE, amount=19_999_99), "floor.wage.usual", UNKNOWN, ""),
        (replace(WAGE, base_amount=None), "cap.wage.3pct", UNKNOWN, SUBMISSION),
        (WAGE, "wage.exempt", MEETS, ""),
        (WAGE, "wage.period", MEETS, SUBMISSION),
        (replace(WAGE, contract_days=181), "wage.period", FAILS, SUBMISSION),
        (replace(WAGE, contract_days=None), "period.contract", UNKNOWN, ""),
        (QUALITY, "cap.quality.3pct", MEETS, SUBMISSION),
        (replace(QUALITY, amount=60_000_01), "cap.quality.3pct", FAILS, SUBMISSION),
        (QUALITY, "period.completed", MEETS, ""),
        (replace(QUALITY, completed_on=None), "period.completed", UNKNOWN, ""),
        (QUALITY, "period.defects", MEETS, ""),
        (replace(QUALITY, expires_on=date(2028, 10, 31)), "period.defects", UNKNOWN, ""),
        (replace(QUALITY, defects_months=36, expires_on=date(2029, 11, 1)), "defects.longest", UNKNOWN, ""),
        (replace(QUALITY, completed_on=None, performance_amount=1), "conflict.quality", UNKNOWN, ""),
        (QUALITY, "conflict.quality", MEETS, ""),
        (PAYMENT, "mutual.payment", MEETS, ""),
        (replace(PAYMENT, performance_amount=1), "mutual.payment", UNKNOWN, ""),
        (replace(PAYMENT, performance_amount=None), "mutual.payment", UNKNOWN, ""),
        (replace(PERFORMANCE, kind="advance", amount=2_000_000_01), "cap.advance.whole", UNKNOWN, ""),
        (replace(PERFORMANCE, missing_documents=("施工合同",)), "documents.complete", UNKNOWN, ""),
    ],
)
def test_each_rule_of_the_law_answers_with_its_source(facts, rule: str, verdict: str, stops: str) -> None:
    (finding,) = [finding for finding in review(facts, AT) if finding.rule == rule]

    assert (finding.verdict, finding.stops) == (verdict, stops)
    assert finding.source or rule.startswith(("period.", "documents."))


def test_the_quality_of_a_project_whose_performance_is_still_guaranteed_needs_a_person(city: City) -> None:
    project = city.project(settlement_amount=1_900 * WAN, settlement_source="竣工结算书")
    city.in_force("performance", project=project)
    case = city.draft("quality", project=project, amount=57 * WAN)
    case = submit_application(case, by=city.applicant, at=city.at + timedelta(hours=1))

    case = review_automatically(case, at=city.at + timedelta(hours=1))

    found = {finding["rule"]: finding["verdict"] for finding in case.findings}
    assert (case.state, found["conflict.quality"], found["documents.complete"]) == ("in_review", UNKNOWN, UNKNOWN)


def test_a_stranger_to_a_performance_guarantee_learns_nothing_of_it_by_a_hint(city: City) -> None:
    project = city.project(**CONTRACTS["quality"])
    city.in_force("performance", project=project, by=city.rival)
    case = city.draft("quality", project=project, amount=57 * WAN)

    assert facts_of(case, city.at).performance_amount is None
