"""One announcement, entering one by hand, what a house makes of it."""

from datetime import datetime

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from xinshu.accounts.models import Member
from xinshu.accounts.requests import member_of
from xinshu.core.clock import now
from xinshu.core.divisions import lineage, name_of
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid, Unknown
from xinshu.messaging.reading import read_about
from xinshu.tenders.actions.intake import take_in
from xinshu.tenders.actions.opportunities import follow, open_opportunity, set_aside, take_back
from xinshu.tenders.answers import likes_of
from xinshu.tenders.forms import EntryForm
from xinshu.tenders.lifecycle import OPPORTUNITY
from xinshu.tenders.models import BY_HAND, Opportunity
from xinshu.tenders.offers import offers_for
from xinshu.tenders.origins import namer
from xinshu.tenders.queries import (
    announcement_for,
    matches_for,
    opportunities_of,
    pieces_of,
    reached,
    revision_of,
)
from xinshu.tenders.reading.facts import CODES
from xinshu.tenders.reading.kinds import KINDS
from xinshu.tenders.reading.subjects import called
from xinshu.tenders.retelling import seen_elsewhere
from xinshu.tenders.worth import answered
from xinshu.web.posted import as_seen, reason_in

SHOWN = 60_000  # characters of a text on the page


@needs("tenders.enter")
def enter(request: HttpRequest) -> HttpResponse:
    """Take in an announcement that a person brings."""
    member = member_of(request)
    form = EntryForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = take_in(form.delivery(), by=member, at=now(), entered_by=member.organisation)
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("已录入。相关客户的经理会收到提醒。"))
            return redirect("tenders:detail", made.reference)
    return render(request, "tenders/enter.html", {"form": form}, status=form.status)


@needs("tenders.view")
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """One announcement: its text with what was read from it, what it needs, and what the own house makes of it."""
    member, at = member_of(request), now()
    announcement = announcement_for(reference)
    revision = revision_of(announcement, request.GET.get("version", ""))
    reading = revision.reading
    ours = list(opportunities_of(announcement, member))
    for one in ours:
        open_opportunity(one, by=member, at=at)
    read_about(announcement, by=member, at=at)
    opened = {one.match_id for one in ours}
    facts = list(enumerate(reading.facts))
    context = {
        "announcement": announcement,
        "revision": revision,
        "revisions": announcement.revisions.defer("body", "text", "facts").order_by("-number"),
        "pieces": pieces_of(reading.text[:SHOWN], reading.facts),
        "cut": len(reading.text) > SHOWN,
        "lots": [
            [(number, fact) for number, fact in facts if fact.lot == lot and (lot or fact.code in CODES)]
            for lot in range(reading.lots)
        ],
        "codes": CODES,
        "called": called,
        "region": _place(announcement.region_code),
        "kinds": KINDS,
        "by_hand": announcement.source == BY_HAND,
        "source_called": namer(),
        "elsewhere": seen_elsewhere(announcement),
        "own_entry": announcement.entered_by_id == member.organisation_id,
        "ours": [
            {"case": one, "acts": OPPORTUNITY.possible(one, member), "offers": offers_for(one, member, at),
             "reached": reached(one)}
            for one in ours
        ],
        "unsure": [match for match in matches_for(announcement, member) if match.pk not in opened],
    }  # fmt: skip
    return render(request, "tenders/detail.html", context)


def _place(code: str) -> str:
    """Return a region in words with the code that the source gave; what no table knows is shown as it is."""
    return _("%(name)s（%(code)s）") % {"name": name_of(code), "code": code} if lineage(code) else code


def _next_time(done: Opportunity, member: Member, at: datetime) -> str:
    """Return in words what the answers so far mean for the next award like this one."""
    rows = Opportunity.objects.select_related("announcement", "firm", "house", "manager")
    one = rows.get(pk=done.pk)
    manager = one.manager if one.manager_id else None
    likes = likes_of(one.firm, one.trade, one.band, house=one.house, manager=manager, at=at)
    told = [f"{words}，{points:+d} 分" for words, points in answered(likes) if points]
    return _("以后的推送：%(told)s。") % {"told": "；".join(told)} if told else ""


@require_POST
@needs("tenders.view")
def act(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """What a house makes of an opportunity: follow it, or set it aside."""
    member, at = member_of(request), now()
    found = Opportunity.objects.visible_to(member).filter(reference=reference).select_related("announcement").first()
    if found is None or action not in ("follow", "set_aside", "take_back"):
        raise Unknown(_("没有找到这条中标动态。"), advice=_("请从中标动态列表进入。"))
    if action == "follow":
        done = follow(as_seen(found, request), by=member, at=at)
        said = _("已标为跟进中。")
    elif action == "take_back":
        done = take_back(as_seen(found, request), by=member, at=at)
        said = _("已撤回，重新列在待跟进里，不再计入分数。")
    else:
        done = set_aside(as_seen(found, request), reason=reason_in(request), by=member, at=at)
        said = _("已标为不相关，不再列在待跟进里；在公告页可以撤回。")
    messages.success(request, said + _next_time(done, member, at))
    return redirect("tenders:detail", found.announcement.reference)
