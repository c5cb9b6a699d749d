"""The law of a project as dated rules, told before submission (BH-35)."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from django.test import Client

from xinshu.accounts.models import Member
from xinshu.core.refusals import Refusal
from xinshu.guarantees.actions.application import edit_application, submit_application
from xinshu.guarantees.demo.cast import WAN
from xinshu.guarantees.facts import facts_of
from xinshu.guarantees.kinds import KINDS
from xinshu.guarantees.law.compliance import ASKED, compliance_findings
from xinshu.guarantees.law.findings import FAILS, MEETS
from xinshu.guarantees.law.legal import CAPS, RULES
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.tests.city import City
from xinshu.guarantees.tests.test_review import PERFORMANCE

# kind, rule, what breaks it, what keeps it (分): of an estimate, a contract or an award of 20,000,000 yuan
BREACHES = (
    ("bid", "cap.bid.2pct", 40 * WAN + 1, 40 * WAN),
    ("performance", "cap.performance.10pct", 200 * WAN + 1, 200 * WAN),
    ("wage", "cap.wage.3pct", 60 * WAN + 1, 60 * WAN),
    ("wage", "floor.wage.half", 10 * WAN - 1, 20 * WAN),
)


@pytest.mark.req("BH-35")
@pytest.mark.django_db
@pytest.mark.parametrize(("kind", "rule", "breach", "kept"), BREACHES)
def test_a_breach_of_a_dated_rule_is_shown_with_its_source_before_submission(
    city: City, browser_of: Callable[[Member], Client], kind: str, rule: str, breach: int, kept: int
) -> None:
    case = city.draft(kind, amount=breach)
    browser, page = browser_of(city.applicant), f"/guarantees/{case.reference}/apply/confirm/"
    cap = next(cap for cap in CAPS if cap.rule == rule)

    shown = browser.get(page).content.decode()
    refused = browser.post(page, {"version": case.version})
    with pytest.raises(Refusal):
        submit_application(Guarantee.objects.get(pk=case.pk), by=city.applicant, at=city.at)

    assert "还不能提交" in shown
    assert "%" in cap.source
    assert cap.source.partition("：")[0] in shown
    assert "保函形式" in shown  # the form in which a deposit must be taken is a rule, too
    assert refused.status_code in (409, 422)
    assert Guarantee.objects.get(pk=case.pk).state == "draft"
    assert {finding.verdict for finding in compliance_findings(facts_of(case, city.at), case.type, cap.since)
            if finding.rule == rule} == {FAILS}  # fmt: skip
    before = compliance_findings(facts_of(case, city.at), case.type, cap.since - timedelta(days=1))
    assert rule not in {finding.rule for finding in before}  # it did not hold yet

    edit_application(
        Guarantee.objects.get(pk=case.pk), by=city.applicant, at=city.at, amount=kept,
        effective_on=case.effective_on, expires_on=case.expires_on,
    )  # fmt: skip
    after = {finding.rule: finding.verdict for finding in compliance_findings(
        facts_of(Guarantee.objects.get(pk=case.pk), city.at), case.type, city.at.date()
    )}  # fmt: skip
    assert after[rule] == MEETS
    assert "超过上限" not in browser.get(page).content.decode()


@pytest.mark.parametrize("rule", sorted(ASKED))
def test_every_rule_of_the_law_has_a_first_day_and_says_nothing_before_it(rule: str) -> None:
    facts = replace(PERFORMANCE, issuer_kind="guarantor", base_amount=1)
    for kind in KINDS.values():
        before = compliance_findings(facts, kind, RULES[rule].since - timedelta(days=1))
        assert rule not in {finding.rule for finding in before}


def test_the_form_of_the_promise_says_whether_it_must_be_taken() -> None:
    on, kind = RULES["form.accepted"].since, KINDS["performance"]
    words = {
        issuer: finding.message
        for issuer in ("bank", "insurer", "guarantor")
        for finding in compliance_findings(replace(PERFORMANCE, issuer_kind=issuer), kind, on)
        if finding.rule == "form.accepted"
    }

    assert "不得拒绝" in words["bank"] == words["insurer"]
    assert "请确认招标文件" in words["guarantor"]
