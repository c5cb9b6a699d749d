"""A confirmed batch at work: every row to its letter once, whatever breaks off in between."""

from collections import Counter
from collections.abc import Callable

import pytest
from django.db.models import Sum
from python_calamine import CalamineWorkbook

from xinshu.books.audit import drifted, imbalance
from xinshu.books.lines import line_of
from xinshu.core.clock import moved_to
from xinshu.core.refusals import NotNow, NotPermitted
from xinshu.guarantees.actions.approval import approve_application
from xinshu.guarantees.actions.payment import request_payment
from xinshu.guarantees.batches import running
from xinshu.guarantees.batches.actions import hand_over_batches, pause_batch, resume_batch, retry_failed
from xinshu.guarantees.batches.models import Batch, BatchRow
from xinshu.guarantees.batches.queries import progress_of
from xinshu.guarantees.batches.workbooks import faults_sheet, results_sheet
from xinshu.guarantees.models import PARTIES, Guarantee, Payment
from xinshu.guarantees.sealed.issued import send_letter
from xinshu.guarantees.tests.batches import again, confirmed, prepared, row_for
from xinshu.guarantees.tests.city import MINUTE, WAN, City
from xinshu.ledger.models import Delivery, Entry
from xinshu.ledger.worker import drain
from xinshu.messaging.models import Notice

pytestmark = pytest.mark.django_db
ONCE = ("guarantee.drafted", "guarantee.submitted", "guarantee.approved", "payment.requested", "payment.confirmed",
        "guarantee.issued", "guarantee.delivered")  # fmt: skip


class Killed(BaseException):
    """What nobody catches: the process is gone."""


def work(city: City, minutes: int = 3) -> None:
    drain(at=city.at + minutes * MINUTE)


def every_row_once(batch: Batch) -> None:
    """Fail unless every row came to one letter, one charge, one occupancy, and every act was recorded once."""
    rows = list(batch.rows.select_related("guarantee__letter"))
    assert {row.state for row in rows} == {"done"}
    cases = {row.guarantee.pk for row in rows}
    assert cases == set(Guarantee.objects.values_list("pk", flat=True))
    assert len(cases) == len(rows)
    assert all(row.guarantee.letter for row in rows)
    told = Counter(Entry.objects.filter(subject_type="guarantees.guarantee").values_list("subject_id", "kind"))
    assert {(pk, kind): told[pk, kind] for pk in cases for kind in ONCE} == dict.fromkeys(
        ((pk, kind) for pk in cases for kind in ONCE), 1
    )
    assert Counter(Payment.objects.values_list("guarantee", "state")) == {(pk, "confirmed"): 1 for pk in cases}
    assert (imbalance(), drifted()) == ({}, [])
    line = line_of(batch.guarantor, rows[0].applicant)
    assert (line.occupied, line.reserved) == (Guarantee.objects.aggregate(sum=Sum("amount"))["sum"], 0)
    assert set(Delivery.objects.values_list("state", flat=True)) == {"done"}


@pytest.mark.req("BH-27")
def test_one_workbook_becomes_letters_in_the_background(city: City):
    batch = confirmed(city, [row_for(city, f"甲-{number}") for number in range(3)])
    assert Guarantee.objects.count() == 0  # nothing happens before the worker comes

    work(city)

    batch = again(batch)
    assert batch.state == "finished"
    assert (progress_of(batch).done, progress_of(batch).share) == (3, 100)
    every_row_once(batch)
    for row in batch.rows.select_related("guarantee"):
        case = row.guarantee
        assert case.state == "in_force"
        assert case.on_behalf
        acts = {entry.kind: entry.actor_key for entry in Entry.objects.filter(
            subject_type="guarantees.guarantee", subject_id=case.pk)}  # fmt: skip
        assert acts["guarantee.submitted"] == acts["payment.requested"] == city.manager.actor_key
        assert acts["guarantee.issued"] == city.signer.actor_key
    assert "已出函 3 笔" in Notice.objects.get(member=city.manager, key__startswith="batch.finished").text


SEAMS = {
    "before the application": (running, "start_application"),
    "between application and mark": (BatchRow, "save"),
    "before the review": (running, "submit_and_review"),
    "before the order": (running, "request_payment"),
    "between order and money": (running, "confirm_payment"),
    "before the signature": (running, "issue_guarantee"),
    "before the letter": (running, "send_letter"),
    "before the mark": (running, "settle"),
    "before the end": (running, "finish_batch"),
}


@pytest.mark.parametrize("seam", SEAMS)
def test_a_worker_that_dies_anywhere_leaves_nothing_lost_and_nothing_twice(city: City, monkeypatch, seam):
    batch = confirmed(city, [row_for(city, str(number)) for number in range(2)])
    where, name = SEAMS[seam]
    real: Callable = getattr(where, name)
    calls = []

    def dies(*args, **kwargs):
        calls.append(name)
        if len(calls) == (1 if seam == "before the end" else 2):
            raise Killed
        return real(*args, **kwargs)

    with monkeypatch.context() as patch:
        patch.setattr(where, name, dies)
        with moved_to(city.at + 3 * MINUTE), pytest.raises(Killed):
            running.work_on(batch.pk)
    with moved_to(city.at + 3 * MINUTE):
        running.work_on(batch.pk)
    work(city, 4)

    assert again(batch).state == "finished"
    every_row_once(batch)


def test_a_delivery_cut_off_is_taken_up_when_its_lease_has_run_out(city: City, monkeypatch):
    batch = confirmed(city, [row_for(city, str(number)) for number in range(3)])
    monkeypatch.setattr(running, "TURN", 1)
    real, calls = running.carry, []

    def dies(*args):
        calls.append(args)
        if len(calls) == 2:
            raise Killed
        real(*args)

    with monkeypatch.context() as patch:
        patch.setattr(running, "carry", dies)
        with pytest.raises(Killed):
            work(city)
    assert Delivery.objects.filter(
        reaction__endswith="issue_rows", state="waiting", leased_until__isnull=False
    ).exists()
    Delivery.objects.filter(state="waiting").update(leased_until=None, leased_by="")
    work(city, 4)

    assert again(batch).state == "finished"
    every_row_once(batch)


def test_rows_done_by_the_workers_own_reactions_first_do_no_harm(city: City, monkeypatch):
    batch = confirmed(city, [row_for(city, str(number)) for number in range(2)])

    for step in ("review_automatically", "send_letter"):
        real = getattr(running, step)

        def late(case, real=real, **kwargs):
            real(Guarantee.objects.select_related(*PARTIES, "template__template").get(pk=case.pk), **kwargs)
            return real(case, **kwargs)

        monkeypatch.setattr(running, step, late)
    work(city)

    every_row_once(again(batch))


def test_a_paused_batch_stops_after_the_row_at_hand_and_goes_on_from_there(city: City, monkeypatch):
    batch = confirmed(city, [row_for(city, str(number)) for number in range(4)])
    real, calls = running.send_letter, []

    def pausing(case, *, at):
        calls.append(case)
        if len(calls) == 2:
            pause_batch(again(batch), by=city.signer, at=at)
        return send_letter(case, at=at)

    with monkeypatch.context() as patch:
        patch.setattr(running, "send_letter", pausing)
        work(city)
    assert real is send_letter
    batch = again(batch)
    assert batch.state == "paused"
    assert (progress_of(batch).done, progress_of(batch).waiting) == (2, 2)
    assert Guarantee.objects.count() == 2
    work(city)
    assert progress_of(batch).waiting == 2
    with pytest.raises(NotPermitted):
        resume_batch(batch, by=city.manager, at=city.at)

    resume_batch(batch, by=city.signer, at=city.at + 4 * MINUTE)
    work(city, 5)

    assert again(batch).state == "finished"
    every_row_once(batch)


def test_a_row_that_fails_stops_no_other_and_is_tried_again_alone(city: City):
    rows = [row_for(city, str(number)) for number in range(3)]
    batch = confirmed(city, rows)
    taken = city.draft(project=batch.rows.get(key="1").project)  # does not hinder: only the line does, below
    assert taken.state == "draft"
    broken = batch.rows.get(key="1")
    BatchRow.objects.filter(pk=broken.pk).update(amount=200_000 * WAN)

    work(city)

    batch = again(batch)
    assert batch.state == "finished"
    assert dict(batch.rows.values_list("key", "state")) == {"0": "done", "1": "failed", "2": "done"}
    assert "上限" in batch.rows.get(key="1").reason
    assert batch.rows.get(key="1").guarantee is None  # nothing half made is left
    issued = set(Guarantee.objects.filter(state="in_force").values_list("number", flat=True))
    BatchRow.objects.filter(pk=broken.pk).update(amount=100 * WAN)

    with pytest.raises(NotPermitted):
        retry_failed(batch, by=city.manager, at=city.at)
    retry_failed(batch, by=city.signer, at=city.at + 4 * MINUTE)
    work(city, 5)

    batch = again(batch)
    assert (batch.state, progress_of(batch).done) == ("finished", 3)
    assert issued < set(Guarantee.objects.filter(state="in_force").values_list("number", flat=True))
    with pytest.raises(NotNow):
        retry_failed(batch, by=city.signer, at=city.at + 4 * MINUTE)


def test_a_row_beyond_the_rules_goes_to_the_committee_as_a_case_of_its_own(city: City):
    large = row_for(city, "大", amount="4,000,000")
    large["project"] = city.project(city.manager, award=6_000 * WAN).number
    batch = confirmed(city, [row_for(city, "小"), large])

    work(city)

    batch = again(batch)
    assert dict(batch.rows.values_list("key", "state")) == {"小": "done", "大": "referred"}
    row = batch.rows.get(key="大")
    assert "超过自动审批权限" in row.reason
    case = Guarantee.objects.select_related(*PARTIES).get(pk=row.guarantee_id)
    assert case.state == "in_review"
    assert approve_application(case, by=city.reviewer, at=city.at + 4 * MINUTE, opinion="同意。").state == "fee_due"


@pytest.mark.parametrize(
    ("account", "states", "words"),
    [("6000-0002", {"failed"}, "余额不足"), ("6000-0003", {"done"}, ""), ("6000-0004", {"done"}, "")],
)
def test_each_row_pays_by_itself_on_the_channels_bad_days_too(city: City, account, states, words):
    batch = confirmed(city, [row_for(city, str(number)) for number in range(2)], account=account)

    work(city)

    batch = again(batch)
    assert batch.state == "finished"
    assert {row.state for row in batch.rows.all()} == states
    assert all(words in row.reason for row in batch.rows.all())
    assert Payment.objects.filter(state="confirmed").count() == (2 if states == {"done"} else 0)
    if account == "6000-0002":
        case = Guarantee.objects.select_related(*PARTIES).get(batch_row__key="0")
        at = city.at + 4 * MINUTE
        request_payment(case, channel="sandbox", account="6000-0001", by=city.manager, at=at)  # on the case's own page
        work(city, 5)
        retry_failed(batch, by=city.signer, at=city.at + 6 * MINUTE)
        work(city, 7)
        assert dict(batch.rows.values_list("key", "state")) == {"0": "done", "1": "failed"}
        assert Guarantee.objects.count() == 2


def test_a_fault_of_the_system_fails_one_row_in_words(city: City, monkeypatch):
    batch = confirmed(city, [row_for(city, str(number)) for number in range(2)])
    first = batch.rows.get(key="0")

    def breaks(case, *, by, at):
        if case.project_id == first.project_id:
            raise ZeroDivisionError
        return issue(case, by=by, at=at)

    issue = running.issue_guarantee
    monkeypatch.setattr(running, "issue_guarantee", breaks)
    work(city)

    assert dict(batch.rows.values_list("key", "state")) == {"0": "failed", "1": "done"}
    assert "ZeroDivisionError" in batch.rows.get(key="0").reason


def test_who_has_left_signs_nothing_more(city: City):
    batch = confirmed(city, [row_for(city, "1")])
    type(city.signer).objects.filter(pk=city.signer.pk).update(active=False)

    work(city)

    assert batch.rows.get().state == "failed"
    assert "确认人" in batch.rows.get().reason
    assert Guarantee.objects.count() == 0


def test_a_leavers_batch_goes_on_in_the_name_of_the_colleague_who_takes_over(city: City):
    batch = confirmed(city, [row_for(city, "1")])
    colleague = city.colleague(city.manager, "manager")
    type(city.manager).objects.filter(pk=city.manager.pk).update(active=False)

    assert hand_over_batches(city.manager.pk, city.signer, at=city.at) == 0  # who confirmed it does not keep it, too
    assert hand_over_batches(city.manager.pk, colleague, at=city.at) == 1
    assert hand_over_batches(city.manager.pk, colleague, at=city.at) == 0
    work(city)

    assert again(batch).authors == [city.manager.user_id, colleague.user_id]
    assert (batch.rows.get().state, Guarantee.objects.get().manager) == ("done", colleague)


def test_an_applicants_batch_is_issued_by_its_guarantor(city: City):
    rows = [row_for(city, "1", by=city.applicant, applicant="")]
    batch = confirmed(city, rows, by=city.applicant)

    work(city)

    case = Guarantee.objects.get()
    assert (case.state, case.on_behalf, batch.rows.get().state) == ("in_force", False, "done")


def test_the_workbooks_tell_every_row(city: City):
    rows = [row_for(city, "甲"), row_for(city, "乙", amount="很多", note="急")]
    batch = prepared(city, rows)
    sheet = _cells(faults_sheet(batch, by=city.manager, at=city.at).content)
    assert [row[0] for row in sheet[2:]] == ["甲", "乙"]
    assert sheet[3][5] == "很多"
    assert any("【保函金额】" in str(cell) for cell in sheet[3])

    done = confirmed(city, rows[:1])
    work(city)
    result = _cells(results_sheet(again(done), by=city.manager, at=city.at).content)
    number = Guarantee.objects.get().number
    assert "已出函" in result[2]
    assert number in result[2]
    assert Entry.objects.filter(kind="batch.exported").count() == 2


def _cells(content: bytes) -> list[list[object]]:
    from io import BytesIO

    return CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
