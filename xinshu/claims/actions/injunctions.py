"""止付: a court's order is kept with its document, prolonged, answered by a suit, lifted, or lapses.

It blocks payment, not examination (法释〔2016〕24号; spec domain 3.1 rule 5).
"""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.claims.clocks import SUE_WITHIN_DAYS
from xinshu.claims.history import remember
from xinshu.claims.lifecycle import INJUNCTION
from xinshu.claims.models import Injunction, sides_in
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import local_day
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.documents.uploads import keep_file
from xinshu.guarantees.models import Guarantee


@transaction.atomic
def record_injunction(
    guarantee: Guarantee,
    *,
    court: str,
    document_number: str,
    name: str,
    content: bytes,
    from_on: date,
    until_on: date | None,
    by: Member,
    at: datetime,
) -> Injunction:
    """Note that a court forbids payment under `guarantee`, with its ruling (file `name`)."""
    if "guarantor" not in sides_in(guarantee, by) or not by.can("claims.examine"):
        raise NotPermitted(_("止付由保证人的索赔审核人登记。"))
    wrong = {}
    if len(court.strip()) < 4:
        wrong["court"] = _("写法院全称")
    if len(document_number.strip()) < 4:
        wrong["document_number"] = _("写裁定书的文号")
    if until_on is not None and until_on < from_on:
        wrong["until_on"] = _("早于起始日")
    if wrong:
        raise Invalid(_("止付还不能登记：有内容没有填好。"), advice=_("您填写的内容都还在。"), fields=wrong)
    injunction = Injunction(
        guarantee=guarantee, state="standing", court=court.strip(), document_number=document_number.strip(),
        from_on=from_on, until_on=until_on, sue_by=from_on + timedelta(days=SUE_WITHIN_DAYS), recorded_at=at,
    )  # fmt: skip
    file = keep_file(
        content, name, by.organisation, by, at, subject=guarantee, sealed_until=guarantee.secret_until
    )  # fmt: skip
    injunction.file, injunction.file_sm3 = file, file.blob.sm3
    injunction.save()
    remember(
        "injunction.recorded", injunction, by=by, at=at, court=injunction.court, number=injunction.document_number,
        sm3=injunction.file_sm3, from_on=from_on.isoformat(), until_on=until_on.isoformat() if until_on else "",
    )  # fmt: skip
    return injunction


@transaction.atomic
def prolong_injunction(injunction: Injunction, *, until_on: date | None, by: Member, at: datetime) -> Injunction:
    """Let it stand longer, by a new ruling of the court."""
    injunction = Injunction.objects.locked(injunction)
    step = INJUNCTION.step("prolong", injunction, by)
    if until_on is not None and (injunction.until_on is None or until_on <= injunction.until_on):
        raise Invalid(_("续期应晚于原来的截止日。"), fields={"until_on": _("不晚于原截止日")})
    injunction.change(step, until_on=until_on)
    remember("injunction.prolonged", injunction, by=by, at=at, until_on=until_on.isoformat() if until_on else "")
    return injunction


@transaction.atomic
def note_suit(injunction: Injunction, *, suit: str, on: date, by: Member, at: datetime) -> Injunction:
    """Note that the applicant sued in time: the order no longer lapses by itself."""
    injunction = Injunction.objects.locked(injunction)
    step = INJUNCTION.step("note_suit", injunction, by)
    if len(suit.strip()) < 4:
        raise Invalid(_("请写受理案件的案号。"), fields={"suit": _("还没有填写")})
    if on > injunction.sue_by:
        raise Invalid(
            _("起诉期限到 %(day)s 为止，逾期起诉的止付已失效。") % {"day": injunction.sue_by.isoformat()},
            fields={"on": _("晚于期限")},
        )
    injunction.change(step, suit=suit.strip()[:80], sued_on=on)
    remember("injunction.suit_noted", injunction, by=by, at=at, suit=injunction.suit, on=on.isoformat())
    return injunction


@transaction.atomic
def lift_injunction(injunction: Injunction, *, reason: str, by: Member, at: datetime) -> Injunction:
    """End it by the court's word."""
    injunction = Injunction.objects.locked(injunction)
    step = INJUNCTION.step("lift", injunction, by)
    injunction.change(step, ended_at=at)
    remember("injunction.lifted", injunction, by=by, at=at, reason=reason)
    return injunction


@transaction.atomic
def lapse_injunction(injunction: Injunction, *, at: datetime) -> Injunction:
    """End it because its time is over, or because nobody sued in time."""
    injunction = Injunction.objects.locked(injunction)
    step = INJUNCTION.step("lapse", injunction, SYSTEM)
    day = local_day(at)
    over = injunction.until_on is not None and injunction.until_on < day
    if not over and (injunction.sued_on is not None or day <= injunction.sue_by):
        raise NotNow(_("止付还没有到期。"))
    injunction.change(step, ended_at=at)
    remember("injunction.lapsed", injunction, by=SYSTEM, at=at, over=over)
    return injunction
