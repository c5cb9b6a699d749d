"""The pages: who opens them, filters and exports, rules written by one and activated by another, screenings."""

import io
import secrets
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from xinshu.core.actors import SYSTEM
from xinshu.core.clock import local_day
from xinshu.core.refusals import NotNow
from xinshu.enterprises.models import Enterprise
from xinshu.ledger.models import Entry
from xinshu.rules.actions import Draft, activate_version, write_rules
from xinshu.rules.models import Run
from xinshu.rules.sources.sandbox import FINE
from xinshu.watch.actions.events import Told, raise_alerts, take_event
from xinshu.watch.actions.rules import Wish, write_rule
from xinshu.watch.demo import CONTENT
from xinshu.watch.models import Alert, Screening, WatchCase, WatchRule
from xinshu.watch.rulebook import Book
from xinshu.watch.screening import ANTI_FRAUD, outcome_of
from xinshu.watch.tests.conftest import WatchCity


def found(city: WatchCity) -> Any:
    """Let something be found and something be told about the applicant."""
    city.rule("over_sum", amount=100)
    guarantee = city.in_force()
    told = Told("court", "1", "被列为失信被执行人，（2026）云0103执612号", city.at)
    raise_alerts(take_event(city.applicant.organisation, told, by=SYSTEM, at=city.at), at=city.at)
    city.work()
    return guarantee


def sheet(response: Any) -> list[list[Any]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(response)))
    return book.get_sheet_by_index(0).to_python()[2:]


def test_the_board_lists_narrows_and_exports_for_its_own_house_only(city: WatchCity, browser_of: Any) -> None:
    guarantee = found(city)
    case, alert = city.case(), Alert.objects.get()
    firm = Enterprise.objects.get(organisation=city.applicant.organisation)
    mine, stranger = browser_of(city.reviewer), browser_of(city.member("江北担保有限公司", "guarantor", "reviewer"))
    pages = {
        "/watch/": case.reference, "/watch/?q=恒达&grade=severe&view=live": case.reference,
        f"/watch/cases/{case.reference}/": guarantee.number, "/watch/alerts/?kind=credit": alert.reference,
        f"/watch/alerts/{alert.reference}/": "失信被执行人", "/watch/firms/": firm.reference,
        f"/watch/firms/{firm.reference}/": "60.0", "/watch/rules/": "同一设备投标",
        f"/guarantees/{guarantee.reference}/": "申请人风险",
    }  # fmt: skip

    for path, word in pages.items():
        page = mine.get(path)
        assert page.status_code == 200, path
        assert word in page.content.decode(), path
    assert case.reference not in mine.get("/watch/?q=没有这家").content.decode()
    assert mine.get("/watch/?page=x&grade=nonsense&state=x").status_code == 200
    for path in (
        f"/watch/cases/{case.reference}/",
        f"/watch/alerts/{alert.reference}/",
        f"/watch/firms/{firm.reference}/",
    ):
        assert stranger.get(path).status_code == 404
    assert "申请人风险" not in browser_of(city.applicant).get(f"/guarantees/{guarantee.reference}/").content.decode()
    assert browser_of(city.applicant).get("/watch/").status_code == 403
    names = [
        sheet(mine.get(f"/watch/{path}export/"))[0][number] for path, number in (("", 1), ("alerts/", 0), ("firms/", 0))
    ]
    assert names == [city.applicant.organisation.name] * 3
    assert Entry.objects.filter(kind="watch_case.exported").count() == 1
    assert sheet(mine.get("/watch/rules/export/"))[0][0] == "申请频繁"


def test_a_case_is_handled_on_its_page(city: WatchCity, browser_of: Any) -> None:
    found(city)
    case = city.case()
    here, officer = f"/watch/cases/{case.reference}/", browser_of(city.reviewer)

    officer.post(f"{here}freeze/", {"version": case.version, "reason": "先停"})
    stale = officer.post(f"{here}propose_thaw/", {"version": case.version, "reason": "晚了"})
    case = city.case()
    officer.post(f"{here}propose_thaw/", {"version": case.version, "reason": "已补反担保"})
    case = city.case()
    own = officer.post(f"{here}thaw/", {"version": case.version})
    second = browser_of(city.signer)
    assert "同意解冻" in second.get(here).content.decode()
    second.post(f"{here}thaw/", {"version": case.version, "opinion": "同意"})

    assert (stale.status_code, own.status_code, city.case().state) == (409, 403, "thawed")
    assert "解冻" in officer.get(here).content.decode()


def test_an_alert_is_handled_on_its_page(city: WatchCity, browser_of: Any) -> None:
    found(city)
    alert = Alert.objects.get()
    here, officer = f"/watch/alerts/{alert.reference}/", browser_of(city.reviewer)

    officer.post(f"{here}acknowledge/", {"version": alert.version})
    without = officer.post(f"{here}handle/", {"version": alert.version + 1})
    officer.post(f"{here}handle/", {"version": alert.version + 1, "reason": "已约谈"})

    alert.refresh_from_db()
    assert (without.status_code, alert.state, alert.outcome) == (422, "handled", "已约谈")


def test_a_rule_is_written_by_one_and_activated_by_another(city: WatchCity, browser_of: Any) -> None:
    writer, second = browser_of(city.reviewer), browser_of(city.signer)
    told = {"on": "on", "grade": "severe", "blocks": "on", "limit_amount": "8,000,000"}

    wrong = writer.post("/watch/rules/over_sum/", told | {"limit_amount": "很多"})
    writer.post("/watch/rules/over_sum/", told)
    rule = WatchRule.objects.get()
    own = writer.post(f"/watch/rules/{rule.reference}/activate/", {"version": rule.version})
    before = Book([city.guarantor.pk]).of(city.guarantor.pk, "over_sum")
    second.post(f"/watch/rules/{rule.reference}/activate/", {"version": rule.version})
    after = Book([city.guarantor.pk]).of(city.guarantor.pk, "over_sum")

    assert (wrong.status_code, own.status_code) == (422, 403)
    assert "很多" in wrong.content.decode()
    assert (before.number, before.blocks) == (0, False)
    assert (after.number, after.blocks, after.limits) == (1, True, {"amount": 800_000_000})


def test_of_a_pattern_there_is_one_draft_and_one_version_of_each_number(city: WatchCity) -> None:
    other = city.colleague(city.operator, "operator")
    for by, second in ((city.reviewer, city.signer), (city.operator, other)):
        rule = city.rule("over_sum", by=by, second=second, amount=500)
        wish = Wish(on=True, grade="warn", blocks=False, limits={"amount": 500})
        write_rule("over_sum", wish, by=by, at=city.at)

        with pytest.raises(NotNow):
            write_rule("over_sum", wish, by=by, at=city.at)
        with pytest.raises(IntegrityError), transaction.atomic():  # whoever goes past the action
            WatchRule.objects.create(
                owner=rule.owner, pattern="over_sum", number=rule.number, state="superseded", grade="warn",
                changed_at=city.at,
            )  # fmt: skip


@pytest.fixture
def rows(city: WatchCity) -> Callable[[int], None]:
    """A way to list so many firms more, each with a case, an alert and a screening by two rule sets."""
    house, at = city.guarantor, city.at
    usual: dict[str, Any] = {"grade": "warn", "changed_at": at}
    draft = Draft(CONTENT, local_day(at))
    versions = []
    for name in ("受理前初筛", "大额初筛"):
        written = write_rules(name, "applicant_screening", "conditions", draft, by=city.reviewer, at=at)
        versions.append(activate_version(written, by=city.signer, at=at))

    def more(number: int) -> None:
        for _row in range(number):
            person = city.member(f"云州第{secrets.token_hex(4)}建设有限公司", "enterprise", "applicant")
            firm = person.organisation
            city.make_customer(firm)
            WatchCase.objects.create(
                state="open", house=house, firm=firm, pattern="over_sum", key=f"firm:{firm.pk}", found_at=at,
                opened_at=at, responsible=city.colleague(city.reviewer, "reviewer"), **usual,
            )  # fmt: skip
            event = take_event(firm, Told("court", f"{firm.pk}", "被列为失信被执行人", at), by=SYSTEM, at=at)
            raise_alerts(event, at=at)
            screening = Screening.objects.create(
                house=house, firm=firm, uscc=firm.uscc or "", name=firm.name, asked_by="复审", at=at
            )
            for version in versions:
                run = Run.objects.create(
                    state="asking", rule_set=version.rule_set, rule_version=version, subject_key=firm.uscc or "",
                    subject_name=firm.name, on=local_day(at), asked_by="复审", at=at,
                )  # fmt: skip
                screening.runs.add(run)

    return more


@pytest.mark.parametrize("path", ["", "alerts/", "firms/", "screenings/"])
def test_a_whole_page_takes_as_many_statements_as_one_row(
    city: WatchCity, rows: Callable[[int], None], browser_of: Any, path: str
) -> None:
    browser = browser_of(city.reviewer)
    rows(1)
    here, export = f"/watch/{path}", f"/watch/{path}export/"
    assert len(sheet(browser.get(export))) == (2 if path == "screenings/" else 1)

    one = [_statements(browser, address) for address in (here, export)]
    rows(19)
    many = [_statements(browser, address) for address in (here, export)]

    assert many == one


def _statements(browser: Any, address: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        assert browser.get(address).status_code == 200
    return len(queries)


def test_the_platform_s_rule_holds_where_a_house_has_none(city: WatchCity, browser_of: Any) -> None:
    other = city.member(city.operator.organisation.name, "operator", "operator")
    city.rule("often_firm", by=city.operator, second=other, number=9)
    city.rule("over_sum", by=city.operator, second=other, amount=500)
    city.rule("over_sum", amount=700)
    book = Book([city.guarantor.pk])

    assert book.of(city.guarantor.pk, "often_firm").limits["number"] == 9
    assert book.of(city.guarantor.pk, "over_sum").limits["amount"] == 700
    assert browser_of(city.operator).get("/watch/rules/often_firm/").status_code == 200
    assert browser_of(city.operator).get("/watch/").status_code == 403


@pytest.mark.req("CS-52")
def test_a_firm_is_screened_before_a_case_is_opened(
    city: WatchCity, browser_of: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Anti-fraud and credit rules over data sources: met, unmet, unknown with evidence; kept, logged, shown again."""
    monkeypatch.setattr(ANTI_FRAUD, "behaves", lambda key, at: FINE)
    monkeypatch.setattr(
        ANTI_FRAUD, "draw", lambda number, day: {"fraud_score": "90", "shell_company": False}
    )  # the number of firms at the address is not told
    firm, browser = city.applicant.organisation, browser_of(city.reviewer)
    firm.uscc = "91990100MADEM00K08"
    firm.save()
    form = {"name": firm.name, "uscc": firm.uscc}

    nothing = browser.post("/watch/screenings/new/", form)
    content = CONTENT | {"rules": CONTENT["rules"][:3]}
    draft = write_rules(
        "受理前初筛",
        "applicant_screening",
        "conditions",
        Draft(content, local_day(city.at)),
        by=city.reviewer,
        at=city.at,
    )
    activate_version(draft, by=city.signer, at=city.at)
    wrong = browser.post("/watch/screenings/new/", form | {"uscc": "123"})
    asked = browser.post("/watch/screenings/new/", form)
    waiting = browser.get(asked["Location"]).content.decode()
    city.work(timedelta(hours=2))
    page = browser.get(asked["Location"]).content.decode()
    screening = Screening.objects.get()
    outcome = outcome_of(screening)
    guarantee = city.submitted()

    assert (nothing.status_code, wrong.status_code, asked.status_code) == (409, 422, 302)
    assert "正在询问" in waiting
    assert outcome.verdict == "ask"
    assert [[line.answer.name for line in lines] for lines in (outcome.unmet, outcome.unknown, outcome.met)] == [
        ["欺诈评分"], ["同址注册企业不多"], ["不是空壳企业"],
    ]  # fmt: skip
    for word in ("不符合", "未知", "符合", "欺诈评分：90 分", "反欺诈（沙箱）", "数据源没有这一项"):
        assert word in page
    assert "风险初筛" in browser.get(f"/guarantees/{guarantee.reference}/").content.decode()
    assert sheet(browser.get("/watch/screenings/export/"))[0][2] == "受理前初筛"
    assert Run.objects.get().calls.exists()
    assert (
        browser_of(city.member("江北担保有限公司", "guarantor", "reviewer")).get(asked["Location"]).status_code == 404
    )
