"""Subscriptions and reasons in words, for pages and Excel."""

from collections.abc import Mapping

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.core.divisions import name_of
from xinshu.core.money import wan
from xinshu.subscriptions.engine.language import Unreadable, in_words, parse
from xinshu.subscriptions.engine.wanted import Found
from xinshu.subscriptions.models import Hit, Subscription
from xinshu.tenders.reading.kinds import KINDS
from xinshu.tenders.reading.trades import trade_label

FILTERS = {"region": lazy("地区"), "trade": lazy("行业"), "amount": lazy("金额"), "tags": lazy("客户标签")}


def keywords(row: Subscription) -> str:
    """Return how the keywords of a subscription read."""
    try:
        return in_words(parse(row.line))
    except Unreadable as wrong:
        return _("关键词读不懂了（%(why)s），请修改") % {"why": wrong}


def filters(row: Subscription, tags: Mapping[int, str]) -> list[str]:
    """Return a subscription's filters, a phrase each."""
    told = []
    if row.qualifications:
        told.append(_("资质：%(words)s") % {"words": _("或").join(row.qualifications)})
    if row.kinds:
        told.append("、".join(str(KINDS.get(kind, kind)) for kind in row.kinds))
    if row.regions:
        told.append("、".join(name_of(code) for code in row.regions))
    if row.trades:
        told.append("、".join(trade_label(code) for code in row.trades))
    if row.tags:
        told.append(_("客户标签：%(names)s") % {"names": "、".join(tags.get(tag, str(tag)) for tag in row.tags)})
    if row.least_amount is not None or row.most_amount is not None:
        told.append(amounts(row.least_amount, row.most_amount))
    if row.least_score:
        told.append(_("%(n)d 分以上") % {"n": row.least_score})
    if not row.unsure:
        told.append(_("没写明的不要"))
    return told


def amounts(least: int | None, most: int | None) -> str:
    """Return a range of amounts in words."""
    if most is None:
        return _("%(least)s元以上") % {"least": wan(least or 0)}
    if least is None:
        return _("%(most)s元以下") % {"most": wan(most)}
    return _("%(least)s元至 %(most)s元") % {"least": wan(least), "most": wan(most)}


def reasons(match: Hit) -> str:
    """Return why an announcement was found."""
    told = match.reasons
    words = tuple((word, title) for word, title in told["words"])
    found = reasons_of(Found(match.score, words, tuple(told["met"]), tuple(told["untold"])))
    return "；".join([found, *told.get("learned", ())])


def reasons_of(found: Found) -> str:
    """Return why an announcement would be found."""
    told = []
    for title, sentence in ((True, _("标题含%(words)s")), (False, _("正文含%(words)s"))):
        if words := [f"“{word}”" for word, in_title in found.words if in_title == title]:
            told.append(sentence % {"words": "、".join(words)})
    for names, sentence in ((found.met, _("%(names)s符合")), (found.untold, _("%(names)s没有写明"))):
        if names:
            told.append(sentence % {"names": "、".join(str(FILTERS[name]) for name in names)})
    return "；".join(told) or _("条件符合")
