"""Pages: who sees how much of whose record, the acts through the browser, and as many queries for thirty as for one."""

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from xinshu.accounts.models import Member, Organisation
from xinshu.credit.actions.appeals import Remedy, raise_appeal, refuse_appeal, uphold_appeal, withdraw_appeal
from xinshu.credit.actions.behaviours import Seen, correct_behaviour, note_behaviour
from xinshu.credit.actions.lists import ask_to_lift, end_entry, lift_entry
from xinshu.credit.forms import initial_of
from xinshu.credit.kinds import APPLICANT, GUARANTOR
from xinshu.credit.models import Appeal, Behaviour, Card, ListEntry, Record
from xinshu.credit.queries import behaviours_of
from xinshu.credit.reckoning import Act, Dimension, Line, Part
from xinshu.credit.scores import refresh_all
from xinshu.credit.standard import STANDARD
from xinshu.credit.tests.conftest import PDF, Town
from xinshu.credit.tests.test_lists_and_appeals import listed
from xinshu.credit.views.records import LINES, newest_of
from xinshu.enterprises.models import Enterprise, Relation
from xinshu.ledger.recording import record
from xinshu.ledger.worker import drain
from xinshu.messaging.models import Notice

Browse = Callable[[Member], Client]
BAD = date(2026, 11, 1)
DAY = timedelta(days=1)


def text_of(browser: Client, path: str, status: int = 200) -> str:
    answer = browser.get(path)
    assert answer.status_code == status, path
    return answer.content.decode()


def paper() -> SimpleUploadedFile:
    return SimpleUploadedFile("判决书.pdf", PDF, "application/pdf")


@pytest.mark.req("EP-30", "CS-54")
def test_a_record_shows_its_dimensions_every_line_and_correction_to_whose_it_is_and_to_its_guarantor(
    town: Town, browser_of: Browse
) -> None:
    town.card()
    row = town.did("baseless_claim", BAD)
    path = f"/credit/records/{row.record.reference}/"
    typed = {"kind": "revoked", "reason": "二审撤销一审判决"}
    assert browser_of(town.first).post(f"/credit/behaviours/{row.reference}/correct/", typed).status_code == 302
    town.did("contract_honoured", BAD)

    own, house = text_of(browser_of(town.applicant), path), text_of(browser_of(town.reviewer), path)

    for told in (own, house):
        assert all(
            word in told for word in ("诚信", "权重 25%", "守合同表彰", "+10.00", "730 / 1000", "已更正", "无理索赔")
        )
    assert "（2026）云01民初7号" in own
    assert "（2026）云01民初7号" not in house  # in whose business it happened is not other houses' to read
    assert "二审撤销一审判决" not in house
    text_of(browser_of(town.stranger), path, 404)
    listed = text_of(browser_of(town.reviewer), "/credit/applicants/?q=大山&sort=-score&band=A")
    assert "云州大山建设有限公司" in listed
    assert "大山" not in text_of(browser_of(town.stranger), "/credit/applicants/")


@pytest.mark.req("EP-29")
def test_guarantors_are_found_by_everybody_with_their_band_and_by_the_operator_with_everything(
    town: Town, browser_of: Browse
) -> None:
    town.card(side=GUARANTOR)
    record = town.did("overturned", BAD, who=town.house).record
    record.refresh_from_db()

    found = text_of(browser_of(town.applicant), "/credit/guarantors/?q=融信")
    public = text_of(browser_of(town.applicant), f"/credit/records/{record.reference}/")
    whole = text_of(browser_of(town.first), f"/credit/records/{record.reference}/")

    assert "云州融信融资担保有限公司" in found
    assert record.band in public
    assert "拒赔被推翻" not in public + found
    assert f"{record.score} / 1000" not in public
    assert "拒赔被推翻" in whole
    sheet = browser_of(town.first).get("/credit/guarantors/export/")
    assert b"".join(sheet.streaming_content)[:2] == b"PK"  # type: ignore[attr-defined]


def test_a_behaviour_is_entered_by_hand_and_what_is_wrong_is_said_where_it_was_typed(
    town: Town, browser_of: Browse
) -> None:
    path, browser = f"/credit/records/{town.record.reference}/enter/", browser_of(town.first)
    typed = {"kind": "false_papers", "happened_on": "2026-11-01", "document": "云建罚决 8 号", "note": "投标业绩造假"}

    refused = browser.post(path, typed)
    assert refused.status_code == 422
    assert "投标业绩造假" in refused.content.decode()
    assert browser.post(path, {**typed, "file": paper()}).status_code == 302

    assert Behaviour.objects.get().case == "云建罚决 8 号"
    assert browser_of(town.reviewer).get(path).status_code == 403


def test_a_card_is_written_measured_and_activated_through_the_pages(town: Town, browser_of: Browse) -> None:
    first, second = browser_of(town.first), browser_of(town.second)
    assert town.record.score is None
    typed = {name: value for name, value in initial_of(STANDARD[APPLICANT]).items() if value not in (None, "")}
    wrong = first.post("/credit/cards/new/applicant/", {**typed, "weight_1": "41"})
    assert (wrong.status_code, "100%" in wrong.content.decode()) == (422, True)
    assert first.post("/credit/cards/new/applicant/", typed).status_code == 302
    card = Card.objects.get()
    assert card.content == STANDARD[APPLICANT]

    base = f"/credit/cards/{card.reference}/"
    text_of(browser_of(town.reviewer), base, 404)  # a draft is the operator's
    assert first.post(f"{base}measure/", {"version": "1"}).status_code == 302
    assert "未计分" in text_of(first, f"{base}effect/?before=none&after=A")
    assert first.post(f"{base}activate_card/", {"version": "1"}).status_code == 403
    assert second.post(f"{base}activate_card/", {"version": "1"}).status_code == 302

    assert town.record.score == 705
    assert "V1" in text_of(browser_of(town.reviewer), base)


def test_an_appeal_goes_its_way_through_the_pages(town: Town, browser_of: Browse) -> None:
    row = town.did("baseless_claim", BAD)
    subject, first, second = browser_of(town.applicant), browser_of(town.first), browser_of(town.second)
    path = f"/credit/behaviours/{row.reference}/appeal/"
    assert subject.post(path, {"text": "不对"}).status_code == 422
    assert subject.post(path, {"text": "二审判决已经撤销一审认定。", "file": paper()}).status_code == 302
    assert browser_of(town.reviewer).get(path).status_code == 403
    appeal = Appeal.objects.get()
    base = f"/credit/appeals/{appeal.reference}/"
    typed = {"version": appeal.version, "behaviour": row.reference, "kind": "revoked", "reason": "二审撤销"}

    assert "须由另一人决定" in text_of(first, base)
    assert first.post(f"{base}uphold/", typed).status_code == 403
    assert second.post(f"{base}uphold/", {**typed, "kind": ""}).status_code == 422
    assert second.post(f"{base}uphold/", typed).status_code == 302

    assert "二审撤销" in text_of(subject, base)
    text_of(browser_of(town.reviewer), base, 404)
    assert Behaviour.objects.get(corrects=row).kind == ""


def test_what_is_open_stands_first_by_its_last_day_and_the_rest_after_it(town: Town, browser_of: Browse) -> None:
    rows = [town.did("baseless_claim", BAD) for _number in range(4)]
    late, soon, decided, withdrawn = (
        raise_appeal(row.record, row, text="二审判决已经撤销一审认定。", by=town.applicant, at=at)
        for row, at in zip(rows, (town.at + 9 * DAY, town.at, town.at, town.at), strict=True)
    )
    refuse_appeal(decided, reason="核对后没有漏记", by=town.second, at=town.at)
    withdraw_appeal(withdrawn, by=town.applicant, at=town.at)

    page = text_of(browser_of(town.first), "/credit/appeals/")

    places = [page.index(one.reference) for one in (soon, late, withdrawn, decided)]
    assert places == sorted(places)


def test_every_notice_leads_to_a_page_that_opens_for_who_reads_it(town: Town, browser_of: Browse) -> None:
    town.card()
    town.card(side=GUARANTOR)
    with transaction.atomic():
        entry = record("credit.read", town.firm, by=town.first, at=town.at)
    told = [Seen("paid_late", town.house, BAD, "LY1", town.house)]
    told += [Seen(kind, town.firm, BAD, "LY1", town.house) for kind in ("defaulted", "fee_late")]
    late, upheld, refused = (note_behaviour(one, entry, at=town.at) for one in told)
    why = "判决已经认定不是我方的责任。"
    for row, by in ((late, town.manager), (upheld, town.applicant)):
        appeal = raise_appeal(row.record, row, text=why, by=by, at=town.at)
        uphold_appeal(appeal, Remedy(row, ""), reason="判决撤销", by=town.second, at=town.at)
    appeal = raise_appeal(refused.record, refused, text=why, by=town.applicant, at=town.at)
    refuse_appeal(appeal, reason="判决没有撤销", by=town.second, at=town.at)
    lifted = ask_to_lift(listed(town), reason="处罚已撤销", by=town.second, at=town.at)
    lift_entry(lifted, by=town.first, at=town.at)
    ended = listed(town, colour="grey", effect="ask")
    end_entry(ended, at=town.at)
    drain(at=town.at)

    notices = Notice.objects.select_related("member__user", "member__organisation").order_by("pk")
    for notice in notices:
        status = browser_of(notice.member).get(notice.link).status_code
        assert status == 200, (notice.member.user.username, notice.text)
    texts = {notice.text for notice in notices}
    assert all(any(word in text for text in texts) for word in ("移出黑名单", "期限已满", "异议成立", "异议不成立"))
    own = notices.filter(member=town.manager, text__contains="迟延代偿").values_list("kind", flat=True)
    assert len(own) == len(set(own)) == 3  # recorded, corrected, upheld: told as the subject, not as the house again


def test_a_name_that_two_share_asks_for_the_code(town: Town, browser_of: Browse) -> None:
    twin = town.organisation(town.firm.name, "institution")
    Organisation.objects.filter(pk=twin.pk).update(uscc="91330100MA27X00011")
    typed = {"firm": twin.name, "side": "applicant", "colour": "grey", "effect": "ask", "reason": "近期涉诉较多",
             "evidence": "回访记录", "valid_from": "2026-11-21", "valid_until": "2026-12-21"}  # fmt: skip
    browser = browser_of(town.reviewer)

    refused = browser.post("/credit/lists/new/", typed)
    assert refused.status_code == 422
    assert "请填统一社会信用代码" in refused.content.decode()
    assert browser.post("/credit/lists/new/", {**typed, "firm": "91330100MA27X00011"}).status_code == 302

    assert ListEntry.objects.get().organisation == twin


def test_of_a_long_record_the_newest_are_shown_and_the_others_counted(town: Town) -> None:
    rows = [town.did("false_papers", BAD + number * DAY) for number in range(3)]
    correct_behaviour(rows[2], "", None, reason="文书系伪造", by=town.first, at=town.at)
    with CaptureQueriesContext(connection) as asked:
        told = behaviours_of(town.record, town.applicant, None, most=2)
    assert [(one.row.kind, one.corrected) for one in told] == [("", False), ("false_papers", True)]
    lines = [Line(Act(number, "fee_late", BAD + number * DAY), -1000, BAD) for number in range(LINES + 2)]
    part = Part(Dimension("付费", 100, 100), tuple(lines), 0, 0, 0)

    shown, older, given = newest_of(part)

    assert (shown, older, given) == (lines[2:], 2, -2000)
    assert sum('"credit_behaviour"' in query["sql"] for query in asked) == 1


def test_a_dimension_that_is_used_up_says_zero(town: Town, browser_of: Browse) -> None:
    town.card()
    for _number in range(2):
        town.did("false_papers", BAD)

    page = text_of(browser_of(town.applicant), f"/credit/records/{town.record.reference}/")

    assert "0.00 分 × 权重 25%" in page
    assert "65.00 分 × 权重 40%" in page


def test_a_list_entry_goes_its_way_through_the_pages(town: Town, browser_of: Browse) -> None:
    one, other = browser_of(town.reviewer), browser_of(town.director)
    typed = {"firm": "没有这家", "side": "applicant", "colour": "grey", "effect": "ask", "reason": "近期涉诉较多",
             "evidence": "回访记录", "valid_from": "2026-11-21", "valid_until": "2026-12-21"}  # fmt: skip
    assert one.post("/credit/lists/new/", typed).status_code == 422
    assert one.post("/credit/lists/new/", {**typed, "firm": town.firm.name}).status_code == 302
    entry = ListEntry.objects.get()
    base = f"/credit/lists/{entry.reference}/"

    assert one.post(f"{base}confirm/", {"version": "1"}).status_code == 403
    assert other.post(f"{base}confirm/", {"version": "1"}).status_code == 302
    assert "灰名单" in text_of(browser_of(town.manager), f"/credit/records/{town.record.reference}/")
    for member in (town.applicant, town.stranger, town.first):
        text_of(browser_of(member), base, 404)
    assert b"".join(one.get("/credit/lists/export/").streaming_content)[:2] == b"PK"  # type: ignore[attr-defined]


def test_of_a_firm_that_is_no_customer_only_the_city_list_is_public(town: Town, browser_of: Browse) -> None:
    town.card()
    town.did("false_papers", BAD)
    listed(town)
    path = f"/credit/records/{town.record.reference}/"

    told = text_of(browser_of(town.stranger), path)

    assert "投标材料造假" in told
    assert "虚假材料" not in told
    assert "580" not in told
    for query in ("?band=B", "?sort=score"):  # neither filter nor order tells what the page does not
        assert "大山" not in text_of(browser_of(town.stranger), f"/credit/applicants/{query}")
    assert "大山" in text_of(browser_of(town.stranger), "/credit/applicants/?listed=black")


def test_the_record_of_a_past_day_can_be_asked_for(town: Town, browser_of: Browse) -> None:
    town.card()
    path, browser = f"/credit/records/{town.record.reference}/", browser_of(town.applicant)

    assert "还没有启用的评分规则" in text_of(browser, f"{path}?on=2026-11-20")
    assert "705 / 1000" in text_of(browser, f"{path}?on=2026-11-21&known=on")
    for nonsense in ("2030-01-01", "昨天"):
        text_of(browser, f"{path}?on={nonsense}", 422)


def test_a_library_asks_as_much_for_thirty_firms_as_for_one(town: Town, browser_of: Browse) -> None:
    town.card()
    assert town.record.score is None  # opened
    browser = browser_of(town.reviewer)
    counts: list[Any] = []
    for many in (0, 29):
        for number in range(many):
            firm = town.organisation(f"第{number}建设有限公司", "enterprise")
            enterprise = Enterprise.objects.create(organisation=firm)
            Relation.objects.create(guarantor=town.house, enterprise=enterprise, manager=town.manager, since=town.at)
            Record.objects.create(organisation=firm, side=APPLICANT)
        refresh_all(APPLICANT, town.at)
        with CaptureQueriesContext(connection) as asked:
            text_of(browser, "/credit/applicants/")
        counts.append(len(asked))
    assert counts[0] == counts[1]


def test_nobody_reads_a_paper_that_is_not_theirs(town: Town, browser_of: Browse) -> None:
    row = town.did("baseless_claim", BAD)
    text = "二审判决已经撤销一审认定。"
    appeal = raise_appeal(row.record, row, text=text, upload=(PDF, "二审.pdf"), by=town.applicant, at=town.at)
    assert row.file is not None
    assert appeal.file is not None

    for file, readers in ((row.file, (town.applicant, town.second)), (appeal.file, (town.applicant, town.second))):
        for member in (town.applicant, town.second, town.reviewer, town.stranger):
            status = browser_of(member).get(f"/files/{file.reference}/").status_code
            assert (status == 200) is (member in readers), member
