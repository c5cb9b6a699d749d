"""The pages: a tag, a questionnaire and a gate made in a browser, answered and matched by a firm; CS-49 whole."""

import re
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from python_calamine import CalamineWorkbook

from xinshu.accounts.models import Member, Organisation
from xinshu.admission.models import Carry, Gate, Match, Questionnaire, Sheet, Tag
from xinshu.admission.shelves import Ware
from xinshu.admission.tests.conftest import WAN, Place, at_least, rule
from xinshu.ledger.worker import drain

Browse = Callable[[Member], Client]


def _tag(**more: str) -> dict[str, str]:
    return {
        "name": "资本三千万以上", "how": "rule", "rhythm": "change", "rules": "1", "r0-rows": "1", "r0-on": "on",
        "r0-join": "all", "r0-c0-fact": "registered_capital", "r0-c0-op": "ge", "r0-c0-values": "3000万", **more,
    }  # fmt: skip


def _questions(*rows: tuple[str, str, str]) -> dict[str, str]:
    posted = {"rows": str(len(rows)), "name": "补充信息", "subject": "firm"}
    for n, (text, kind, choices) in enumerate(rows):
        posted |= {f"k{n}-text": text, f"k{n}-kind": kind, f"k{n}-choices": choices, f"k{n}-required": "on"}
    return posted


def _text(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, response.content.decode()[-500:]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.content.decode()))


def _rows(client: Client, path: str) -> int:
    response = client.get(path)
    assert response.status_code == 200
    content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
    rows = CalamineWorkbook.from_filelike(BytesIO(content)).get_sheet_by_index(0).to_python()
    return len(rows) - 2


@pytest.mark.req("CS-49")
def test_from_a_tag_and_a_questionnaire_to_a_product_that_says_what_is_missing(
    place: Place, ware: Ware, browser_of: Browse
) -> None:
    place.tell(registered_capital=str(5_000 * WAN))
    writer, second, clerk = (browser_of(one) for one in (place.writer, place.second, place.clerk))
    writer.post("/tags/new/", _tag())
    tag = Tag.objects.get()
    assert Carry.objects.get().firm == place.firm
    writer.post("/questionnaires/new/", _questions(("在建项目个数", "number", ""), ("抽查", "single", "接受、不接受")))
    one = Questionnaire.objects.get()
    draft = one.versions.get()
    second.post(f"/questionnaires/versions/{draft.reference}/activate/", {"version": "1"})
    rules = place.rules(
        rule("标签", at_least(f"tag_{tag.reference.lower()}", True, op="eq")),
        rule("在建", at_least(f"q_{one.reference.lower()}_k1", "10", op="le")),
    )
    writer.post("/gates/new/", {"product": ware.reference, "subject": "firm", "rule_set": rules.reference,
                                "questionnaire": one.reference, "shows_unmet": "on"})  # fmt: skip
    gate = Gate.objects.get()
    second.post(f"/gates/{gate.reference}/put_on/", {"version": "1"})

    page = f"/admission/{ware.reference}/"
    assert "在建项目个数不超过 10" in _text(clerk, page)
    clerk.post(f"{page}check/", {"gate": gate.reference})
    assert "在问卷里回答“在建项目个数”（问卷还没有回答）" in _text(clerk, page)
    clerk.post(f"{page}fill/", {"gate": gate.reference})
    sheet = Sheet.objects.get()
    clerk.post(f"/sheets/{sheet.reference}/", {"version": "1", "a-k1": "很多", "do": "keep"})
    assert 'value="很多"' in clerk.get(f"/sheets/{sheet.reference}/").content.decode()
    refused = clerk.post(f"/sheets/{sheet.reference}/", {"version": "2", "a-k1": "很多", "a-k2": "接受"})
    assert (refused.status_code, "请填写数字" in refused.content.decode()) == (422, True)
    clerk.post(f"/sheets/{sheet.reference}/", {"version": "2", "a-k1": "12", "a-k2": "接受"})
    clerk.post(f"{page}check/", {"gate": gate.reference})
    assert "在建项目个数不超过 10，贵单位 12； 超出 2" in _text(clerk, page)

    second.post(f"/gates/{gate.reference}/take_off/", {"version": "2", "reason": "不公开"})
    writer.post(f"/gates/{gate.reference}/edit/", {"version": "3", "rule_set": rules.reference,
                                                   "questionnaire": one.reference})  # fmt: skip
    second.post(f"/gates/{gate.reference}/put_on/", {"version": "4"})
    hidden = _text(clerk, page)
    assert ("超出" in hidden, "另有 1 项没有满足或需要核实" in hidden) == (False, True)

    assert Match.objects.count() == 2
    log = _text(writer, f"/gates/{gate.reference}/")
    assert "在建项目个数 12，超出 2" in log
    assert [_rows(writer, path) for path in (
        "/tags/export/", f"/tags/{tag.reference}/export/", f"/questionnaires/{one.reference}/export/",
        f"/gates/{gate.reference}/export/",
    )] == [1, 1, 2, 4]  # fmt: skip


def test_a_file_answers_a_question_and_the_house_reads_it_after_it_is_handed_in(
    place: Place, browser_of: Browse
) -> None:
    writer, second, clerk = (browser_of(one) for one in (place.writer, place.second, place.clerk))
    writer.post("/questionnaires/new/", _questions(("审计报告", "file", "")))
    one = Questionnaire.objects.get()
    second.post(f"/questionnaires/versions/{one.versions.get().reference}/activate/", {"version": "1"})
    wrong = writer.post(f"/questionnaires/{one.reference}/send/", {"version": "1", "firms": "没有这家公司"})
    assert (wrong.status_code, "没有这家公司" in wrong.content.decode()) == (422, True)
    writer.post(f"/questionnaires/{one.reference}/send/", {"version": "1", "firms": place.firm.name})
    sheet = Sheet.objects.get()
    paper = SimpleUploadedFile("报告.pdf", b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\nstartxref\n9\n%%EOF\n")
    bad = SimpleUploadedFile("报告.exe", b"MZ")
    path = f"/sheets/{sheet.reference}/"
    assert clerk.post(path, {"version": "1", "a-k1": bad}).status_code == 422
    assert "企业还没有提交" in _text(writer, path)

    assert clerk.post(path, {"version": "1", "a-k1": paper}).status_code == 302

    assert "报告.pdf" in _text(writer, path)
    assert "已提交 1" in _text(clerk, "/sheets/?view=done")


def test_a_tag_that_is_typed_wrong_comes_back_as_it_was_typed(place: Place, browser_of: Browse) -> None:
    writer = browser_of(place.writer)

    refused = writer.post("/tags/new/", _tag(**{"r0-c0-values": "三千万左右", "valid_days": "很久", "name": "一"}))

    page = refused.content.decode()
    assert refused.status_code == 422
    assert all(words in page for words in ("三千万左右", "很久", "比较值填写不正确", "填 2 到 30 个字"))
    grown = writer.post("/tags/new/", _tag(more="r0")).content.decode()
    assert 'name="r0-c1-fact"' in grown
    assert not Tag.objects.exists()


def test_a_person_marks_a_customer_on_the_page(place: Place, browser_of: Browse) -> None:
    writer, manager = browser_of(place.writer), browser_of(place.manager)
    writer.post("/tags/new/", {"name": "重点客户", "how": "person", "valid_days": "30"})
    path = f"/tags/{Tag.objects.get().reference}/"

    manager.post(f"{path}give/", {"version": "1", "firm": place.firm.uscc, "reason": "年度会议确定"})

    assert "年度会议确定" in _text(manager, path)
    manager.post(f"{path}take/", {"version": "1", "firm": place.firm.name, "reason": "不再重点"})
    drain(at=place.at)
    assert "不再重点" in _text(manager, f"{path}?view=past")
    off = writer.post(f"{path}switch_off/", {"version": "1", "reason": "合并"})
    assert (off.status_code, Tag.objects.get().state) == (302, "off")


@pytest.mark.parametrize("path", ["/tags/", "/questionnaires/", "/gates/"])
def test_rooms_of_a_house_are_closed_to_firms_and_other_houses_see_nothing_of_it(
    place: Place, browser_of: Browse, path: str
) -> None:
    place.tag()
    bank = Organisation.objects.create(name="云州银行股份有限公司", kind="bank")

    assert browser_of(place.clerk).get(path).status_code == 403
    assert "大企业" not in _text(browser_of(place.member("rival", "reviewer", bank)), path)


def test_the_list_of_tags_asks_as_much_for_one_as_for_thirty(
    place: Place, browser_of: Browse, django_assert_max_num_queries: Any
) -> None:
    writer = browser_of(place.writer)
    place.tag("标签零")
    writer.get("/tags/")
    with CaptureQueriesContext(connection) as few:
        writer.get("/tags/")
    for n in range(12):
        place.tag(f"标签{n}号")

    with django_assert_max_num_queries(len(few)):
        writer.get("/tags/")
