"""监测规则: the table of all patterns with what holds, one pattern's form and versions, who activates."""

from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST

from xinshu.accounts.models import Member, Organisation
from xinshu.accounts.requests import member_of
from xinshu.core.clock import now
from xinshu.core.doors import needs
from xinshu.core.money import yuan
from xinshu.core.refusals import Invalid, NotPermitted, Unknown
from xinshu.ledger.exports import Column
from xinshu.watch.actions.rules import activate_rule, discard_rule, edit_rule, write_rule
from xinshu.watch.forms import RuleForm
from xinshu.watch.lifecycle import EXPORT, MANAGE, RULE, VIEW, WRITE
from xinshu.watch.models import WatchRule, limits_of
from xinshu.watch.patterns import AMOUNT, GRADE_TONES, GRADES, PATTERNS, Pattern
from xinshu.watch.rulebook import Book, InForce
from xinshu.watch.views.doors import house_of, rule_of, sheet
from xinshu.web.posted import as_seen, reason_in


def _writer(request: HttpRequest) -> Member:
    """Return the member, where it has rules of its own or keeps the platform's. Raises NotPermitted."""
    member = member_of(request)
    if not member.can(MANAGE) and member.organisation.kind not in Organisation.ISSUERS:
        raise NotPermitted(_("只有担保公司、银行和保险公司有自己的监测规则。"))
    return member


def _book(member: Member) -> tuple[Book, int | None]:
    house = None if member.can(MANAGE) else member.organisation_id
    return Book([house]), house


def words_of(pattern: Pattern, limits: dict[str, Any]) -> str:
    """Return the thresholds in words: 申请笔数达到 20，期间 7 天."""
    told = [
        f"{limit.label} {yuan(limits[name]) if limit.kind == AMOUNT else limits[name]} {limit.unit}".strip()
        for name, limit in pattern.limits.items()
    ]
    return "，".join(told) or _("没有阈值")


def _rows(member: Member) -> list[dict[str, Any]]:
    book, house = _book(member)
    drafts = {row.pattern for row in WatchRule.objects.visible_to(member).filter(state="draft")}
    return [
        {"pattern": one, "rule": (rule := book.of(house, code)), "words": words_of(one, rule.limits),
         "draft": code in drafts, "whose": _whose(rule)}
        for code, one in PATTERNS.items()
    ]  # fmt: skip


def _whose(rule: InForce) -> str:
    if rule.rule is None:
        return _("平台默认")
    words = _("平台 V%(n)s") if rule.rule.owner_id is None else _("本机构 V%(n)s")
    return words % {"n": rule.number}


@needs(VIEW, MANAGE)
def show_list(request: HttpRequest) -> HttpResponse:
    """Show every pattern with what holds now, and whose rule that is."""
    member = _writer(request)
    context = {
        "rows": _rows(member), "grades": GRADES, "grade_tones": GRADE_TONES, "may_export": member.can(EXPORT),
        "platform": member.can(MANAGE),
    }  # fmt: skip
    return render(request, "watch/rules.html", context)


@needs(EXPORT)
def export(request: HttpRequest) -> FileResponse:
    """Download the table of patterns."""
    return sheet(request, _("监测规则"), "watch_rule.exported", COLUMNS, _rows(house_of(request)), now())


COLUMNS = (
    Column(lazy("监测项"), 20, "watch.WatchRule.pattern", lambda row: str(row["pattern"].label)),
    Column(lazy("说明"), 50, "watch.WatchRule.pattern", lambda row: str(row["pattern"].says)),
    Column(lazy("监测"), 8, "watch.WatchRule.grade", lambda row: _("是") if row["rule"].on else _("否")),
    Column(lazy("阈值"), 40, "watch.WatchRule.limits", lambda row: row["words"]),
    Column(lazy("等级"), 8, "watch.WatchRule.grade", lambda row: str(GRADES[row["rule"].grade])),
    Column(lazy("自动冻结"), 10, "watch.WatchRule.grade", lambda row: _("是") if row["rule"].blocks else _("否")),
    Column(lazy("依据"), 14, "watch.WatchRule.number", lambda row: row["whose"]),
)


@needs(VIEW, MANAGE)
def edit(request: HttpRequest, pattern: str) -> HttpResponse:
    """One pattern: what holds, its draft, the form for those who may write, the versions there were."""
    member, at = _writer(request), now()
    if pattern not in PATTERNS:
        raise Unknown(_("没有这个监测项。"))
    of, (book, house) = PATTERNS[pattern], _book(member)
    versions = list(WatchRule.objects.visible_to(member).filter(pattern=pattern).order_by("-pk")[:30])
    draft = next((row for row in versions if row.state == "draft"), None)
    holds = book.of(house, pattern)
    may_write = member.can(WRITE) or member.can(MANAGE)
    if request.method == "POST" and not may_write:
        raise NotPermitted(_("您没有修改监测规则的权限。"), advice=_("需要办理的，请联系本机构管理员开通。"))
    form = RuleForm(of, request.POST or None, initial=_initial(of, draft, holds))
    if request.method == "POST" and form.is_valid() and (wish := form.wish()) is not None:
        try:
            if draft is not None:
                edit_rule(as_seen(draft, request), wish, by=member, at=at)
            else:
                write_rule(pattern, wish, by=member, at=at)
        except Invalid as refusal:
            form.add_error(None, refusal.message)
        else:
            messages.success(request, _("草稿已保存，由另一人启用后生效。"))
            return redirect("watch:rule", pattern)
    context = {
        "pattern": of, "form": form, "draft": draft, "holds": holds, "whose": _whose(holds), "may_write": may_write,
        "words": words_of(of, holds.limits), "grades": GRADES,
        "acts": [row for row in RULE.possible(draft, member) if row.action != "edit"] if draft is not None else [],
        "versions": [(row, words_of(of, limits_of(row, of))) for row in versions],
        "draft_words": words_of(of, limits_of(draft, of)) if draft is not None else "",
    }  # fmt: skip
    return render(request, "watch/rule.html", context, status=422 if form.is_bound else 200)


def _initial(of: Pattern, draft: WatchRule | None, holds: InForce) -> dict[str, Any]:
    limits = limits_of(draft, of) if draft is not None else holds.limits
    shown = draft if draft is not None else holds
    told: dict[str, Any] = {"on": shown.on, "grade": shown.grade, "blocks": shown.blocks}
    for name, limit in of.limits.items():
        told[f"limit_{name}"] = yuan(limits[name]) if limit.kind == AMOUNT else limits[name]
    return told


@require_POST
@needs(VIEW, MANAGE)
def act(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Activate or discard a draft."""
    member, at = _writer(request), now()
    rule = rule_of(request, reference)
    if action == "activate":
        activate_rule(as_seen(rule, request), by=member, at=at)
        messages.success(request, _("已启用。"))
    elif action == "discard":
        discard_rule(as_seen(rule, request), reason=reason_in(request), by=member, at=at)
        messages.success(request, _("草稿已作废。"))
    else:
        raise Unknown(_("没有这个操作。"))
    return redirect("watch:rule", rule.pattern)
