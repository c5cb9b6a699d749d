"""What a firm's portrait says of its ties: 股权与关联, each sentence with its source and day."""

from datetime import date, datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.models import Member
from xinshu.core.clock import local_day
from xinshu.enterprises.models import Enterprise
from xinshu.portraits.chapters import MIDDLE, Chapter, Event, Said, Sentence, register_chapter
from xinshu.ties.analysis import Analysis, analyse, words_of
from xinshu.ties.drawing import drawn
from xinshu.ties.models import Node, Tie
from xinshu.ties.nodes import found_node
from xinshu.ties.queries import seen_by, surroundings

SHOWN = 12  # direct ties said one by one
HERE = lazy("关联图谱推算")


def ties_of(enterprise: Enterprise, member: Member, at: datetime) -> Said | None:
    """Say who owns and runs the firm, who controls it, its group, its circle, who would fall with it."""
    node = found_node(enterprise.organisation)
    if node is None:
        return None
    on = local_day(at)
    found = surroundings(node, seen_by(member, on, on))
    if not found.ties:
        return None
    page, seen = reverse("ties:show", args=[enterprise.reference]), analyse(found)
    own = [
        tie
        for tie in found.ties_within(1)
        if node.pk in (tie.source_id, tie.target_id) and tie.origin != Tie.Origin.CASE
    ]  # what cases say stands in the chapters of the rooms whose cases they are
    sentences = [_sentence(tie, node, page) for tie in own[:SHOWN]]
    sentences += _conclusions(seen, node, page, on)
    tags = [("warn", _("互保风险"))] if seen.circle else []
    advice = []
    if seen.circle:
        advice.append(_("企业处在 %(n)s 家的担保圈里，请先看圈内各家的情况。") % {"n": len(seen.circle)})
    events = [_begun(tie, node) for tie in own]
    drawing = drawn(found, seen, steps=2)
    context = {"drawing": drawing, "page": page}
    return Said(sentences, events=events, advice=advice, tags=tags, template="ties/_portrait.html", context=context)


def _begun(tie: Tie, node: Node) -> Event:
    title = _("%(kind)s关系开始") % {"kind": tie.get_kind_display()}
    return Event(tie.valid_from, title, _line(tie, node), "info", tie.label)


def _sentence(tie: Tie, node: Node, page: str) -> Sentence:
    return Sentence(_line(tie, node), tie.label or str(tie.get_origin_display()), tie.valid_from, page)


def _line(tie: Tie, node: Node) -> str:
    if tie.target_id == node.pk:
        return f"{tie.source} · {words_of(tie)}"
    return _("对 %(name)s：%(words)s") % {"name": tie.target, "words": words_of(tie)}


def _conclusions(seen: Analysis, node: Node, page: str, on: date) -> list[Sentence]:
    said = []
    if seen.controller is not None:
        share = next((share for one, share, _last in seen.holders or () if one.pk == seen.controller.pk), "")
        words = _("实际控制人 %(name)s") % {"name": seen.controller}
        if share:
            words = _("%(words)s，穿透持股 %(share)s%%") % {"words": words, "share": share}
        said.append(Sentence(words, str(HERE), on, page))
    if seen.others:
        names = "、".join(str(one.node) for one in seen.others[:6])
        words = _("关联集团另有 %(n)s 个成员：%(names)s") % {"n": len(seen.others), "names": names}
        said.append(Sentence(words, str(HERE), on, page))
    if seen.circle:
        names = " → ".join(str(tie.source) for tie in seen.ring)
        words = _("处在担保圈：%(names)s → %(first)s") % {"names": names, "first": node}
        said.append(Sentence(words, str(HERE), on, page, "danger"))
    return said


register_chapter(Chapter("ties", lazy("股权与关联"), 35, MIDDLE, ties_of))
