"""Questionnaires: drafted by one, activated by another, sent, filled half-way and handed in; answers are facts."""

from datetime import timedelta
from typing import Any

import pytest

from xinshu.accounts.models import Member, Organisation
from xinshu.admission.actions.gates import Plan, put_on, write_gate
from xinshu.admission.actions.questionnaires import (
    activate_version,
    close_questionnaire,
    discard_version,
    edit_version,
    reopen_questionnaire,
    write_next,
    write_questionnaire,
)
from xinshu.admission.actions.sheets import begin_sheet, hand_in_sheet, keep_sheet, recall_sheet, send_questionnaire
from xinshu.admission.models import Given, Sheet
from xinshu.admission.purposes import code_of
from xinshu.admission.questions import Question
from xinshu.admission.shelves import Ware
from xinshu.admission.tests.conftest import Place, at_least, rule
from xinshu.core.clock import local_day
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.documents.models import File
from xinshu.documents.visibility import is_visible
from xinshu.ledger.worker import drain
from xinshu.messaging.models import Notice

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\nstartxref\n9\n%%EOF\n"
COUNT = Question("", "在建项目个数", "number", unit=" 个", required=True)
LOOK = Question("", "接受抽查吗", "single", ("接受", "不接受"))
REPORT = Question("", "审计报告", "file")


def test_who_wrote_a_version_does_not_activate_it_and_the_former_is_superseded(place: Place) -> None:
    one = place.asked(COUNT)
    version = write_next(one, [*one.present().questions, LOOK], by=place.writer, at=place.at)  # type: ignore[union-attr]
    assert [question.code for question in version.questions] == ["k1", "k2"]
    one.refresh_from_db()
    with pytest.raises(NotNow):
        write_next(one, [COUNT], by=place.writer, at=place.at)
    version = edit_version(version, version.questions, by=place.writer, at=place.at)
    version.change(authors=[*version.authors, place.member("author", "signer").user_id])
    author = Member.objects.get(user__username="author")
    for by, why in ((place.writer, "没有"), (author, "写过")):
        with pytest.raises(NotPermitted, match=why):
            activate_version(version, by=by, at=place.at)

    version = activate_version(version, by=place.second, at=place.at)

    assert (version.number, version.state, one.versions.get(number=1).state) == (2, "active", "superseded")


def test_a_draft_can_be_discarded_and_a_questionnaire_closed_and_reopened(place: Place) -> None:
    draft = write_questionnaire("车辆", "vehicle", [COUNT], by=place.writer, at=place.at)
    draft = discard_version(draft, reason="写错了", by=place.writer, at=place.at)
    one = close_questionnaire(place.asked(COUNT), reason="停一停", by=place.second, at=place.at)
    with pytest.raises(NotNow):
        send_questionnaire(one, [place.firm], due_on=None, by=place.writer, at=place.at)

    one = reopen_questionnaire(one, by=place.second, at=place.at)

    assert (draft.state, one.state) == ("discarded", "open")


def test_what_is_closed_is_not_filled_any_more_and_what_was_kept_stays(place: Place) -> None:
    one = place.asked(COUNT)
    (sheet,) = send_questionnaire(one, [place.firm], due_on=None, by=place.writer, at=place.at)
    sheet = keep_sheet(sheet, {"k1": "3"}, {}, by=place.clerk, at=place.at)
    one.refresh_from_db()
    close_questionnaire(one, reason="停一停", by=place.second, at=place.at)
    sheet = Sheet.objects.get(pk=sheet.pk)

    for act in (keep_sheet, hand_in_sheet):
        with pytest.raises(NotNow, match="已停用"):
            act(sheet, {"k1": "4"}, {}, by=place.clerk, at=place.at)
    sheet.refresh_from_db()
    assert (sheet.state, sheet.typed) == ("open", {"k1": "3"})


def test_two_questions_never_share_a_code(place: Place) -> None:
    one = place.asked(COUNT)
    asked = Question("k1", "车辆台数", "number")

    version = write_next(one, [Question("k1", COUNT.text, "number"), asked], by=place.writer, at=place.at)

    assert [question.code for question in version.questions] == ["k1", "k2"]


@pytest.mark.parametrize(
    ("name", "subject", "questions", "field"),
    [("问", "firm", [COUNT], "name"), ("问卷", "ship", [COUNT], "subject"), ("问卷", "firm", [], "questions")],
)
def test_what_is_wrong_with_a_questionnaire_is_said_beside_it(
    place: Place, name: str, subject: str, questions: list[Question], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        write_questionnaire(name, subject, questions, by=place.writer, at=place.at)
    assert field in refused.value.fields


def test_it_is_sent_once_to_customers_only_and_their_people_hear_of_it(place: Place) -> None:
    one = place.asked(COUNT)
    stranger = Organisation.objects.create(name="云州外人有限公司", kind="enterprise")
    with pytest.raises(Invalid, match="没有发送"):
        send_questionnaire(one, [stranger], due_on=None, by=place.writer, at=place.at)
    due = local_day(place.at) + timedelta(days=7)
    (sheet,) = send_questionnaire(one, [place.firm], due_on=due, by=place.writer, at=place.at)
    with pytest.raises(NotNow):
        send_questionnaire(one, [place.firm], due_on=None, by=place.writer, at=place.at)
    drain(at=place.at)
    notice = Notice.objects.get(member=place.clerk)
    assert notice.text == "云州融信融资担保有限公司请您填写问卷“补充信息”，请在 2026-11-28 前提交。"
    assert notice.link == f"/sheets/{sheet.reference}/"

    hand_in_sheet(sheet, {"k1": "3"}, {}, by=place.clerk, at=place.at)
    drain(at=place.at)

    assert Notice.objects.get(member=place.writer).text == "云州恒达路桥工程有限公司已提交问卷“补充信息”。"


def test_what_was_typed_stays_and_only_whole_answers_are_handed_in(place: Place) -> None:
    one = place.asked(COUNT, LOOK, REPORT)
    (sheet,) = send_questionnaire(one, [place.firm], due_on=None, by=place.writer, at=place.at)
    sheet = keep_sheet(sheet, {"k1": "十二", "k2": ""}, {"k3": (PDF, "报告.pdf")}, by=place.clerk, at=place.at)
    file = File.objects.get()
    assert (sheet.typed["k1"], sheet.typed["k3"]) == ("十二", file.reference)
    assert (is_visible(file, place.clerk, place.at), is_visible(file, place.writer, place.at)) == (True, False)
    with pytest.raises(Invalid) as refused:
        hand_in_sheet(sheet, {"k1": "十二", "k2": "接受"}, {}, by=place.clerk, at=place.at)
    assert refused.value.fields == {"k1": "请填写数字。"}
    assert not Given.objects.exists()

    sheet = hand_in_sheet(sheet, {"k1": "12", "k2": "接受"}, {}, by=place.clerk, at=place.at)

    given = {one.code[-2:]: (one.value, one.on) for one in Given.objects.all()}
    day = local_day(place.at)
    assert given == {"k1": ("12", day), "k2": ("接受", day), "k3": (True, day)}
    assert is_visible(file, place.writer, place.at)
    with pytest.raises(NotNow):
        keep_sheet(sheet, {}, {}, by=place.clerk, at=place.at)


def test_a_sheet_is_the_firms_to_fill_and_the_houses_to_recall(place: Place) -> None:
    one = place.asked(COUNT)
    (sheet,) = send_questionnaire(one, [place.firm], due_on=None, by=place.writer, at=place.at)
    rival = place.member("rival", "applicant", Organisation.objects.create(name="江北宏远有限公司", kind="enterprise"))
    assert [Sheet.objects.visible_to(one).count() for one in (place.clerk, place.writer, rival)] == [1, 1, 0]
    with pytest.raises(NotPermitted):
        keep_sheet(sheet, {"k1": "1"}, {}, by=place.writer, at=place.at)
    with pytest.raises(NotPermitted):
        recall_sheet(sheet, reason="不问了", by=place.clerk, at=place.at)

    assert recall_sheet(sheet, reason="不问了", by=place.writer, at=place.at).state == "recalled"


def test_a_product_leads_to_its_questionnaire_about_something_the_firm_has(place: Place, ware: Ware) -> None:
    one = place.asked(COUNT, subject="vehicle")
    rules = place.rules(rule("辆数", at_least(code_of(one, "k1"), "1")), subject="vehicle")
    gate = write_gate(Plan(ware.reference, "vehicle", rules, one), by=place.writer, at=place.at)
    with pytest.raises(NotNow):
        begin_sheet(gate, "云A·12345", by=place.clerk, at=place.at)
    gate = put_on(gate, by=place.second, at=place.at)
    first: Any = begin_sheet(gate, " 云A·12345 ", by=place.clerk, at=place.at)

    again = begin_sheet(gate, "云A·12345", by=place.clerk, at=place.at)

    assert (first.pk, first.about) == (again.pk, "云A·12345")
    for about, by, error in (("", place.clerk, Invalid), ("云A·1", place.writer, NotPermitted)):
        with pytest.raises(error):
            begin_sheet(gate, about, by=by, at=place.at)
    with pytest.raises(NotNow):
        send_questionnaire(one, [place.firm], due_on=None, by=place.writer, at=place.at)
