"""Award notices become business: reading (table), importing (stories), once on the real notices."""

import gzip
import io
import json
from dataclasses import replace
from datetime import timedelta
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from xinshu.accounts.models import Member, Organisation
from xinshu.books.lines import line_of
from xinshu.books.models import Transfer
from xinshu.core.clock import now
from xinshu.core.refusals import Refusal
from xinshu.documents.blobs import read_blob
from xinshu.documents.models import SealedDocument
from xinshu.guarantees.awards import importing
from xinshu.guarantees.awards.importing import Desk, carry_through, performance_guarantee, take_in
from xinshu.guarantees.demo.cast import prepare_guarantors
from xinshu.guarantees.models import Guarantee, Payment
from xinshu.guarantees.tests.city import WAN
from xinshu.guarantees.verification import IN_FORCE, by_file
from xinshu.ledger.models import Entry
from xinshu.ledger.worker import drain
from xinshu.projects.models import Party, Project
from xinshu.tenders.reading.labels import Award, Unreadable, read_amount, read_award, read_days, read_winners

REAL = Path(__file__).resolve().parents[4] / "shared" / "data" / "tenders" / "award_pages.jsonl.gz"
FIRM, SECOND, THIRD = "江北宏远市政建设有限公司", "云州华川建筑工程有限公司", "云州测绘设计研究院"


def notice(number: int = 1, **labels: Any) -> dict[str, Any]:
    """Return an award notice as the collector stores it; `labels` say what differs, None leaves one out."""
    usual = {
        "招标人": "云州市公路事业发展中心",
        "招标机构": "云州招标代理有限公司",
        "标段(包)编号": f"YZ2026-{number:03d}-01",
        "标段(包)名称": f"云州市县道改造第{number}标段",
        "中标人": FIRM,
        "中标价(元)": "12,345,678.90",
        "履约期限(天)": "180日历天",
        "建设地点": "云州市",
        "资质证书名称及编号": "公路工程施工总承包二级 D233000000",
        "安全生产许可证名称及编号": "（云）JZ安许证字[2024]000000",
    }
    kept = {name: value for name, value in (usual | labels).items() if value is not None}
    return {
        "id": f"n-{number}", "title": f"第{number}标段中标结果公告", "region_code": "990103", "published": "2026-11-01",
        "labels": kept,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("text", "winners"),
    [
        (FIRM, (FIRM,)),
        (f"  {FIRM} ", (FIRM,)),
        (f"{FIRM}、{SECOND}联合体", (FIRM, SECOND)),
        (f"{FIRM}、{SECOND}（联合体）", (FIRM, SECOND)),
        (f"{FIRM}、{SECOND}、{THIRD}联合体", (FIRM, SECOND, THIRD)),
        (f"{FIRM}；{SECOND}", (FIRM, SECOND)),
        (f"{FIRM}\n{SECOND}", (FIRM, SECOND)),
        (f"联合体牵头人：{FIRM}、联合体成员：{SECOND}", (FIRM, SECOND)),
        (f"（牵头人）：{FIRM}；（成员单位）:{SECOND}", (FIRM, SECOND)),
        (f"{FIRM}（牵头人）、{SECOND}（成员）", (FIRM, SECOND)),
        (f"{SECOND}（联合体成员）、{FIRM}（联合体牵头人）", (FIRM, SECOND)),
        (f"成员单位：{SECOND}、牵头单位：{FIRM}", (FIRM, SECOND)),
        (f"{FIRM}、{FIRM}", (FIRM,)),
        (f"{FIRM}、/", (FIRM,)),
        ("长江水利开发集团（云州）有限公司", ("长江水利开发集团（云州）有限公司",)),
        ("云州省科学研究院（省评估中心）", ("云州省科学研究院（省评估中心）",)),
    ],
)
def test_winners_are_read_the_lead_first(text: str, winners: tuple[str, ...]) -> None:
    assert read_winners(text) == winners


@pytest.mark.parametrize("text", ["", " ", "联合体", "、、", "/", "张三", "无", "长" * 121])
def test_a_winner_that_is_no_name_of_a_firm_is_not_read(text: str) -> None:
    with pytest.raises(Unreadable):
        read_winners(text)


@pytest.mark.parametrize(
    ("labels", "amount"),
    [
        ({"中标价(元)": "12,345,678.90"}, 12_345_678_90),
        ({"中标价(元)": "12345678.9"}, 12_345_678_90),
        ({"中标价(元)": 12345678}, 12_345_678_00),
        ({"中标价(元)": "１２３４５.６７"}, 12_345_67),
        ({"中标价(元)": "1234.5678万元"}, 12_345_678_00),
        ({"中标价(元)": "/", "中标价(报价承诺)": "595000.00元"}, 595_000_00),
        ({"中标价(报价承诺)": "59.5万元"}, 595_000_00),
        (
            {"中标价(报价承诺)": "单价6400 元/吨，总价3905110 元（大写：叁佰玖拾万零伍仟壹佰壹拾元），税率 13%。"},
            3_905_110_00,
        ),
        ({"中标价(报价承诺)": "总价1,000元，大写：人民币壹仟元整"}, 1_000_00),
    ],
)
def test_an_amount_is_read_where_it_is_beyond_doubt(labels: dict[str, Any], amount: int) -> None:
    assert read_amount(labels) == amount


@pytest.mark.parametrize(
    ("labels", "why"),
    [
        ({}, "没有中标价"),
        ({"中标价(元)": "", "中标价(%)": "", "中标价(报价承诺)": "/"}, "没有中标价"),
        ({"中标价(%)": "97.95"}, "中标价是费率“97.95”，没有金额"),
        ({"中标价(元)": "0"}, "中标价为零"),
        ({"中标价(元)": "-5"}, "无法识别"),
        ({"中标价(元)": "详见附件"}, "无法识别"),
        ({"中标价(元)": "1.234"}, "无法识别"),
        ({"中标价(元)": "9" * 30}, "无法识别"),
        ({"中标价(元)": ["1", "2"]}, "没有中标价"),
        ({"中标价(报价承诺)": "58.80%"}, "读不出唯一的总价"),
        ({"中标价(报价承诺)": "建安工程费：37350383.10元、设计费：106000.00元"}, "读不出唯一的总价"),
        ({"中标价(报价承诺)": "设计费27万元;施工费下浮率为3.04%"}, "读不出唯一的总价"),
        ({"中标价(报价承诺)": "总价1000元（大写：贰仟元整）"}, "读不出唯一的总价"),
        ({"中标价(报价承诺)": "1,2,3元"}, "读不出唯一的总价"),
        ({"中标价(报价承诺)": "总价1,2,3元（大写：壹佰元整），另12.345元"}, "读不出唯一的总价"),
    ],
)
def test_an_amount_in_doubt_is_not_read_and_said_why(labels: dict[str, Any], why: str) -> None:
    with pytest.raises(Unreadable) as refused:
        read_amount(labels)

    assert why in str(refused.value)


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("180", 180), ("180日历天", 180), ("总工期180个日历天", 180), ("180天（180日历日）", 180), ("3650天", 3650),
        ("", None), ("0", None), ("3651天", None), ("60日历天，其中20日历天勘察", None), ("3年", None),
        ("999999", None), ("至竣工验收合格", None),
    ],
)  # fmt: skip
def test_days_are_read_when_exactly_one_number_is_stated(text: str, days: int | None) -> None:
    assert read_days(text) == days


def test_a_notice_is_read_whole() -> None:
    award = read_award(notice(7))

    assert award == Award(
        notice_id="n-7",
        title="第7标段中标结果公告",
        lot_number="YZ2026-007-01",
        lot_name="云州市县道改造第7标段",
        buyer="云州市公路事业发展中心",
        agency="云州招标代理有限公司",
        winners=(FIRM,),
        amount=12_345_678_90,
        contract_days=180,
        site="云州市",
        region_code="990103",
        published="2026-11-01",
        qualification="公路工程施工总承包二级 D233000000",
        safety_licence="（云）JZ安许证字[2024]000000",
    )


def test_a_lot_without_a_number_goes_by_its_notice() -> None:
    assert read_award(notice(7, **{"标段(包)编号": "/"})).lot_number == "NOTICE-n-7"


@pytest.mark.parametrize(
    "broken",
    [
        {}, {"labels": None}, {"labels": []}, {"labels": "中标人"}, {"labels": {}}, notice(1, 招标人=None),
        notice(1, 中标人=None), notice(1, 中标人=["a"]), notice(1, 中标人=3), notice(1, **{"中标价(元)": None}),
        notice(1, **{"中标价(元)": {"a": 1}}), notice(1, **{"中标价(元)": True}),
    ],
)  # fmt: skip
def test_a_broken_notice_is_unreadable_never_a_crash(broken: dict[str, Any]) -> None:
    with pytest.raises(Unreadable):
        read_award(broken)


def write(path: Path, *lines: Any) -> Path:
    text = "\n".join(line if isinstance(line, str) else json.dumps(line, ensure_ascii=False) for line in lines)
    if path.suffix == ".gz":
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")
    return path


def run(path: Path, *options: str) -> tuple[dict[str, Any], list[str]]:
    """Run the command; return its last line and those before."""
    out = io.StringIO()
    call_command("import_awards", str(path), *options, stdout=out, stderr=io.StringIO())
    *said, last = out.getvalue().strip().split("\n")
    counts = json.loads(last)
    assert counts.pop("seconds") >= 0
    return counts, said


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """Three lots (one of a consortium), then everything that can be wrong with a line."""
    return write(
        tmp_path / "awards.jsonl.gz",
        notice(1),
        notice(2, 中标人=f"{FIRM}、{SECOND}联合体"),
        notice(3, 中标人=THIRD, **{"中标价(元)": "400.04", "履约期限(天)": "/"}),
        "{not json",
        "[1, 2]",
        "",
        notice(4, 中标人="/"),
        notice(5, **{"中标价(元)": None, "中标价(%)": "98"}),
        notice(1, **{"中标价(元)": "1"}),  # the same lot, awarded for another price
        notice(6, 招标人=FIRM),  # the winner is the buyer
    )


@pytest.mark.django_db
def test_without_issue_it_enters_projects_winners_and_lines(file: Path) -> None:
    counts, said = run(file)

    assert counts == {"read": 9, "projects": 3, "issued": 0, "refused": 0, "errors": 6}
    assert [line.split("　")[1].split("：")[0] for line in said] == ["未导入"] * 6
    assert [line.split(" ")[1] for line in said] == ["4", "5", "6", "7", "8", "9"]
    project = Project.objects.get(number="YZ2026-002-01")
    assert (project.state, project.source, project.award_source) == ("awarded", "award_notice", "中标公告 2026-11-01")
    assert [(party.role, party.organisation.name) for party in project.parties.order_by("role")] == [
        (Party.Role.AGENCY, "云州招标代理有限公司"), (Party.Role.CONSORTIUM_MEMBER, SECOND), (Party.Role.WINNER, FIRM),
    ]  # fmt: skip
    assert project.buyer.kind == Organisation.Kind.INSTITUTION
    winner = Organisation.objects.get(name=FIRM)
    assert (winner.verified, winner.uscc) == (False, None)
    assert line_of(project.registered_by, winner).limit == 2_000 * WAN
    assert not Guarantee.objects.exists()


@pytest.mark.django_db
def test_with_issue_every_lot_gets_its_sealed_letter_and_a_second_run_creates_nothing(file: Path) -> None:
    counts, said = run(file, "--issue")

    assert counts == {"read": 9, "projects": 3, "issued": 3, "refused": 0, "errors": 6}
    cases = Guarantee.objects.select_related("letter__file__blob", "applicant", "project").order_by("pk")
    assert [(case.state, case.applicant.name, case.amount) for case in cases] == [
        ("in_force", FIRM, 1_234_567_89), ("in_force", FIRM, 1_234_567_89), ("in_force", THIRD, 40_00),
    ]  # fmt: skip
    assert {by_file(read_blob(case.letter.file.blob), case.delivered_at).outcome for case in cases} == {IN_FORCE}
    left = left_behind()

    again, said_again = run(file, "--issue")

    assert again == {"read": 9, "projects": 0, "issued": 0, "refused": 0, "errors": 6}
    assert said_again == said
    assert left_behind() == left


def left_behind() -> tuple[int, ...]:
    models = (Organisation, Project, Guarantee, Payment, SealedDocument, Transfer, Party, Entry)
    return tuple(model.objects.count() for model in models)


@pytest.mark.django_db
@pytest.mark.parametrize("state", [*importing.STEPS, "in_force"])
def test_a_run_that_was_killed_after_any_step_goes_on_where_it_stopped(tmp_path: Path, state: str) -> None:
    path = write(tmp_path / "awards.jsonl", notice(1), notice(2))
    desk = prepared()
    project, _new = take_in(read_award(notice(1)), desk)
    case = performance_guarantee(project, desk)
    while case.state != state:
        case = importing.STEPS[case.state](case, desk)

    counts, _said = run(path, "--issue")

    assert (counts["projects"], counts["issued"], counts["refused"]) == (1, 2 - (state == "in_force"), 0)
    assert list(Guarantee.objects.values_list("state", flat=True)) == ["in_force", "in_force"]
    assert Payment.objects.count() == SealedDocument.objects.count() == 2


@pytest.mark.django_db
def test_an_award_is_entered_whole_or_not_at_all() -> None:
    desk = replace(prepared(), line_amount=-1)  # the last thing that is entered cannot be

    with pytest.raises((Refusal, ValueError)):
        take_in(read_award(notice(1)), desk)

    assert not Project.objects.exists()
    assert not Organisation.objects.filter(name=FIRM).exists()


@pytest.mark.django_db
def test_what_the_worker_did_meanwhile_is_not_done_again(tmp_path: Path) -> None:
    path = write(tmp_path / "awards.jsonl", notice(1))
    run(path)
    desk = at_desk()
    case = performance_guarantee(Project.objects.get(), desk)
    importing.STEPS["draft"](case, desk)
    drain()  # the worker reviews it

    assert carry_through(performance_guarantee(Project.objects.get(), desk), desk)

    assert Guarantee.objects.get().state == "in_force"


def prepared() -> Desk:
    prepare_guarantors(now(), admits_unverified=True)
    return at_desk()


def at_desk() -> Desk:
    members = Member.objects.filter(organisation__name="云州融信融资担保有限公司").select_related(
        "user", "organisation"
    )
    member = {member.user.username: member for member in members}
    return Desk(member["manager"], member["signer"], 2_000 * WAN)


@pytest.mark.django_db
def test_what_needs_a_person_is_refused_with_its_reason_and_kept(tmp_path: Path) -> None:
    path = write(tmp_path / "awards.jsonl", notice(1, **{"中标价(元)": "150000000"}))

    counts, (line,) = run(path, "--issue", "--line", "90000000")

    assert (counts["projects"], counts["issued"], counts["refused"]) == (1, 0, 1)
    assert "未出函：审批中：超过自动审批权限 10,000,000.00 元，需人工审批。" in line
    assert Guarantee.objects.get().state == "in_review"


@pytest.mark.django_db
def test_a_short_line_is_refused_with_its_reason(tmp_path: Path) -> None:
    path = write(tmp_path / "awards.jsonl", notice(1))

    counts, (line,) = run(path, "--issue", "--line", "1000")

    assert (counts["issued"], counts["refused"]) == (0, 1)
    assert "可用额度 1,000.00 元" in line


@pytest.mark.django_db
def test_ten_per_cent_is_never_rounded_past_the_law(tmp_path: Path) -> None:
    path = write(tmp_path / "awards.jsonl", notice(1, **{"中标价(元)": "1000.05"}))

    counts, _said = run(path, "--issue")

    assert counts["issued"] == 1
    assert Guarantee.objects.get().amount == 100_00


@pytest.mark.django_db
def test_a_conflicting_notice_does_not_touch_what_was_entered(file: Path) -> None:
    run(file)
    desk = at_desk()

    with pytest.raises(Unreadable) as refused:
        take_in(read_award(notice(1, **{"中标价(元)": "1"})), desk)

    assert "不同的中标结果" in str(refused.value)
    assert Project.objects.get(number="YZ2026-001-01").award_amount == 12_345_678_90


@pytest.mark.django_db
def test_the_period_is_a_year_where_the_notice_states_no_days(file: Path) -> None:
    run(file, "--issue")

    case = Guarantee.objects.get(project__number="YZ2026-003-01")

    assert case.expires_on.replace(year=case.effective_on.year) in (case.effective_on, case.effective_on - timedelta(1))
    assert case.expires_on.year == case.effective_on.year + 1


@pytest.mark.django_db
@pytest.mark.parametrize("content", [None, b"\x1f\x8b broken"])
def test_a_file_that_cannot_be_read_is_said_so(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "awards.jsonl.gz"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(CommandError):
        run(path)


@pytest.mark.django_db
def test_nobody_imports_without_the_right(tmp_path: Path) -> None:
    path = write(tmp_path / "awards.jsonl", notice(1))

    with pytest.raises(CommandError):
        run(path, "--manager", "applicant")
    with pytest.raises((CommandError, Refusal)):
        run(path, "--line", "很多")


@pytest.mark.django_db
def test_the_real_notices_add_up(tmp_path: Path) -> None:
    if not REAL.exists():
        pytest.skip(f"{REAL} is not here: the real award notices are not part of the project")
    with gzip.open(REAL, "rt", encoding="utf-8") as lines:
        path = write(tmp_path / "awards.jsonl", *(line.rstrip("\n") for line in islice(lines, 40)))

    counts, said = run(path)

    assert counts["read"] == 40 == counts["projects"] + counts["errors"]
    assert len(said) == counts["errors"]
    assert Project.objects.count() == counts["projects"] > 20
    assert all(project.award_amount for project in Project.objects.all())
