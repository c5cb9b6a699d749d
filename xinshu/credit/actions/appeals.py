"""异议: the subject objects to a behaviour or to the score; somebody who did not record it decides, with reasons."""

from dataclasses import dataclass
from datetime import date, datetime

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.calendar import default_calendar
from xinshu.core.clock import local_day
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.credit.actions.behaviours import Upload, correct_behaviour
from xinshu.credit.lifecycle import APPEAL, APPEAL_DAYS
from xinshu.credit.models import Appeal, Behaviour, Record
from xinshu.documents.uploads import keep_file
from xinshu.ledger.recording import record


@dataclass(frozen=True)
class Remedy:
    """What an appeal that is upheld comes to: this behaviour is revoked (`kind` ""), or was of that kind that day."""

    behaviour: Behaviour
    kind: str
    on: date | None = None


@transaction.atomic
def raise_appeal(
    about: Record, behaviour: Behaviour | None, *, text: str, upload: Upload | None = None, by: Member, at: datetime
) -> Appeal:
    """Object to one behaviour of the own record, or to the score as a whole. One open appeal of each at a time."""
    due = default_calendar().add(local_day(at), APPEAL_DAYS)
    appeal = Appeal(
        state="open", record=about, behaviour=behaviour, text=text.strip()[:1000], score=about.score,
        raised_by=by.actor_label[:60], raised_at=at, due_on=due.on, due_rule=due.rule, changed_at=at,
    )  # fmt: skip
    APPEAL.step("raise_appeal", appeal, by)
    if len(text.strip()) < 10:
        raise Invalid(_("请写明异议的理由。"), advice=_("已填写的内容都在。"), fields={"text": _("至少 10 个字")})
    Record.objects.held(about.pk)  # or a correction of the same moment would leave nothing to decide
    if behaviour is not None and Behaviour.objects.filter(corrects=behaviour).exists():
        raise NotNow(_("这一条已经更正过。"), advice=_("有异议的，请对最新的更正提出。"))
    try:
        with transaction.atomic():
            appeal.save()
    except IntegrityError:
        raise NotNow(_("已有一件异议正在处理。"), advice=_("可以在那件异议里看到期限和进展。")) from None
    if upload is not None:
        appeal.change(file=keep_file(*upload, by.organisation, by, at, subject=appeal))
    record("credit_appeal.raised", appeal, by=by, at=at, due_on=due.on.isoformat(), text=appeal.text)
    return appeal


@transaction.atomic
def withdraw_appeal(appeal: Appeal, *, by: Member, at: datetime) -> Appeal:
    """Take it back."""
    appeal = Appeal.objects.locked(appeal)
    appeal.change(APPEAL.step("withdraw", appeal, by), changed_at=at)
    record("credit_appeal.withdrawn", appeal, by=by, at=at)
    return appeal


@transaction.atomic
def refuse_appeal(appeal: Appeal, *, reason: str, by: Member, at: datetime) -> Appeal:
    """Decide that what was recorded stands, and say why; both sides are told."""
    appeal = Appeal.objects.locked(appeal)
    step = APPEAL.step("refuse", appeal, by)
    must_not_have_recorded(appeal.behaviour, by)
    said = _stated(reason)
    appeal.change(step, decision=said, decided_by=by.actor_label[:60], decided_at=at, changed_at=at)
    record("credit_appeal.refused", appeal, by=by, at=at, reason=said)
    return appeal


@transaction.atomic
def uphold_appeal(appeal: Appeal, remedy: Remedy, *, reason: str, by: Member, at: datetime) -> Appeal:
    """Decide that it was wrong: the correction is entered in the same act, the score follows, both sides are told."""
    appeal = Appeal.objects.locked(appeal)
    step = APPEAL.step("uphold", appeal, by)
    wrong = appeal.behaviour or remedy.behaviour
    if wrong.record_id != appeal.record_id:
        raise Invalid(_("更正的不是这家企业的信用行为。"), fields={"behaviour": _("请重新选择")})
    must_not_have_recorded(wrong, by)
    said = _stated(reason)
    outcome = correct_behaviour(wrong, remedy.kind, remedy.on, reason=said, by=by, at=at, deciding=appeal)
    appeal.change(step, decision=said, outcome=outcome, decided_by=by.actor_label[:60], decided_at=at, changed_at=at)
    record("credit_appeal.upheld", appeal, by=by, at=at, reason=said, correction=outcome.reference)
    return appeal


def must_not_have_recorded(behaviour: Behaviour | None, by: Member) -> None:
    """Raise NotPermitted for who recorded what is objected to, or what that corrected."""
    row = behaviour
    while row is not None:
        if row.recorder == by.user_id:
            raise NotPermitted(_("这一条由您记录，异议须由另一人决定。"))
        row = row.corrects


def _stated(reason: str) -> str:
    if len(reason.strip()) < 4:
        raise Invalid(_("请写明理由，双方都会看到。"), fields={"reason": _("至少 4 个字")})
    return reason.strip()[:1000]
