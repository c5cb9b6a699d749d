"""What a firm's portrait says of its risk: the live level, and the events that make it, to the house that watches."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.models import Member
from xinshu.core.clock import local_day
from xinshu.enterprises.models import Enterprise
from xinshu.portraits.chapters import RIGHT, Chapter, Event, Said, Sentence, register_chapter
from xinshu.watch.feeds import feed_name
from xinshu.watch.models import may_watch
from xinshu.watch.queries import levels, nothing

MOST = 8


def risk(enterprise: Enterprise, member: Member, at: datetime) -> Said | None:
    """Say how high the risk stands now and why; None to whoever watches nothing."""
    if not may_watch(member):
        return None
    firm = enterprise.organisation_id
    level = levels(member, at, [firm]).get(firm) or nothing(at)
    page = reverse("watch:firm", args=[enterprise.reference])
    tone = level.tone if level.tone in ("warn", "danger") else ""
    words = _("实时风险：%(label)s（%(points)s 分）") % {"label": level.label, "points": level.points}
    sentences = [Sentence(words, str(lazy("风险监测")), local_day(at), page, tone)]
    sentences += [
        Sentence(
            _("%(title)s，现计 %(points)s 分") % {"title": one.what.event.title, "points": one.points},
            feed_name(one.what.event.source), local_day(one.what.happened_at),
            reverse("watch:alert", args=[one.what.reference]), "warn",
        )
        for one in level.made_of[:MOST]
    ]  # fmt: skip
    events = [
        Event(local_day(one.what.happened_at), one.what.event.title, "", "danger", feed_name(one.what.event.source),
              reverse("watch:alert", args=[one.what.reference]))
        for one in level.made_of
    ]  # fmt: skip
    advice = [_("近期有负面事件，请先看预警再决定。")] if tone == "danger" else []
    return Said(
        sentences,
        events=events,
        advice=advice,
        tags=[(tone, _("风险%(label)s") % {"label": level.label})] if tone else [],
    )


register_chapter(Chapter("risk", lazy("风险"), 15, RIGHT, risk))
