"""A batch before it is confirmed: read, checked as a whole, corrected, submitted, confirmed by somebody else."""

import pytest

from xinshu.books.lines import line_of
from xinshu.core.clock import moved_to
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.documents.blobs import read_blob
from xinshu.guarantees.batches.actions import (
    confirm_batch,
    discard_batch,
    prepare_batch,
    replace_rows,
    return_batch,
    submit_batch,
    withdraw_batch,
)
from xinshu.guarantees.batches.columns import MOST, lines_of
from xinshu.guarantees.batches.lifecycle import LIFECYCLE
from xinshu.guarantees.batches.models import Batch
from xinshu.guarantees.batches.queries import sums_by_applicant, sums_by_kind
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.tests.batches import TITLES, again, as_csv, as_xlsx, confirmed, prepared, row_for, submitted
from xinshu.guarantees.tests.city import MINUTE, WAN, City
from xinshu.ledger.models import Entry
from xinshu.ledger.worker import drain
from xinshu.messaging.models import Notice
from xinshu.projects.actions import amend_project

pytestmark = pytest.mark.django_db


def faults_of(batch: Batch) -> list[tuple[int, str, str]]:
    return [
        (row.line, fault["column"], fault["message"]) for row in batch.rows.order_by("line") for fault in row.faults
    ]


# the table


def test_the_lifecycle_says_who_does_what():
    assert [(row.action, row.sources, row.target, row.side, row.permission) for row in LIFECYCLE.rows] == [
        ("replace", ("faulty", "ready"), "ready", "preparer", "guarantees.apply"),
        ("mark", ("faulty", "ready"), "faulty", "preparer", "guarantees.apply"),
        ("submit", ("ready",), "to_confirm", "preparer", "guarantees.apply"),
        ("discard", ("faulty", "ready"), "discarded", "preparer", "guarantees.apply"),
        ("withdraw", ("to_confirm",), "ready", "preparer", "guarantees.apply"),
        ("return", ("to_confirm",), "ready", "guarantor", "guarantees.issue"),
        ("confirm", ("to_confirm",), "running", "guarantor", "guarantees.issue"),
        ("pause", ("running",), "paused", "guarantor", "guarantees.issue"),
        ("resume", ("paused",), "running", "guarantor", "guarantees.issue"),
        ("finish", ("running",), "finished", "system", ""),
        ("retry", ("finished",), "running", "guarantor", "guarantees.issue"),
    ]


# reading


def test_a_sheet_is_read_in_three_forms_alike(city: City):
    rows = [row_for(city, "甲-1"), row_for(city, "甲-2")]

    told = [lines_of(*file) for file in (
        (as_csv(rows), "表.csv"), (as_csv(rows, "gb18030"), "表.csv"), (as_xlsx(rows), "表.xlsx"))]  # fmt: skip

    assert told[0] == told[1] == told[2]
    assert [line.number for line in told[0]] == [2, 3]
    assert told[0][0].typed["key"] == "甲-1"


def test_headings_may_stand_lower_and_differently_with_columns_of_ones_own(city: City):
    text = "云州融信\n我们的列,类型 *,金额（元）,项目编号,开始日期,到期日\nx,履约,50万元,YZ-1,2026年12月1日,2027/6/30\n"

    [line] = lines_of(text.encode(), "表.csv")

    assert line.number == 3
    assert line.typed == {
        "kind": "履约", "amount": "50万元", "project": "YZ-1", "effective_on": "2026年12月1日",
        "expires_on": "2027/6/30",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "name", "words"),
    [
        (b"", "a.xlsx", "空文件"),
        (b"PK\x03\x04rubbish", "a.xlsx", "没有保存"),
        (b"\xff\xff\xff", "a.csv", "编码"),
        ("项目,保函类型\n甲,乙\n".encode(), "a.csv", "保函金额、生效日、到期日"),
        (",".join(TITLES.values()).encode(), "a.csv", "没有填写任何一行"),
        (as_csv([{"key": str(n)} for n in range(MOST + 1)]), "a.csv", "超过 5,000 行"),
    ],
)
def test_a_file_that_is_no_such_sheet_is_refused_in_words(content, name, words):
    with pytest.raises(Invalid) as refusal:
        lines_of(content, name)

    assert words in refusal.value.message
    assert "file" in refusal.value.fields


# checking


def test_every_fault_of_every_row_is_found_at_once_and_nothing_typed_is_lost(city: City):
    good, bid = row_for(city, "1"), city.lot(city.manager)
    living = city.in_force(project=city.project(city.manager))
    rows = [
        good,
        row_for(city, "2", kind="没有的保函", amount="一百万", effective_on="明天"),
        row_for(city, "3", project="没有这个项目", applicant="123"),
        row_for(city, "4", amount="0", expires_on="2026-11-01"),
        row_for(city, "1", amount="9,000,000"),
        {**good, "key": "6"},
        row_for(city, "7", beneficiary="别的单位"),
        row_for(city, "8", applicant="91339900MADEM0001X", product="没有的产品"),
        row_for(city, "9", project=living.project.number),
        row_for(city, "10", amount="3,000,000"),
        row_for(city, "11", kind="投标", project=bid.number, amount="999999999", expires_on="2026-12-01"),
        {"key": "12"},
    ]

    batch = prepared(city, rows)

    assert batch.state == "faulty"
    assert (batch.row_count, batch.fault_count) == (12, 11)
    told = faults_of(batch)
    assert {(line, column) for line, column, _words in told} == {
        (3, "kind"), (3, "amount"), (3, "effective_on"),
        (4, "project"), (4, "applicant"),
        (5, "amount"), (5, "expires_on"),
        (6, "key"),
        (7, "project"),
        (8, "beneficiary"),
        (9, "applicant"), (9, "product"),
        (10, "project"),
        (11, "amount"),
        (12, "amount"), (12, "expires_on"),
        (13, "kind"), (13, "project"), (13, "amount"), (13, "effective_on"), (13, "expires_on"), (13, "applicant"),
    }  # fmt: skip
    words = {(line, column): message for line, column, message in told}
    assert "可以填：" in words[3, "kind"]
    assert "履约保函" in words[3, "kind"]
    assert "2026-12-01" in words[3, "effective_on"]
    assert "第 2 行" in words[6, "key"]
    assert "第 2 行" in words[7, "project"]
    assert city.beneficiary.organisation.name in words[8, "beneficiary"]
    assert living.number in words[10, "project"]
    assert "超过上限" in words[11, "amount"]
    assert [row.typed for row in batch.rows.order_by("line")] == [
        {code: text for code, text in row.items() if text} for row in rows
    ]
    assert read_blob(batch.file.blob) == as_csv(rows)
    assert Guarantee.objects.count() == 1  # nothing was applied for


def test_a_corrected_upload_takes_the_place_of_the_rows(city: City):
    rows = [row_for(city, "1"), row_for(city, "2", amount="很多")]
    batch = prepared(city, rows)
    assert batch.state == "faulty"
    with pytest.raises(NotNow):
        submit_batch(batch, account="6000-0001", by=city.manager, at=city.at)

    rows[1]["amount"] = "800,000"
    batch = again(replace_rows(batch, as_xlsx(rows), "改.xlsx", by=city.manager, at=city.at + MINUTE))

    assert batch.state == "ready"
    assert (batch.row_count, batch.fault_count, batch.amount) == (2, 0, 180 * WAN)
    assert batch.fee == sum(row.fee or 0 for row in batch.rows.all()) > 0
    assert batch.file.name == "改.xlsx"
    batch = again(replace_rows(batch, as_csv(rows[:1] * 2), "错.csv", by=city.manager, at=city.at + 2 * MINUTE))
    assert batch.state == "faulty"


def test_the_fee_of_the_preview_is_the_fee_that_is_charged(city: City):
    rows = [row_for(city, "1"), row_for(city, "2", amount="500,000.55", expires_on="2028-02-29")]
    batch = confirmed(city, rows)

    drain(at=city.at + 3 * MINUTE)

    assert [(row.state, row.fee) for row in batch.rows.order_by("line")] == [
        ("done", row.guarantee.fee_amount) for row in batch.rows.order_by("line")
    ]


def test_rows_beyond_line_or_authority_are_told_to_need_a_person(city: City):
    rows = [row_for(city, str(number), city.rival, amount="2,000,000") for number in range(3)]
    large = row_for(city, "大", amount="4,000,000")
    large["project"] = city.project(city.manager, award=6_000 * WAN).number

    batch = prepared(city, [*rows, large])

    notes = [row.notes for row in batch.rows.order_by("line")]
    assert notes[:3] == [[], [], []]
    assert any("超过自动审批权限" in words for words in notes[3])
    assert [one.short for one in sums_by_applicant(batch)] == [False, False]
    assert [(one.label, one.count, one.amount) for one in sums_by_kind(batch)] == [("履约保函", 4, 1_000 * WAN)]


def test_the_sum_of_the_rows_is_held_against_the_line(city: City):
    house = city.guarantor
    narrow = city.member("云州小额建设有限公司", "enterprise", "applicant")
    city.make_customer(narrow.organisation, line=250 * WAN)

    batch = prepared(city, [row_for(city, str(number), narrow) for number in range(3)])

    assert line_of(house, narrow.organisation).available == 250 * WAN
    [told] = sums_by_applicant(batch)
    assert told.short
    assert [bool(row.notes) for row in batch.rows.order_by("line")] == [False, False, True]
    assert "本批前面各行的合计" in batch.rows.get(key="2").notes[0]


def test_an_applicant_prepares_for_itself_only(city: City):
    house, other = city.guarantor, row_for(city, "2", city.rival)
    own = row_for(city, "1", by=city.applicant, applicant="")

    batch = prepared(city, [own, other], by=city.applicant)

    assert {(line, column) for line, column, _w in faults_of(batch)} == {(3, "applicant")}
    assert batch.rows.get(line=2).applicant == city.applicant.organisation
    with pytest.raises(NotPermitted):
        prepare_batch(as_csv([own]), "表.csv", name="不行", guarantor=house, by=city.beneficiary, at=city.at)
    with pytest.raises(Invalid):
        prepare_batch(
            as_csv([own]), "表.csv", name="不行", guarantor=city.bank.organisation, by=city.applicant, at=city.at
        )


def test_checking_more_rows_asks_no_more_questions(city: City, django_assert_max_num_queries):
    rows = [row_for(city, str(number)) for number in range(12)]

    with django_assert_max_num_queries(40):
        batch = prepared(city, rows)

    assert batch.state == "ready"


# submitting and confirming


def test_what_does_not_hold_any_more_is_found_when_it_is_submitted(city: City):
    rows = [row_for(city, "1"), row_for(city, "2")]
    batch = prepared(city, rows)
    with moved_to(city.at):
        case = city.draft(project=batch.rows.get(key="2").project)

    batch = again(submit_batch(batch, account="6000-0001", by=city.manager, at=city.at + MINUTE))

    assert batch.state == "faulty"
    assert [(line, column) for line, column, _w in faults_of(batch)] == [(3, "project")]
    assert case.reference in faults_of(batch)[0][2]


def test_who_prepared_a_batch_does_not_confirm_it(city: City):
    batch = submitted(city, [row_for(city, "1")])
    both = city.manager
    both.roles = ["manager", "signer"]
    both.save()
    both = type(both).objects.select_related("user", "organisation").get(pk=both.pk)

    with pytest.raises(NotPermitted) as refusal:
        confirm_batch(batch, by=both, at=city.at)
    with pytest.raises(NotPermitted):
        confirm_batch(batch, by=city.reviewer, at=city.at)

    assert "两人" in refusal.value.message
    assert again(batch).state == "to_confirm"
    assert confirm_batch(batch, by=city.signer, at=city.at).confirmed_by == city.signer


def test_a_batch_comes_back_with_a_reason_is_withdrawn_and_given_up(city: City):
    signer = city.signer
    batch = submitted(city, [row_for(city, "1", by=city.applicant)], by=city.applicant)
    drain(at=city.at + 2 * MINUTE)
    assert Notice.objects.filter(member=signer, key__startswith="batch.submitted").count() == 1
    with pytest.raises(Invalid):
        return_batch(batch, by=city.signer, at=city.at, reason="不")

    batch = return_batch(batch, by=city.signer, at=city.at + 2 * MINUTE, reason="请分两批提交。")
    drain(at=city.at + 3 * MINUTE)
    assert batch.state == "ready"
    assert "请分两批提交。" in Notice.objects.get(member=city.applicant, key__startswith="batch.returned").text
    batch = submit_batch(batch, account="6000-0001", by=city.applicant, at=city.at + 3 * MINUTE)
    batch = withdraw_batch(batch, by=city.applicant, at=city.at + 4 * MINUTE)
    batch = discard_batch(batch, by=city.applicant, at=city.at + 5 * MINUTE)
    assert batch.state == "discarded"
    assert Guarantee.objects.count() == 0


# secrecy


def test_a_batch_exists_for_its_preparers_and_once_submitted_for_its_guarantor_only(city: City):
    lot = city.lot()
    bid = row_for(
        city, "1", applicant="", kind="投标保函", project=lot.number, amount="400000", expires_on="2027-03-01"
    )
    batch = prepared(city, [bid], by=city.applicant)
    everybody = [city.rival, city.beneficiary, city.department, city.bank, city.auditor, city.operator]
    assert [batch in Batch.objects.visible_to(member, city.at) for member in (city.applicant, city.signer)] == [
        True,
        False,
    ]

    batch = submit_batch(batch, account="6000-0001", by=city.applicant, at=city.at)

    assert batch in Batch.objects.visible_to(city.signer, city.at)
    assert not [member for member in everybody if batch in Batch.objects.visible_to(member, city.at)]
    assert batch.secret_until == lot.opens_at
    entries = Entry.objects.filter(subject_type="guarantees.batch", subject_id=batch.pk)
    assert {entry.sealed_until for entry in entries} == {lot.opens_at}
    assert batch.file.sealed_until == lot.opens_at


def test_the_log_stays_silent_as_long_as_an_opening_is_put_off(city: City):
    from datetime import timedelta

    from xinshu.ledger.veils import open_at

    lot = city.lot()
    bid = row_for(
        city, "1", applicant="", kind="投标保函", project=lot.number, amount="400000", expires_on="2027-06-01"
    )
    batch = prepared(city, [bid], by=city.applicant)
    later = lot.opens_at + timedelta(days=9)

    amend_project(lot, by=city.applicant, at=city.at, opens_at=later)
    drain(at=city.at + MINUTE)

    entries = Entry.objects.filter(subject_type="guarantees.batch", subject_id=batch.pk)
    assert not open_at(entries, later - timedelta(days=1)).exists()
    assert open_at(entries, later + timedelta(days=1)).exists()
