"""What can be done with questionnaires: drafted, edited, activated by a second person, discarded, closed, reopened."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.admission.actions.tags import must_be_house
from xinshu.admission.lifecycle import QUESTIONNAIRE, VERSION
from xinshu.admission.models import SUBJECTS, Questionnaire, QuestionnaireVersion
from xinshu.admission.questions import Question, numbered, problems_of
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.ledger.recording import record


@transaction.atomic
def write_questionnaire(
    name: str, subject: str, questions: Sequence[Question], *, by: Member, at: datetime
) -> QuestionnaireVersion:
    """Begin a questionnaire of the own house with the draft of its first version. Raises Invalid per field."""
    must_be_house(by)
    one = Questionnaire(
        state="open", house=by.organisation, name=name.strip(), subject=subject, created_at=at, changed_at=at
    )
    QUESTIONNAIRE.step("draft", one, by)
    problems = {}
    if not 2 <= len(one.name) <= 40:
        problems["name"] = _("填 2 到 40 个字")
    if subject not in SUBJECTS:
        problems["subject"] = _("请选择")
    _check(questions, problems)
    try:
        with transaction.atomic():
            one.save()
    except IntegrityError:
        raise Invalid(_("问卷没有保存。"), fields={"name": _("本机构已有同名的问卷")}) from None
    return _begin(one, questions, by=by, at=at)


@transaction.atomic
def write_next(one: Questionnaire, questions: Sequence[Question], *, by: Member, at: datetime) -> QuestionnaireVersion:
    """Begin the next version. Raises NotNow while another draft waits."""
    one = Questionnaire.objects.locked(one)
    QUESTIONNAIRE.step("draft", one, by)
    if one.versions.filter(state="draft").exists():
        raise NotNow(_("这份问卷已有一份草稿。"), advice=_("请在那份草稿上修改，或先作废它。"))
    _check(questions, {})
    one.change(changed_at=at)
    return _begin(one, questions, by=by, at=at)


def _begin(one: Questionnaire, questions: Sequence[Question], *, by: Member, at: datetime) -> QuestionnaireVersion:
    version = QuestionnaireVersion.objects.create(
        state="draft", questionnaire=one, content=_coded(one, questions), authors=[by.user_id],
        written_by=by.actor_label[:60], changed_at=at,
    )  # fmt: skip
    record("questionnaire.written", version, by=by, at=at, name=one.name, questions=len(version.content))
    return version


def _coded(one: Questionnaire, questions: Sequence[Question]) -> list[dict[str, object]]:
    """Return the questions with codes: known ones keep theirs, new ones get one that none of this ever had."""
    before = [question for version in one.versions.all() for question in version.questions]
    known = {question.code for question in before}
    kept = []
    for question in questions:
        kept.append(question if question.code in known else replace(question, code=""))
        known.discard(question.code)  # two questions are two facts
    return [question.as_json() for question in numbered(kept, before)]


def _check(questions: Sequence[Question], problems: dict[str, str]) -> None:
    if found := problems_of(questions):
        problems["questions"] = " ".join(found)
    if problems:
        raise Invalid(_("问卷没有保存，请修改标出的内容。"), advice=_("已填写的内容都在。"), fields=problems)


@transaction.atomic
def edit_version(
    version: QuestionnaireVersion, questions: Sequence[Question], *, by: Member, at: datetime
) -> QuestionnaireVersion:
    """Rewrite a draft. Whoever does is one of its authors, too."""
    version = QuestionnaireVersion.objects.locked(version)
    step = VERSION.step("edit", version, by)
    _check(questions, {})
    version.change(
        step, content=_coded(version.questionnaire, questions), authors=sorted({*version.authors, by.user_id}),
        changed_at=at,
    )  # fmt: skip
    record("questionnaire.edited", version, by=by, at=at, name=version.questionnaire.name)
    return version


@transaction.atomic
def activate_version(version: QuestionnaireVersion, *, by: Member, at: datetime) -> QuestionnaireVersion:
    """Have a draft sent from now on, by somebody who has not written it."""
    version = QuestionnaireVersion.objects.locked(version)
    step = VERSION.step("activate", version, by)
    if by.user_id in version.authors:
        raise NotPermitted(_("您写过这份问卷，须由另一人启用。"))
    one = Questionnaire.objects.select_for_update(no_key=True).get(pk=version.questionnaire_id)
    for present in one.versions.filter(state="active").select_for_update():
        present.change(state="superseded", changed_at=at)
    number = (one.versions.aggregate(last=Max("number"))["last"] or 0) + 1
    version.change(step, number=number, activated_by=by.actor_label[:60], activated_at=at, changed_at=at)
    record("questionnaire.activated", version, by=by, at=at, name=one.name, number=number)
    return version


@transaction.atomic
def discard_version(version: QuestionnaireVersion, *, reason: str, by: Member, at: datetime) -> QuestionnaireVersion:
    """Throw a draft away; what is in force stays."""
    version = QuestionnaireVersion.objects.locked(version)
    step = VERSION.step("discard", version, by)
    version.change(step, changed_at=at)
    record("questionnaire.discarded", version, by=by, at=at, name=version.questionnaire.name, reason=reason[:500])
    return version


@transaction.atomic
def close_questionnaire(one: Questionnaire, *, reason: str, by: Member, at: datetime) -> Questionnaire:
    """Stop sending a questionnaire; its answers stay facts."""
    one = Questionnaire.objects.locked(one)
    step = QUESTIONNAIRE.step("close", one, by)
    one.change(step, changed_at=at)
    record("questionnaire.closed", one, by=by, at=at, name=one.name, reason=reason[:500])
    return one


@transaction.atomic
def reopen_questionnaire(one: Questionnaire, *, by: Member, at: datetime) -> Questionnaire:
    """Send a questionnaire again."""
    one = Questionnaire.objects.locked(one)
    step = QUESTIONNAIRE.step("reopen", one, by)
    one.change(step, changed_at=at)
    record("questionnaire.reopened", one, by=by, at=at, name=one.name)
    return one
