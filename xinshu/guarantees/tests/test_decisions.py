"""秒批 (BH-22): every source and rule is asked, unknown never passes, and the record says why and who goes on."""

from collections.abc import Callable, Iterator
from datetime import datetime

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from xinshu.accounts.models import Member
from xinshu.core.clock import local_day
from xinshu.guarantees.actions.approval import approve_application, review_automatically
from xinshu.guarantees.judging import sources
from xinshu.guarantees.judging.sources import SourceDown, register_source
from xinshu.guarantees.law.findings import MEETS, Finding
from xinshu.guarantees.law.review import RULES_VERSION
from xinshu.guarantees.models import Authority, Decision, Guarantee, Tariff
from xinshu.guarantees.tests.city import LARGE, MINUTE, SMALL, City
from xinshu.ledger.worker import drain

BrowserOf = Callable[[Member], Client]
pytestmark = pytest.mark.django_db


@pytest.fixture
def tax_office() -> Iterator[dict[str, str]]:
    """Register one more source whose answer a test decides: {"down": why} or nothing."""
    state: dict[str, str] = {}

    @register_source("tax", "税务数据")
    def ask(guarantee: Guarantee, at: datetime) -> list[Finding]:
        if "down" in state:
            raise SourceDown(state["down"])
        return [Finding("tax.paid", "纳税", MEETS, "近一年没有欠税。")]

    yield state
    sources.SOURCES.pop()


@pytest.mark.req("BH-22")
def test_what_qualifies_is_approved_at_once_and_the_rest_goes_to_the_right_person(
    city: City, browser_of: BrowserOf, tax_office: dict[str, str]
) -> None:
    house, reviewer = city.guarantor, city.reviewer
    good, large, doubtful = city.submitted(), city.submitted(project=city.project(award=LARGE)), city.submitted()
    drain()  # the engine runs by itself
    for case in (good, large, doubtful):
        case.refresh_from_db()

    tax_office["down"] = "接口 15 秒没有响应"
    late = city.submitted()
    drain()
    late.refresh_from_db()
    passed, referred, down = (case.reviews.get() for case in (good, large, late))
    seen = browser_of(city.reviewer).get(f"/guarantees/{large.reference}/").content.decode()
    own = browser_of(city.applicant).get(f"/guarantees/{good.reference}/").content.decode()
    waiting = browser_of(city.reviewer).get(f"/guarantees/{late.reference}/").content.decode()

    assert (good.state, doubtful.state, large.state, late.state) == ("fee_due", "fee_due", "in_review", "in_review")
    assert (passed.outcome, passed.rules_version, passed.decided_by) == ("passed", RULES_VERSION, "system")
    assert passed.stopped_by == []
    asked = {answer["rule"] for answer in passed.answers}
    assert {"identity.verified", "record.complete", "line.enough", "authority.auto", "recourse.none", "tax.paid",
            "tariff.in_force"} <= asked  # fmt: skip
    assert all(answer["origin"] and answer["value"] for answer in passed.answers)
    assert {answer["origin"] for answer in passed.answers} >= {"企业资料库", "授信额度台账", "追偿台账", "税务数据"}
    assert {answer["answer"] for answer in passed.answers if not answer["waived"]} == {True}
    assert (referred.outcome, referred.sent_to) == ("referred", "复审")
    assert referred.signs == [reviewer.user.name]
    assert [answer["rule"] for answer in referred.stopped_by] == ["authority.auto"]
    assert [(answer["rule"], answer["answer"]) for answer in down.stopped_by] == [("source.tax", None)]
    assert "转“复审”" in seen
    assert city.reviewer.user.name in seen
    assert "超过自动审批权限" in seen
    assert "自动通过" in own
    assert "来源：授信额度台账" in own
    assert "“税务数据”没有答复：接口 15 秒没有响应" in waiting
    assert house.name in own


def test_a_source_that_is_down_is_never_waived(city: City, tax_office: dict[str, str]) -> None:
    assert city.guarantor
    Authority.objects.update(waives=["source.tax", "tax.paid", "authority.auto"])
    tax_office["down"] = "正在维护"

    case = review_automatically(city.submitted(), at=city.at + 3 * MINUTE)

    assert case.state == "in_review"


def test_a_person_approves_where_the_source_is_down_and_the_record_says_so(
    city: City, tax_office: dict[str, str]
) -> None:
    tax_office["down"] = "正在维护"
    case = review_automatically(city.submitted(), at=city.at + 3 * MINUTE)

    case = approve_application(case, by=city.reviewer, at=city.at + 4 * MINUTE, opinion="已电话核实。")

    assert [one.outcome for one in case.reviews.order_by("pk")] == ["referred", "approved"]
    last = case.reviews.order_by("pk").last()
    assert last.decided_by == city.reviewer.actor_key
    assert [answer["rule"] for answer in last.stopped_by] == ["source.tax"]


def test_without_a_tariff_a_person_is_told_so(city: City) -> None:
    case = city.submitted()
    Tariff.objects.filter(guarantor=city.guarantor).update(valid_from=local_day(city.at).replace(year=2030))

    case = review_automatically(case, at=city.at + 3 * MINUTE)

    assert case.state == "in_review"
    assert [(row["rule"], row["answer"]) for row in case.reviews.get().stopped_by] == [("tariff.in_force", False)]


def test_strangers_do_not_see_what_decided(city: City, browser_of: BrowserOf) -> None:
    case = city.in_force()

    told = browser_of(city.beneficiary).get(f"/guarantees/{case.reference}/").content.decode()

    assert "审批依据" not in told
    assert "授信额度台账" not in told


def test_the_record_is_one_statement(city: City) -> None:
    small = city.submitted(project=city.project(award=SMALL))

    with CaptureQueriesContext(connection) as counted:
        review_automatically(small, at=city.at + 3 * MINUTE)

    assert Decision.objects.count() == 1
    written = [query["sql"] for query in counted.captured_queries if "guarantees_decision" in query["sql"]]
    assert len(written) == 1
