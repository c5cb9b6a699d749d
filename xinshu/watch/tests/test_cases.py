"""Anomaly watch: what is found, joined, blocked, thawed by two people; what bidders share, told after the opening."""

from datetime import timedelta
from typing import Any

import pytest

from xinshu.core.refusals import NotNow, NotPermitted
from xinshu.guarantees.actions.amendment_fees import confirm_difference, request_difference
from xinshu.guarantees.actions.amendments import issue_amendment, propose_amendment
from xinshu.guarantees.actions.application import edit_application, submit_application
from xinshu.guarantees.actions.issuance import issue_guarantee
from xinshu.guarantees.gates import Stopped
from xinshu.guarantees.models import Amendment
from xinshu.guarantees.tests.city import Kind
from xinshu.ledger.models import Entry
from xinshu.messaging.models import Notice
from xinshu.projects.actions import amend_project
from xinshu.watch.actions import cases as acts
from xinshu.watch.models import WatchCase
from xinshu.watch.tasks import look_over_everything, remind_of_limits, reveal_opened_bids
from xinshu.watch.tests.conftest import WatchCity
from xinshu.work.queries import todos_of


def test_too_many_applications_open_one_case_that_later_ones_join(city: WatchCity) -> None:
    city.rule("often_firm", number=2)
    for _number in range(2):
        city.submitted()
    city.work()
    case = city.case()
    before = case.evidence.count()

    city.submitted()
    city.work(timedelta(minutes=25))

    assert (case.pattern, case.state, case.firm, case.responsible) == (
        "often_firm", "open", city.applicant.organisation, city.reviewer,
    )  # fmt: skip
    assert (before, case.evidence.count(), WatchCase.objects.count()) == (2, 3, 1)
    assert case.due_on == city.at.date() + timedelta(days=3)  # Saturday: the second working day is Tuesday
    told = Notice.objects.filter(member=city.reviewer, kind__startswith="watch_case.opened")
    assert told.count() == 1
    assert [todo.party for todo in todos_of(city.reviewer, city.at, 9) if "风险案件" in todo.subtitle] == [
        city.applicant.organisation.name
    ]


@pytest.mark.req("FS-54")
def test_what_is_odd_is_warned_of_or_blocked_by_rule_handled_and_unfrozen(city: WatchCity) -> None:
    """High frequency, abnormal applications, abnormal match, over limit; a rule that is off finds nothing."""
    city.rule("often_firm", number=2)
    city.rule("edited_often", number=2)
    city.rule("odd_amount", percent=99)
    city.rule("over_sum", amount=100, blocks=True)
    city.rule("over_share", on=False)
    edited = city.draft(amount=1_500_000_00)
    for amount in (1_400_000_00, 1_300_000_00):
        facts = {"effective_on": edited.effective_on, "expires_on": edited.expires_on}
        edited = edit_application(edited, by=city.applicant, at=city.at, amount=amount, **facts)
    elsewhere = city.draft(project=city.project(city.rival))  # somebody else has won this lot
    for case in (edited, elsewhere):
        submit_application(case, by=city.applicant, at=city.at + timedelta(minutes=2))
    city.work()
    waiting = city.draft()

    cases = {case.pattern: case.state for case in WatchCase.objects.all()}
    assert cases == {
        "often_firm": "open", "edited_often": "open", "odd_amount": "open", "odd_party": "open", "over_sum": "frozen",
    }  # fmt: skip
    with pytest.raises(Stopped):
        submit_application(waiting, by=city.applicant, at=city.at)
    for pattern in ("often_firm", "edited_often", "odd_amount", "odd_party"):
        acts.dismiss_case(city.case(pattern=pattern), reason="已核实。", by=city.reviewer, at=city.at)
    frozen = acts.propose_thaw(city.case(pattern="over_sum"), reason="已补反担保。", by=city.reviewer, at=city.at)
    acts.thaw_case(frozen, opinion="同意。", by=city.signer, at=city.at)
    assert submit_application(waiting, by=city.applicant, at=city.at).state == "submitted"
    look_over_everything(city.at.date(), city.at + timedelta(hours=1))
    assert not WatchCase.objects.filter(state__in=("open", "frozen")).exists()


def test_what_was_looked_at_and_dismissed_is_not_found_again_every_night(city: WatchCity) -> None:
    city.rule("over_sum", amount=100)
    city.fee_due()
    city.work()
    acts.dismiss_case(city.case(), reason="母公司担保。", by=city.reviewer, at=city.at)

    look_over_everything(city.at.date(), city.at + timedelta(days=1))
    look_over_everything(city.at.date(), city.at + timedelta(days=40))

    assert [case.state for case in WatchCase.objects.order_by("pk")] == ["dismissed", "open"]  # once more next month


def test_what_blocks_refuses_new_business_until_two_people_thawed_it(city: WatchCity, director: Any) -> None:
    city.rule("over_sum", amount=100, blocks=True)
    waiting, draft = city.to_issue(), city.draft()
    theirs = city.draft(by=city.rival)
    city.work()
    case = city.case()

    with pytest.raises(Stopped) as submitting:
        submit_application(draft, by=city.applicant, at=city.at)
    with pytest.raises(Stopped):
        issue_guarantee(waiting, by=city.signer, at=city.at)
    submit_application(theirs, by=city.rival, at=city.at)
    for word in (city.rival.organisation.name, "限额", "超限", case.reference):
        assert word not in submitting.value.message

    case = acts.propose_thaw(case, reason="已补充反担保。", by=city.reviewer, at=city.at)
    for one in (city.reviewer, city.manager):
        with pytest.raises(NotPermitted):
            acts.thaw_case(case, opinion="", by=one, at=city.at)
    case = acts.object_to_thaw(case, reason="反担保不足，再核。", by=director, at=city.at)
    assert case.state == "frozen"
    case = acts.propose_thaw(case, reason="已补足反担保。", by=director, at=city.at)
    with pytest.raises(NotPermitted):
        acts.thaw_case(case, opinion="", by=director, at=city.at)
    case = acts.thaw_case(case, opinion="同意。", by=city.signer, at=city.at)

    assert case.state == "thawed"
    city.rule("over_sum", on=False, amount=100)
    submit_application(draft, by=city.applicant, at=city.at)
    issue_guarantee(waiting, by=city.signer, at=city.at)


def test_a_frozen_firm_gets_no_more_and_no_longer_by_an_amendment(city: WatchCity) -> None:
    city.rule("over_sum", amount=100, blocks=True)
    one, other, third = (city.in_force(amount=1_500_000_00) for _number in range(3))
    by, longer = city.applicant, one.expires_on + timedelta(days=30)
    waiting = propose_amendment(one, by=by, at=city.at, reason="工期顺延。", new_expires_on=longer)
    payment = request_difference(waiting, channel="sandbox", account="6000", by=by, at=city.at)
    confirm_difference(payment, receipt="SBX-1", at=city.at)
    city.work()

    for change in ({"new_amount": 1_600_000_00}, {"new_expires_on": longer}):
        with pytest.raises(Stopped) as proposing:
            propose_amendment(other, by=by, at=city.at, reason="工期顺延。", **change)
        assert "风险案件" not in proposing.value.message  # the applicant reads it
    with pytest.raises(Stopped):
        issue_amendment(Amendment.objects.get(pk=waiting.pk), by=city.signer, at=city.at)
    less = propose_amendment(third, by=by, at=city.at, reason="合同减项。", new_amount=1_000_000_00)
    assert less.state == "to_issue"


def test_nobody_learns_what_bidders_share_before_the_opening(city: WatchCity, browser_of: Any) -> None:
    """Looked for on every page, in counts, exports, messages, to-dos, entries: as if nothing had been found."""
    city.bidders()
    case = city.case(pattern="same_device")
    look_over_everything(city.at.date(), city.at + timedelta(hours=1))
    reveal_opened_bids(city.at.date(), city.at + timedelta(hours=1))
    remind_of_limits(city.at.date(), city.at + timedelta(days=1))
    case.refresh_from_db()

    assert (case.state, case.opened_at, case.due_on, case.responsible) == ("sealed", None, None, None)
    assert not Entry.objects.filter(kind__startswith="watch_case").exists()
    assert not Notice.objects.filter(kind__startswith="watch").exists()
    for member in (city.reviewer, city.applicant, city.rival, city.auditor):
        browser = browser_of(member)
        assert not [todo for todo in todos_of(member, city.at, 50) if "风险" in todo.subtitle]
        for path in ("/watch/", "/watch/?view=live", "/watch/firms/?q=云州", "/", f"/watch/cases/{case.reference}/"):
            page = browser.get(path)
            assert case.reference not in page.content.decode().replace(path, "")
            assert "同一设备投标" not in page.content.decode().replace(
                '<option value="same_device">同一设备投标</option>', ""
            )
        assert browser.get(f"/watch/cases/{case.reference}/").status_code in (403, 404)
        assert browser.post(f"/watch/cases/{case.reference}/freeze/", {"version": 1, "reason": "猜"}).status_code in (
            403, 404,
        )  # fmt: skip
    export = browser_of(city.reviewer).get("/watch/export/")
    assert export.status_code == 200
    assert case.reference.encode() not in b"".join(export)
    submit_application(city.draft(), by=city.applicant, at=city.at)  # no gate betrays it either


def test_at_the_opening_the_house_is_told_and_the_firms_are_frozen(city: WatchCity) -> None:
    city.bidders()
    later = city.opens_at + timedelta(minutes=1)

    city.work(later - city.at)
    case = city.case(pattern="same_device")

    assert case.state == "frozen"
    assert (case.opened_at or city.at) >= later
    firms = {one.firm for one in case.evidence.all()}
    assert firms == {city.applicant.organisation, city.rival.organisation}
    assert Notice.objects.filter(member=city.signer, kind__startswith="watch_case.frozen").exists()
    with pytest.raises(Stopped) as told:
        submit_application(city.draft(), by=city.applicant, at=later)
    assert city.rival.organisation.name not in told.value.message


@pytest.mark.parametrize("how", ["a late opening", "a late bid"])
def test_no_bidder_thaws_itself_by_making_the_tender_secret_again(city: WatchCity, how: str) -> None:
    """What was told stays told, whatever a bidder registers afterwards; and what is secret joins nothing before it."""
    bid, _other = city.bidders()
    later, far = city.opens_at + timedelta(minutes=1), city.opens_at + timedelta(days=60)
    city.work(later - city.at)
    case, draft = city.case(pattern="same_device"), city.draft()
    before = set(case.evidence.values_list("key", flat=True))

    if how == "a late opening":
        amend_project(bid.project, by=city.applicant, at=later, opens_at=far)
    else:
        third = city.seated(city.member("云州新来建设有限公司", Kind.ENTERPRISE, "applicant"))
        city.make_customer(third.organisation)
        city.submitted("bid", by=third, project=city.lot(third, number="YZ2026-SAME", opens_at=far))
    city.work(later - city.at + timedelta(minutes=1))
    look_over_everything(city.at.date(), later)

    assert Entry.objects.filter(kind="watch_case.joined").count() == 0
    assert set(case.evidence.values_list("key", flat=True)) == before
    assert case in WatchCase.objects.visible_to(city.reviewer)
    with pytest.raises(Stopped):
        submit_application(draft, by=city.applicant, at=later)


def test_a_late_bid_joins_once_it_is_open_too(city: WatchCity) -> None:
    city.bidders()
    city.work(city.opens_at + timedelta(minutes=1) - city.at)
    third = city.seated(city.member("云州新来建设有限公司", Kind.ENTERPRISE, "applicant"))
    city.make_customer(third.organisation)
    far = city.opens_at + timedelta(days=9)
    late = city.submitted("bid", by=third, project=city.lot(third, number="YZ2026-SAME", opens_at=far))
    city.work(timedelta(days=6))
    case = city.case(pattern="same_device")

    look_over_everything(city.at.date(), far + timedelta(minutes=1))

    assert case.evidence.filter(guarantee=late, firm=third.organisation).exists()
    assert Entry.objects.filter(kind="watch_case.joined", subject_id=case.pk).count() == 1


def test_one_bidder_s_early_opening_tells_nothing_of_the_other(city: WatchCity) -> None:
    """Each bidder registers the lot for itself: who enters an earlier hour waits for the others' all the same."""
    city.seated(city.applicant)
    city.seated(city.rival)
    soon = city.at + timedelta(hours=2)
    city.in_force("bid", by=city.applicant, project=city.lot(city.applicant, number="YZ-1", opens_at=soon))
    city.in_force("bid", by=city.rival, project=city.lot(city.rival, number="YZ-1"))
    city.work()

    city.work(timedelta(hours=3))
    early = city.case(pattern="same_device").state
    reveal_opened_bids(city.at.date(), city.opens_at + timedelta(hours=15))

    assert (early, city.case(pattern="same_device").state) == ("sealed", "frozen")


def test_a_case_is_one_house_s_and_its_acts_are_its_officers_(city: WatchCity) -> None:
    city.rule("over_sum", amount=100)
    city.fee_due()
    city.work()
    case = city.case()
    other = city.member("江北保函担保有限公司", "guarantor", "reviewer")

    assert not WatchCase.objects.visible_to(other).exists()
    for one in (other, city.applicant, city.manager, city.signer):
        with pytest.raises(NotPermitted):
            acts.freeze_case(case, reason="不是我的事", by=one, at=city.at)
    case = acts.freeze_case(case, reason="先停下。", by=city.reviewer, at=city.at)
    with pytest.raises(NotNow):
        acts.dismiss_case(case, reason="跳过复核", by=city.reviewer, at=city.at)
