"""What can be done with sheets: sent to firms, begun by a firm for a product, kept half-way, handed in, recalled."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.admission.knowing import customers_of
from xinshu.admission.lifecycle import FILLS, QUESTIONNAIRE, SHEET
from xinshu.admission.models import FIRM, FIRMS, Gate, Given, Questionnaire, QuestionnaireVersion, Sheet
from xinshu.admission.purposes import code_of
from xinshu.admission.questions import FILE, BadAnswer, Question, Typed, is_empty, value_of
from xinshu.core.clock import local_day
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.documents.uploads import keep_file
from xinshu.ledger.recording import record

MOST_FIRMS = 500  # one sending
MOST_OPEN = 20  # sheets that a firm may have open with one questionnaire
Upload = tuple[bytes, str]  # content, name


@transaction.atomic
def send_questionnaire(
    one: Questionnaire, firms: Sequence[Organisation], *, due_on: date | None, by: Member, at: datetime
) -> list[Sheet]:
    """Lay the questionnaire before customers; who has it open already is left out. Raises Invalid, NotNow."""
    one = Questionnaire.objects.locked(one)
    QUESTIONNAIRE.step("send", one, by)
    version = _present(one)
    if one.subject != FIRM:
        raise NotNow(_("关于个人、房产和车辆的问卷由企业在产品页上填写，不能直接发送。"))
    if due_on is not None and due_on < local_day(at):
        raise Invalid(_("问卷没有发送。"), fields={"due_on": _("不能早于今天")})
    customers = set(customers_of(one.house))
    strangers = [firm.name for firm in firms if firm.pk not in customers]
    if not firms or strangers or len(firms) > MOST_FIRMS:
        message = _("请选择本机构的客户，一次最多 %(n)s 家。") % {"n": MOST_FIRMS}
        if strangers:
            message = _("不是本机构的客户：%(names)s") % {"names": "、".join(strangers[:5])}
        raise Invalid(_("问卷没有发送。"), fields={"firms": message})
    busy = set(Sheet.objects.filter(version_asked__questionnaire=one, state="open").values_list("firm_id", flat=True))
    sheets = [_begun(version, firm, "", due_on, by, at) for firm in firms if firm.pk not in busy]
    if not sheets:
        raise NotNow(_("所选企业都已有一份待填的问卷，没有再发。"))
    return sheets


def _present(one: Questionnaire) -> QuestionnaireVersion:
    version = one.present()
    if version is None or one.state != "open":
        raise NotNow(_("这份问卷现在没有可以填写的版本。"), advice=_("启用一个版本后再试。"))
    return version


def _still_asked(sheet: Sheet) -> None:
    if sheet.version_asked.questionnaire.state != "open":
        raise NotNow(_("这份问卷已停用，不用再填。"), advice=_("已暂存的内容仍保留在答卷里。"))


def _begun(
    version: QuestionnaireVersion, firm: Organisation, about: str, due_on: date | None, by: Member, at: datetime
) -> Sheet:
    sheet = Sheet.objects.create(
        state="open", version_asked=version, house_id=version.questionnaire.house_id, firm=firm, about=about,
        asked_by=by.actor_label[:60], asked_at=at, due_on=due_on, changed_at=at,
    )  # fmt: skip
    own = by.organisation_id == firm.pk
    record("sheet.begun" if own else "sheet.sent", sheet, by=by, at=at, name=version.questionnaire.name)
    return sheet


@transaction.atomic
def begin_sheet(gate: Gate, about: str, *, by: Member, at: datetime) -> Sheet:
    """Open the questionnaire of a product's gate for the own firm; one that is open for the same is gone on with."""
    one = gate.questionnaire
    if by.organisation.kind not in FIRMS or not by.can(FILLS):
        raise NotPermitted(_("您没有为本单位填写问卷的权限。"), advice=_("由本单位的经办人填写。"))
    if one is None or gate.state != "on":
        raise NotNow(_("这个产品现在没有要填的问卷。"))
    about = " ".join(about.split())[:60] if one.subject != FIRM else ""
    if one.subject != FIRM and len(about) < 2:
        raise Invalid(_("请写明是哪一个。"), fields={"about": _("填姓名、房产证号或车牌号，至少 2 个字")})
    open_sheets = Sheet.objects.filter(version_asked__questionnaire=one, firm=by.organisation, state="open")
    same = open_sheets.filter(about=about).first()
    if same is not None:
        return same
    if open_sheets.count() >= MOST_OPEN:
        raise NotNow(_("这份问卷已有 %(n)s 份没有提交。") % {"n": MOST_OPEN}, advice=_("请先提交已填的。"))
    return _begun(_present(one), by.organisation, about, None, by, at)


@transaction.atomic
def keep_sheet(
    sheet: Sheet, typed: Mapping[str, Typed], files: Mapping[str, Upload], *, by: Member, at: datetime
) -> Sheet:
    """Keep what was typed so far, right or wrong. Raises Invalid for a file that cannot be taken."""
    sheet = Sheet.objects.locked(sheet)
    step = SHEET.step("keep", sheet, by)
    _still_asked(sheet)
    sheet.change(step, typed=_merged(sheet, typed, files, by, at), changed_at=at)
    record("sheet.kept", sheet, by=by, at=at, name=sheet.version_asked.questionnaire.name)
    return sheet


def _merged(
    sheet: Sheet, typed: Mapping[str, Typed], files: Mapping[str, Upload], by: Member, at: datetime
) -> dict[str, Typed]:
    kept: dict[str, Any] = dict(sheet.typed)
    for question in sheet.version_asked.questions:
        if question.kind != FILE:
            kept[question.code] = typed.get(question.code, "")
        elif question.code in files:
            content, name = files[question.code]
            try:
                kept[question.code] = keep_file(content, name, sheet.firm, by, at, subject=sheet).reference
            except Invalid as refusal:
                refusal.fields = {question.code: refusal.message}
                raise
    return kept


@transaction.atomic
def hand_in_sheet(
    sheet: Sheet, typed: Mapping[str, Typed], files: Mapping[str, Upload], *, by: Member, at: datetime
) -> Sheet:
    """Hand the answers in: each becomes a fact, its source the sheet, its day this one. Raises Invalid per question."""
    sheet = Sheet.objects.locked(sheet)
    step = SHEET.step("hand_in", sheet, by)
    _still_asked(sheet)
    kept = _merged(sheet, typed, files, by, at)
    values, problems = answered(sheet.version_asked.questions, kept)
    if problems:
        raise Invalid(_("问卷没有提交，请修改标出的题目。"), advice=_("已填写的内容都在。"), fields=problems)
    sheet.change(step, typed=kept, changed_at=at, handed_in_at=at, handed_in_by=by.actor_label[:60])
    one = sheet.version_asked.questionnaire
    Given.objects.bulk_create(
        Given(sheet=sheet, house_id=sheet.house_id, firm_id=sheet.firm_id, about=sheet.about,
              code=code_of(one, code), value=value, on=local_day(at))
        for code, value in values.items()
    )  # fmt: skip
    record("sheet.handed_in", sheet, by=by, at=at, name=one.name, questions=sorted(values))
    return sheet


def answered(questions: Sequence[Question], typed: Mapping[str, Typed]) -> tuple[dict[str, Any], dict[str, str]]:
    """Return the values of what was typed, by code, and what is wrong, by code. What was left empty has no value."""
    values, problems = {}, {}
    for question in questions:
        try:
            value = value_of(question, typed.get(question.code))
        except BadAnswer as wrong:
            problems[question.code] = str(wrong)
        else:
            if value is not None:
                values[question.code] = value
    return values, problems


@transaction.atomic
def recall_sheet(sheet: Sheet, *, reason: str, by: Member, at: datetime) -> Sheet:
    """Take back what was asked and not answered."""
    sheet = Sheet.objects.locked(sheet)
    step = SHEET.step("recall", sheet, by)
    sheet.change(step, changed_at=at)
    record("sheet.recalled", sheet, by=by, at=at, name=sheet.version_asked.questionnaire.name, reason=reason[:500])
    return sheet


def progress_of(sheet: Sheet) -> tuple[int, int]:
    """Return how many questions are answered, of how many."""
    questions = sheet.version_asked.questions
    return sum(not is_empty(sheet.typed.get(one.code)) for one in questions), len(questions)
