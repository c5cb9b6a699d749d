"""What follows: turns and missing people are told, reminders before a limit, word to those above after it."""

from contextlib import suppress
from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.refusals import Changed
from xinshu.ledger.models import Entry
from xinshu.ledger.reactions import every_night, reacts_to
from xinshu.messaging.notices import notify_members
from xinshu.work.actions.approvals import bring_up_to_date
from xinshu.work.actions.clock import escalate
from xinshu.work.cases import KINDS
from xinshu.work.deadlines import calendar_of
from xinshu.work.models import Approval
from xinshu.work.people import badges_of, signers_of
from xinshu.work.runs import table_of


@every_night
def remind_and_escalate(on: date, at: datetime) -> None:
    """Put every open approval on the facts and people of now; then remind and escalate.

    Remind who can sign on the last working day before a limit and on its day; tell those above once it has passed.

    Safe to run again: a member hears of one key once, and a level is escalated once per opening.
    """
    for approval in Approval.objects.filter(state="open").order_by("pk").iterator():
        _look_again(approval, at)
    waiting = Approval.objects.filter(state="open", due_on__isnull=False).select_related("plan", "organisation")
    for approval in waiting.order_by("pk").iterator():
        assert approval.due_on is not None
        if approval.due_on < on:
            with suppress(Changed):  # somebody is acting on it just now: the next night sees what is left
                _escalate(approval, on, at)
        elif approval.due_on <= calendar_of(approval.organisation_id).add(on, 1).on:
            _tell(approval, _next(approval, at), _("%(case)s等您审批，时限 %(day)s。"), "remind", "warn", at)


@reacts_to(
    "approval.signed", "approval.level_returned", "approval.signer_added", "approval.facts_changed",
    "approval.stand_in_appointed",
)  # fmt: skip
def tell_the_next(entry: Entry) -> None:
    """Tell whoever can sign at the level that is open now. The first level hears from the case itself."""
    approval = Approval.objects.select_related("plan", "organisation").get(pk=entry.subject_id)
    if approval.state == "open":
        hand = Member.objects.filter(pk=entry.actor_key.partition(":")[2]).values_list("user_id", flat=True)
        users = [user for user in _next(approval, entry.at) if user not in set(hand)]
        _tell(approval, users, _("%(case)s等您在“%(level)s”签署。"), f"turn-{entry.pk}", "warn", entry.at)


@reacts_to("approval.started", "approval.resubmitted", "approval.signed", "approval.facts_changed")
def tell_who_is_missing(entry: Entry) -> None:
    """Tell the house's administrators where an approval has nobody left to sign."""
    _tell_short(Approval.objects.get(pk=entry.subject_id), entry.at)


@reacts_to("member.left", "member.joined", "roles.approved", "role_table.approved")
def look_who_is_there(entry: Entry) -> None:
    """Draw the open approvals of a house anew whose people have come, gone, or have other roles or rights."""
    house = entry.subject_id
    if entry.kind != "role_table.approved":
        house = Member.objects.values_list("organisation", flat=True).get(pk=entry.subject_id)
    for approval in Approval.objects.filter(state="open", organisation=house).order_by("pk").iterator():
        _look_again(approval, entry.at)


def _look_again(approval: Approval, at: datetime) -> None:
    if approval.kind in KINDS:
        with suppress(Changed):  # somebody is acting on it just now, and stands on what is so now
            approval = bring_up_to_date(approval, KINDS[approval.kind].case_of(approval.subject_id), at=at)
            _tell_short(approval, at)


def _tell_short(approval: Approval, at: datetime) -> None:
    """Tell, once per level, who can appoint a stand-in; where nobody in the house can, who activates its plans."""
    if not approval.short or approval.state != "open":
        return
    members = list(Member.objects.acting().filter(organisation=approval.organisation_id))
    able = [member for member in members if member.can("work.appoint")]
    text = _("有一笔%(kind)s审批在“%(level)s”缺人，请指定代签人。")
    if not able:
        able = [member for member in members if member.can("work.activate")]
        text = _("有一笔%(kind)s审批在“%(level)s”缺人，请联系平台为本机构开通机构管理员，由其指定代签人。")
    notify_members(
        able,
        text % {"kind": KINDS[approval.kind].label, "level": approval.level_name},
        link=reverse("work:short") if able and able[0].can("work.appoint") else "",
        tone="danger",
        subject=approval,
        key=f"approval.short:{approval.pk}:{approval.level}",
        at=at,
    )


def _next(approval: Approval, at: datetime) -> list[int]:
    """Return the users who can sign now."""
    return sorted(table_of(approval, at).decision().may)


def _escalate(approval: Approval, on: date, at: datetime) -> None:
    case = KINDS[approval.kind].case_of(approval.subject_id)
    if approval.escalated_at is None:
        approval = escalate(approval, case, on=on, at=at)
    above = [
        member.user_id
        for member in signers_of(approval.organisation_id, approval.kind)
        if approval.plan.escalates_to in badges_of(member)
    ]
    _tell(approval, _next(approval, at), _("%(case)s审批已超时限 %(day)s，请尽快办理。"), "over", "danger", at)
    _tell(approval, above, _("%(case)s在“%(level)s”超过时限 %(day)s，请督办。"), "escalated", "danger", at)


def _tell(approval: Approval, users: list[int], text: str, what: str, tone: str, at: datetime) -> None:
    kind = KINDS[approval.kind]
    case = kind.case_of(approval.subject_id)
    members = Member.objects.acting().filter(organisation=approval.organisation_id, user__in=users)
    words = {"case": kind.words(case), "day": approval.due_on, "level": approval.level_name}
    notify_members(
        members,
        text % words,
        link=kind.link(case),
        tone=tone,
        subject=case,
        key=f"approval.{what}:{approval.pk}:{approval.level}:{approval.due_on}",
        at=at,
    )
