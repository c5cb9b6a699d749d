"""The pages: written in the editor, tried, activated by another, run, replayed, exported; strangers find nothing."""

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from python_calamine import CalamineWorkbook

from xinshu.accounts.models import Member, Organisation
from xinshu.core.clock import local_day
from xinshu.rules import sheets
from xinshu.rules.actions import Draft, write_version
from xinshu.rules.engine.deciding import CONDITIONS, SCORECARD, TABLE, prepare
from xinshu.rules.models import RuleVersion, Run
from xinshu.rules.screening import SCREENING
from xinshu.rules.tests.conftest import RULES, House, facts
from xinshu.rules.tests.conftest import TABLE as TABLE_CONTENT

Browser = Callable[[Member], Client]
TYPED: dict[str, Any] = {
    "name": "企业初筛", "valid_until": "", "rules": "2",
    "r0-name": "负债率", "r0-weight": "stop", "r0-join": "all", "r0-on": "on", "r0-rows": "2", "r0-note": "负债过高",
    "r0-c0-fact": "debt_ratio", "r0-c0-op": "between", "r0-c0-values": "0..70%", "r0-c1-values": "",
    "r1-name": "资本和等级", "r1-weight": "ask", "r1-on": "on", "r1-rows": "0",
    "r1-expression": '注册资本 >= 500万元 且 纳税信用等级 属于 ("A", "B")',
}  # fmt: skip
CARD: dict[str, Any] = {
    "base": "40", "items": "2", "s0-fact": "debt_ratio", "s0-name": "负债",
    "s0-bins": "<=50 | +30 |\n50..70 | 10 | 负债偏高\n其余 | -20 | 负债过高",
    "s1-fact": "", "s1-bins": "", "s1-name": "",
    "bands": "2", "b0-least": "0", "b0-label": "C", "b0-outcome": "fails", "b1-least": "50", "b1-label": "A",
    "b1-outcome": "meets",
}  # fmt: skip
GRID: dict[str, Any] = {
    "hit": "first", "columns": "3", "rows": "3", "i0": "registered_capital", "i1": "dishonest", "i2": "",
    "t0-0": ">=500万", "t0-1": "否", "t0-outcome": "meets", "t0-label": "甲", "t1-0": "", "t1-1": "是",
    "t1-outcome": "fails", "t2-0": "", "t2-1": "", "t2-outcome": "",
}  # fmt: skip


@pytest.mark.parametrize(("form", "typed"), [(CONDITIONS, TYPED), (TABLE, GRID), (SCORECARD, CARD)])
def test_what_is_typed_reads_back_as_it_was(form: str, typed: dict[str, Any]) -> None:
    content = sheets.content_of(sheets.posted(typed, form), form, SCREENING.types)

    again = sheets.content_of(sheets.sheet_of(content, SCREENING.types), form, SCREENING.types)

    assert again == content
    assert prepare(content, SCREENING.types).readings


def test_rules_are_written_in_the_editor_and_activated_by_another(house: House, browser_of: Browser) -> None:
    writer, second = browser_of(house.writer), browser_of(house.second)
    editor = reverse("rules:new") + "?purpose=firm_screening&form=conditions&name=企业初筛"
    typed = {**TYPED, "valid_from": local_day(house.at).isoformat()}

    page = writer.get(editor).content.decode()
    more = writer.post(editor, {**typed, "more": "rules"}).content.decode()
    wrong = writer.post(editor, {**typed, "r1-expression": "注册资本 >= 5"})
    told = writer.post(reverse("rules:check") + "?purpose=firm_screening&form=conditions", typed).content.decode()
    saved = writer.post(editor, typed)

    assert "加一条规则" in page
    assert 'name="r2-name"' in more
    assert wrong.status_code == 422
    assert "资本和等级" in wrong.content.decode()  # nothing typed is lost
    assert "资产负债率在 0% 至 70% 之间（含）" in told
    assert saved.status_code == 302
    version = RuleVersion.objects.get()
    path = reverse("rules:version_act", args=[version.reference, "activate_version"])
    assert writer.post(path, {"version": version.version}).status_code == 403
    assert second.post(path, {"version": version.version}).status_code == 302
    version.refresh_from_db()
    assert version.state == "active"
    page = second.get(reverse("rules:set", args=[version.rule_set.reference])).content.decode()
    assert "税务信息（沙箱）" in page


def test_a_draft_is_tried_and_its_changes_are_listed_and_exported(house: House, browser_of: Browser) -> None:
    version = house.active()
    house.run(version, facts(debt=60), "云州大山建设有限公司")
    stricter = {**RULES, "rules": [{**RULES["rules"][0], "conditions": [
        {"fact": "debt_ratio", "op": "le", "values": ["50"]}]}]}  # fmt: skip
    draft = write_version(version.rule_set, Draft(stricter, local_day(house.at)), by=house.writer, at=house.at)
    writer = browser_of(house.writer)

    tried = writer.post(reverse("rules:version_act", args=[draft.reference, "try_on_history"]), {"version": 1})
    page = writer.get(reverse("rules:trial", args=[draft.reference]) + "?before=meets&after=fails").content.decode()
    sheet = writer.get(reverse("rules:export_trial", args=[draft.reference]))

    assert tried.status_code == 302
    assert "云州大山建设有限公司" in page
    rows = CalamineWorkbook.from_filelike(BytesIO(sheet.getvalue())).get_sheet_by_index(0).to_python()
    assert [row[3:6:2] for row in rows[2:]] == [["通过", "不通过"]]
    assert writer.get(reverse("rules:edit", args=[draft.reference])).status_code == 200


@pytest.mark.req("CS-45")
def test_a_past_decision_is_looked_at_replayed_and_taken_away(house: House, browser_of: Browser) -> None:
    run = house.run(house.active(TABLE_CONTENT), facts(debt=80))
    writer = browser_of(house.writer)

    page = writer.get(reverse("rules:run", args=[run.reference]) + "?replay=1").content.decode()
    found, none = (writer.get(reverse("rules:runs") + query).content.decode() for query in ("?outcome=ask", "?q=无此"))
    logs = {
        log: CalamineWorkbook.from_filelike(BytesIO(writer.get(reverse("rules:export_log", args=[log])).getvalue()))
        .get_sheet_by_index(0).to_python()[2:]
        for log in ("runs", "results", "calls")
    }  # fmt: skip

    assert "重放一致" in page
    assert run.reference in found
    assert "没有符合条件的运行" in none
    assert {log: len(rows) for log, rows in logs.items()} == {"runs": 1, "results": 3, "calls": 0}


@pytest.mark.parametrize("form", [CONDITIONS, TABLE, SCORECARD])
def test_nonsense_in_the_editor_is_told_and_never_breaks(house: House, browser_of: Browser, form: str) -> None:
    writer = browser_of(house.writer)
    editor = reverse("rules:new") + f"?purpose=firm_screening&form={form}"
    typed = {**TYPED, **GRID, **CARD}
    for name in typed:
        for nonsense in ("", "９９", "-1", "99999", "<script>", "(((((", "不存在", "a" * 3_000):
            if name in ("rules", "rows", "columns", "items", "bands", "hit", "r0-c0-values", "r1-expression", "t0-0",
                        "s0-bins", "base", "r0-c0-op", "i0", "s0-fact", "b0-least"):  # fmt: skip
                answer = writer.post(reverse("rules:check") + f"?purpose=firm_screening&form={form}",
                                     {**typed, name: nonsense})  # fmt: skip
                assert answer.status_code == 200, (name, nonsense)
    assert writer.post(editor, {"valid_from": "gestern"}).status_code == 422
    assert writer.get(editor).status_code == 200


def test_a_neighbour_and_roles_without_the_right_find_nothing(house: House, browser_of: Browser) -> None:
    run = house.run(house.active(), facts())
    other = Organisation.objects.create(name="安平保险", kind="insurer", verified=True)
    paths = [
        reverse("rules:run", args=[run.reference]), reverse("rules:set", args=[run.rule_set.reference]),
        reverse("rules:version", args=[run.rule_version.reference]),
    ]  # fmt: skip

    for member, status in ((house.member("rival", "reviewer", other), 404), (house.member("cash", "finance"), 403)):
        browser = browser_of(member)
        assert {browser.get(path).status_code for path in paths} == {status}


def test_lists_ask_as_often_for_thirty_rows_as_for_one(
    house: House, browser_of: Browser, django_assert_max_num_queries: Any
) -> None:
    version = house.active()
    house.run(version, facts())
    browser = browser_of(house.writer)
    with django_assert_max_num_queries(30) as one:
        browser.get(reverse("rules:runs"))
    for number in range(29):
        Run.objects.bulk_create([Run(
            state="kept", rule_set=version.rule_set, rule_version=version, subject_key=str(number), subject_name="企业",
            on=local_day(house.at), facts="{}", result="{}", outcome="ask", sm3="0", at=house.at - timedelta(hours=1),
        )])  # fmt: skip

    with django_assert_max_num_queries(30) as thirty:
        browser.get(reverse("rules:runs"))

    assert len(one) == len(thirty)


def test_empty_lists_say_what_to_do_next(house: House, browser_of: Browser) -> None:
    browser = browser_of(house.writer)

    pages = [browser.get(reverse(f"rules:{name}")).content.decode() for name in ("list", "runs", "sources")]

    for page, words in zip(pages, ("还没有规则集", "规则还没有运行过", "还没有调用"), strict=True):
        assert words in page


def test_a_trial_without_history_says_so(house: House, browser_of: Browser) -> None:
    draft = house.draft()
    answer = browser_of(house.writer).post(
        reverse("rules:version_act", args=[draft.reference, "try_on_history"]), {"version": 1}
    )

    assert answer.status_code == 409
