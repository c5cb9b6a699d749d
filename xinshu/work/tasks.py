"""The nightly round: a reminder before a limit, word to those above after it."""

from contextlib import suppress
from datetime import date, datetime

from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.refusals import Changed
from xinshu.ledger.models import Entry
from xinshu.ledger.reactions import every_night, reacts_to
from xinshu.messaging.notices import notify_members
from xinshu.work.actions.clock import escalate
from xinshu.work.cases import KINDS
from xinshu.work.deadlines import calendar_of
from xinshu.work.models import Approval
from xinshu.work.people import badges_of, signers_of
from xinshu.work.runs import table_of


@every_night
def remind_and_escalate(on: date, at: datetime) -> None:
    """Remind who can sign on the last working day before a limit and on its day; tell those above once it has passed.

    Safe to run again: a member hears of one key once, and a level is escalated once per opening.
    """
    waiting = Approval.objects.filter(state="open", due_on__isnull=False).select_related("plan", "organisation")
    for approval in waiting.order_by("pk").iterator():
        assert approval.due_on is not None
        if approval.due_on < on:
            with suppress(Changed):  # somebody is acting on it just now: the next night sees what is left
                _escalate(approval, on, at)
        elif approval.due_on <= calendar_of(approval.organisation_id).add(on, 1).on:
            _tell(approval, _next(approval, at), _("%(case)s等您审批，时限 %(day)s。"), "remind", "warn", at)


@reacts_to("approval.signed", "approval.level_returned", "approval.signer_added")
def tell_the_next(entry: Entry) -> None:
    """Tell whoever can sign at the level that is open now. The first level hears from the case itself."""
    approval = Approval.objects.select_related("plan", "organisation").get(pk=entry.subject_id)
    if approval.state == "open":
        hand = Member.objects.filter(pk=entry.actor_key.partition(":")[2]).values_list("user_id", flat=True)
        users = [user for user in _next(approval, entry.at) if user not in set(hand)]
        _tell(approval, users, _("%(case)s等您在“%(level)s”签署。"), f"turn-{entry.pk}", "warn", entry.at)


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
