"""我的订阅: the list with its figures and its export, one subscription with what it found, the counts of a house."""

import io
from datetime import datetime

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST

from xinshu.accounts.models import Member
from xinshu.accounts.requests import member_of
from xinshu.core.clock import CHINA, now
from xinshu.core.doors import needs
from xinshu.core.refusals import Unknown, there
from xinshu.ledger.exports import Column, export_sheet
from xinshu.subscriptions import wording
from xinshu.subscriptions.actions.matches import judge
from xinshu.subscriptions.actions.subscriptions import switch_off, switch_on
from xinshu.subscriptions.learning import Learned, learned_of
from xinshu.subscriptions.lifecycle import EDIT, EXPORT, OVERSEE, SUBSCRIPTION, VIEW
from xinshu.subscriptions.models import Hit, Subscription
from xinshu.subscriptions.queries import matches_of, people_of, subscription_of, tag_names, with_counts
from xinshu.web.posted import as_seen

PAGE = 20
LESSONS = 8
EXPORT_UP_TO = 50_000
UNKNOWN = lazy("没有找到这条订阅。")
VERDICTS = (("", lazy("全部")), ("new", lazy("未评价")), ("followed", lazy("已跟进")), ("irrelevant", lazy("不相关")),
            ("converted", lazy("已转化")))  # fmt: skip


@needs(VIEW)
def show_all(request: HttpRequest) -> HttpResponse:
    """List one's own subscriptions with what they found."""
    member, at = member_of(request), now()
    rows = with_counts(Subscription.objects.visible_to(member), at).order_by("-state", "name", "pk")
    page = Paginator(rows, PAGE).get_page(request.GET.get("page"))
    listed = list(page.object_list)
    tags = tag_names(listed)
    context = {
        "page": page,
        "rows": [(row, wording.keywords(row), wording.filters(row, tags)) for row in listed],
        "writes": member.can(EDIT),
        "exports": member.can(EXPORT),
        "oversees": member.can(OVERSEE),
    }
    return render(request, "subscriptions/list.html", context)


@needs(VIEW)
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one subscription and what it found."""
    member = member_of(request)
    row = subscription_of(reference, member, str(UNKNOWN))
    verdict = request.GET.get("view", "")
    verdict = verdict if verdict in dict(VERDICTS) else ""
    text = request.GET.get("q", "").replace("\0", "").strip()[:60]
    page = Paginator(matches_of(row, member, verdict, text), PAGE).get_page(request.GET.get("page"))
    possible = SUBSCRIPTION.possible(row, member)
    context = {
        "row": row,
        "counted": with_counts(Subscription.objects.filter(pk=row.pk), now()).get(),
        "keywords": wording.keywords(row),
        "filters": wording.filters(row, tag_names([row])),
        "page": page,
        "matches": [(one, wording.reasons(one)) for one in page.object_list],
        "verdict": verdict,
        "verdicts": VERDICTS,
        "text": text,
        "lessons": learned_of([row], now()).get(row.pk, Learned()).all[:LESSONS],
        "acts": [one for one in possible if one.action != "edit_subscription"],
        "editable": any(one.action == "edit_subscription" for one in possible),
        "exports": member.can(EXPORT),
    }
    return render(request, "subscriptions/detail.html", context)


@needs(OVERSEE)
def show_people(request: HttpRequest) -> HttpResponse:
    """Show how many subscriptions the house's people have and what came of them; never what stands in them."""
    rows = people_of(member_of(request), now())
    return render(request, "subscriptions/people.html", {"rows": rows})


@require_POST
@needs(EDIT)
def act(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Switch a subscription off or on."""
    member, at = member_of(request), now()
    row = subscription_of(reference, member, str(UNKNOWN))
    if action == "switch_off":
        switch_off(as_seen(row, request), by=member, at=at)
        messages.success(request, _("已停用，已命中的保留。"))
    elif action == "switch_on":
        switch_on(as_seen(row, request), by=member, at=at)
        messages.success(request, _("已启用，新收到的公告会匹配。"))
    else:
        raise Unknown(_("没有这项操作。"))
    return redirect("subscriptions:subscription", reference)


@require_POST
@needs(EDIT)
def judge_match(request: HttpRequest, reference: str, number: int) -> HttpResponse:
    """Say what a match is worth."""
    member = member_of(request)
    row = subscription_of(reference, member, str(UNKNOWN))
    match = there(Hit.objects.visible_to(member).filter(subscription=row, pk=number).first(), _("没有找到这条命中。"))
    at = now()
    match = judge(match, request.POST.get("verdict", ""), by=member, at=at)
    lessons = learned_of([row], at).get(row.pk, Learned()).about(match.announcement.kind, match.announcement.trade)
    told = "；".join(one.words for one in lessons)
    done = _("已记下。") if match.verdict else _("已撤回评价，不再计入分数。")
    messages.success(request, _("%(done)s以后的新公告：%(told)s。") % {"done": done, "told": told} if told else done)
    return redirect("subscriptions:subscription", reference)


def _sheet(
    name: str, columns: tuple[Column, ...], rows: object, subject: object, by: Member, at: datetime
) -> FileResponse:
    made = export_sheet(name, columns, rows, kind="subscription.exported", subject=subject, by=by, at=at)  # type: ignore[arg-type]
    stamped = f"{name}-{at.astimezone(CHINA):%Y%m%d-%H%M}.xlsx"
    return FileResponse(io.BytesIO(made.content), as_attachment=True, filename=stamped)


@needs(EXPORT)
def export(request: HttpRequest) -> FileResponse:
    """Download one's subscriptions with their figures. It is recorded."""
    member, at = member_of(request), now()
    rows = list(with_counts(Subscription.objects.visible_to(member), at).order_by("-state", "name", "pk"))
    tags = tag_names(rows)
    told = [(row, wording.keywords(row), "；".join(wording.filters(row, tags))) for row in rows]
    return _sheet(_("我的订阅"), LIST, told, member.organisation, member, at)


@needs(EXPORT)
def export_matches(request: HttpRequest, reference: str) -> FileResponse:
    """Download what a subscription found. It is recorded."""
    member, at = member_of(request), now()
    row = subscription_of(reference, member, str(UNKNOWN))
    rows = matches_of(row, member)[:EXPORT_UP_TO].iterator(chunk_size=1000)
    return _sheet(_("订阅命中"), MATCHES, rows, row, member, at)


@needs(EXPORT)
def export_people(request: HttpRequest) -> FileResponse:
    """Download the counts of the house's people. It is recorded."""
    member, at = member_of(request), now()
    if not member.can(OVERSEE):
        raise Unknown(_("没有找到这个页面。"))
    return _sheet(_("各人订阅"), PEOPLE, people_of(member, at), member.organisation, member, at)


_ROW, _MATCH, _NOTICE = "subscriptions.Subscription.", "subscriptions.Hit.", "tenders.Announcement."
LIST = (
    Column(lazy("名称"), 24, _ROW + "name", lambda row: row[0].name),
    Column(lazy("关键词"), 44, _ROW + "line", lambda row: row[1]),
    Column(lazy("条件"), 50, _ROW + "regions", lambda row: row[2]),
    Column(lazy("状态"), 8, _ROW + "state", lambda row: row[0].standing.label),
    Column(lazy("7 天命中"), 10, _MATCH + "score", lambda row: row[0].week),
    Column(lazy("90 天命中"), 10, _MATCH + "score", lambda row: row[0].quarter),
    Column(lazy("已跟进"), 10, _MATCH + "verdict", lambda row: row[0].followed),
    Column(lazy("不相关"), 10, _MATCH + "verdict", lambda row: row[0].irrelevant),
    Column(lazy("已转化"), 10, _MATCH + "verdict", lambda row: row[0].converted),
)
MATCHES = (
    Column(lazy("命中时间"), 18, _MATCH + "score", lambda row: f"{row.at.astimezone(CHINA):%Y-%m-%d %H:%M}"),
    Column(lazy("公告"), 50, _NOTICE + "title", lambda row: row.announcement.title),
    Column(lazy("类型"), 14, _NOTICE + "kind", lambda row: row.announcement.kind_label),
    Column(lazy("匹配度"), 8, _MATCH + "score", lambda row: row.score),
    Column(lazy("理由"), 50, _MATCH + "reasons", wording.reasons),
    Column(lazy("评价"), 10, _MATCH + "verdict", lambda row: row.get_verdict_display()),
    Column(lazy("已转化"), 8, _MATCH + "verdict", lambda row: _("是") if row.converted_at else ""),
    Column(lazy("原文网址"), 40, _NOTICE + "url", lambda row: row.announcement.url),
)
PEOPLE = (
    Column(lazy("姓名"), 14, "accounts.User.name", lambda row: row.name),
    Column(lazy("启用的订阅"), 12, _ROW + "state", lambda row: row.subscriptions),
    Column(lazy("7 天命中"), 10, _MATCH + "score", lambda row: row.week),
    Column(lazy("90 天命中"), 10, _MATCH + "score", lambda row: row.quarter),
    Column(lazy("已跟进"), 10, _MATCH + "verdict", lambda row: row.followed),
    Column(lazy("不相关"), 10, _MATCH + "verdict", lambda row: row.irrelevant),
    Column(lazy("已转化"), 10, _MATCH + "verdict", lambda row: row.converted),
)
