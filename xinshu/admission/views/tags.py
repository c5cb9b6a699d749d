"""标签库: the list, one tag with its carriers and log, the editor, giving and taking, exports."""

import io
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q, QuerySet
from django.http import FileResponse, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST

from xinshu.accounts.models import Member
from xinshu.accounts.requests import MemberRequest
from xinshu.admission.actions.tags import (
    Wanted,
    edit_tag,
    give_tag,
    keepers_of,
    refresh_tag,
    switch_tag_off,
    switch_tag_on,
    take_tag,
    write_tag,
)
from xinshu.admission.lifecycle import EDIT, EXPORT, TAG, VIEW
from xinshu.admission.models import ORIGINS, RHYTHMS, Carry, Tag
from xinshu.admission.purposes import for_tags
from xinshu.admission.rounds import prepared_of
from xinshu.admission.views.doors import customer_in, house_of, tag_of
from xinshu.core.clock import now
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid, Unknown
from xinshu.ledger.exports import Column, export_sheet
from xinshu.rules import sheets
from xinshu.rules.engine.comparing import OPERATORS
from xinshu.rules.engine.conditions import JOINS
from xinshu.rules.engine.deciding import CONDITIONS
from xinshu.rules.engine.facts import TYPES, FactType, read_value, shown
from xinshu.rules.purposes import source_name
from xinshu.web.posted import as_seen, reason_in
from xinshu.web.words import moment

PER_PAGE = 50


def _found(request: MemberRequest) -> QuerySet[Tag]:
    """Return the house's tags that the filters find, with how many carry each."""
    rows = Tag.objects.visible_to(house_of(request)).select_related("keeper__user").order_by("name")
    if text := request.GET.get("q", "").replace("\0", "").strip()[:60]:
        rows = rows.filter(Q(name__icontains=text) | Q(note__icontains=text))
    for name in ("origin", "rhythm", "state"):
        if value := request.GET.get(name, "").replace("\0", "")[:12]:
            rows = rows.filter(**{name: value})
    return rows.annotate(carriers_now=Count("carriers", filter=Q(carriers__until=None)))


@needs(VIEW)
def show_all(request: MemberRequest) -> HttpResponse:
    """Show the tag library."""
    member = house_of(request)
    context = {
        "page": Paginator(_found(request), PER_PAGE).get_page(request.GET.get("page")),
        "origins": list(ORIGINS.items()),
        "rhythms": list(RHYTHMS.items()),
        "states": [(state.code, state.label) for state in TAG.states.values()],
        "words": {**ORIGINS, **RHYTHMS, "": _("不自动更新")},
        "state_of": TAG.states,
        "writes": member.can(EDIT),
        "exports": member.can(EXPORT),
    }
    return render(request, "admission/tags.html", context)


def _rule_words(tag: Tag) -> str:
    return prepared_of(tag).readings[0][1] if tag.content else str(_("由人认定"))


COLUMNS = (
    Column(lazy("标签"), 20, "admission.Tag.name", lambda row: row.name),
    Column(lazy("来源"), 12, "admission.Tag.origin", lambda row: str(ORIGINS[row.origin])),
    Column(lazy("规则"), 60, "admission.Tag.content", _rule_words),
    Column(lazy("更新"), 14, "admission.Tag.rhythm", lambda row: str(RHYTHMS.get(row.rhythm, ""))),
    Column(lazy("有效天数"), 10, "admission.Tag.valid_days", lambda row: row.valid_days or ""),
    Column(lazy("负责人"), 14, "accounts.User.name", lambda row: row.keeper.user.name),
    Column(lazy("企业数"), 10, "admission.Round.begun", lambda row: row.carriers_now),
    Column(lazy("状态"), 8, "admission.Tag.state", lambda row: TAG.states[row.state].label),
)


@needs(EXPORT)
def export(request: MemberRequest) -> FileResponse:
    """Download the tags that the list shows. It is recorded."""
    member = house_of(request)
    sheet = export_sheet(
        _("标签"), COLUMNS, _found(request), kind="tag.exported", subject=member.organisation, by=member, at=now()
    )
    return FileResponse(io.BytesIO(sheet.content), as_attachment=True, filename=_("标签库.xlsx"))


# one tag


def _carriers(request: MemberRequest, tag: Tag) -> QuerySet[Carry]:
    rows = tag.carriers.select_related("firm").order_by("-since", "-pk")
    rows = rows.exclude(until=None) if request.GET.get("view") == "past" else rows.filter(until=None)
    if text := request.GET.get("q", "").replace("\0", "").strip()[:60]:
        rows = rows.filter(Q(firm__name__icontains=text) | Q(firm__uscc__istartswith=text))
    return rows


def why_words(carry: Carry, types: dict[str, FactType]) -> str:
    """Return the evidence of a carrying in words: 注册资本 50,000,000.00 元（企业资料库 2026-10-09）."""
    said: list[dict[str, Any]] = carry.why
    return "；".join(_piece(one, types) for one in said)


def _piece(one: dict[str, Any], types: dict[str, FactType]) -> str:
    if "note" in one:
        return str(one["note"])
    kind = types.get(one["fact"])
    if kind is None:  # the tag's rule is another one now
        return f"{one['fact']} {one['value']}（{one['as_of']}）"
    value = shown(read_value(kind.type, one["value"]), kind.type, kind.unit)
    source = " ".join(part for part in (source_name(one["source"]), one["as_of"]) if part)
    return f"{kind.label} {value}（{source}）"


@needs(VIEW)
def show(request: MemberRequest, reference: str) -> HttpResponse:
    """Show a tag: its rule, who carries it since when and why, its log."""
    tag, member = tag_of(request, reference), house_of(request)
    page = Paginator(_carriers(request, tag), PER_PAGE).get_page(request.GET.get("page"))
    types = tag.types
    possible = TAG.possible(tag, member)
    past = request.GET.get("view") == "past"
    context = {
        "tag": tag, "state": TAG.states[tag.state], "origin": ORIGINS[tag.origin],
        "rhythm": RHYTHMS.get(tag.rhythm, _("不自动更新")), "rule": _rule_words(tag), "page": page,
        "rows": [(carry, why_words(carry, types)) for carry in page], "past": past,
        "counts": {"now": tag.carriers.filter(until=None).count(), "past": tag.carriers.exclude(until=None).count()},
        "rounds": tag.rounds.order_by("-pk")[:10],
        "acts": [
            row for row in possible
            if row.action not in ("edit_tag", "give", "take") and (row.action != "refresh" or tag.content)
        ],
        "editable": any(row.action == "edit_tag" for row in possible),
        "gives": not tag.content and any(row.action == "give" for row in possible),
        "exports": member.can(EXPORT),
    }  # fmt: skip
    return render(request, "admission/tag.html", context)


def _carrier_columns(types: dict[str, FactType]) -> tuple[Column, ...]:
    return (
        Column(lazy("企业"), 34, "accounts.Organisation.name", lambda row: row.firm.name),
        Column(lazy("统一社会信用代码"), 24, "accounts.Organisation.uscc", lambda row: row.firm.uscc or ""),
        Column(lazy("自"), 18, "admission.Carry.since", lambda row: moment(row.since, now())),
        Column(lazy("依据"), 70, "admission.Carry.why", lambda row: why_words(row, types)),
        Column(lazy("打标签的人"), 26, "admission.Carry.given_by", lambda row: row.given_by),
        Column(lazy("有效至"), 14, "admission.Carry.valid_until", lambda row: row.valid_until or ""),
        Column(lazy("止"), 18, "admission.Carry.until", lambda row: moment(row.until, now()) if row.until else ""),
        Column(lazy("取下的原因"), 30, "admission.Carry.ended_why", lambda row: row.ended_why),
    )


@needs(EXPORT)
def export_carriers(request: MemberRequest, reference: str) -> FileResponse:
    """Download who carries (or carried) a tag. It is recorded."""
    tag, member = tag_of(request, reference), house_of(request)
    sheet = export_sheet(
        _("标签企业"), _carrier_columns(tag.types), _carriers(request, tag), kind="tag.exported", subject=tag,
        by=member, at=now(),
    )  # fmt: skip
    return FileResponse(io.BytesIO(sheet.content), as_attachment=True, filename=_("标签企业.xlsx"))


# the editor

TYPED = ("name", "note", "keeper", "rhythm", "valid_days", "how")
NOT_A_NUMBER = 10**6  # what is no number of days is refused with those that are too many


def _wanted(post: QueryDict, sheet: sheets.Sheet, member: Member) -> Wanted:
    """Return what was posted as a tag."""
    types = {one.code: one for one in for_tags(member.organisation)}
    rule: dict[str, Any] = {}
    if post.get("how") != "person":
        rules = sheets.content_of(sheet, CONDITIONS, types)["rules"]
        rule = {name: rules[0][name] for name in ("expression", "join", "conditions") if rules and name in rules[0]}
        rule = rule or {"join": "all", "conditions": []}
    keeper = next((one for one in keepers_of(member.organisation) if str(one.pk) == post.get("keeper")), member)
    days = post.get("valid_days", "").strip()
    number = int(days) if days.isascii() and days.isdecimal() and len(days) < 6 else NOT_A_NUMBER
    return Wanted(
        post.get("name", "")[:60], post.get("note", "")[:200], keeper, post.get("rhythm", ""), rule,
        number if days else None,
    )  # fmt: skip


def _editor(
    request: MemberRequest, tag: Tag | None, sheet: sheets.Sheet, typed: dict[str, str], errors: dict[str, str]
) -> HttpResponse:
    member = house_of(request)
    facts = for_tags(member.organisation)
    context = {
        "tag": tag, "rule": sheet["rules"][0], "typed": typed, "errors": errors,
        "keepers": [(str(one.pk), one.user.name) for one in keepers_of(member.organisation)],
        "rhythms": list(RHYTHMS.items()), "joins": list(JOINS.items()),
        "operators": [(code, one.label) for code, one in OPERATORS.items()],
        "options": [(one.code, f"{one.label}（{TYPES[one.type]}）") for one in facts],
        "seen": request.POST.get("version", str(tag.version))[:10] if tag else "",
    }  # fmt: skip
    return render(request, "admission/tag_edit.html", context, status=422 if errors else 200)


def _posted(request: MemberRequest) -> tuple[sheets.Sheet, dict[str, str]]:
    sheet = sheets.posted(request.POST, CONDITIONS)
    if not sheet["rules"]:
        sheet = sheets.empty(CONDITIONS)
    sheet["rules"][0]["name"] = "-"
    return sheet, {name: request.POST.get(name, "")[:200] for name in TYPED}


@needs(EDIT)
def new(request: MemberRequest) -> HttpResponse:
    """Write a tag."""
    member = house_of(request)
    if request.method != "POST":
        typed = {"keeper": str(member.pk), "rhythm": "change", "how": request.GET.get("how", "rule")[:8]}
        return _editor(request, None, sheets.empty(CONDITIONS), typed, {})
    sheet, typed = _posted(request)
    if more := request.POST.get("more", ""):
        return _editor(request, None, sheets.grown(sheet, CONDITIONS, more), typed, {})
    try:
        tag = write_tag(_wanted(request.POST, sheet, member), by=member, at=now())
    except Invalid as refusal:
        return _editor(request, None, sheet, typed, refusal.fields or {"content": refusal.message})
    messages.success(request, _("标签已建立并按现有资料算过一遍。") if tag.content else _("标签已建立。"))
    return redirect("admission:tag", tag.reference)


@needs(EDIT)
def edit(request: MemberRequest, reference: str) -> HttpResponse:
    """Change a tag."""
    tag, member = tag_of(request, reference), house_of(request)
    TAG.step("edit_tag", tag, member)
    if request.method != "POST":
        sheet = sheets.sheet_of(tag.content, tag.types) if tag.content else sheets.empty(CONDITIONS)
        typed = {
            "name": tag.name, "note": tag.note, "keeper": str(tag.keeper_id), "rhythm": tag.rhythm,
            "valid_days": str(tag.valid_days or ""), "how": "rule" if tag.content else "person",
        }  # fmt: skip
        return _editor(request, tag, sheet, typed, {})
    sheet, typed = _posted(request)
    if more := request.POST.get("more", ""):
        return _editor(request, tag, sheets.grown(sheet, CONDITIONS, more), typed, {})
    wanted = _wanted(request.POST, sheet, member)
    try:
        edit_tag(as_seen(tag, request), wanted, by=member, at=now())
    except Invalid as refusal:
        return _editor(request, tag, sheet, typed, refusal.fields or {"content": refusal.message})
    messages.success(request, _("标签已保存。"))
    return redirect("admission:tag", reference)


@require_POST
@needs(VIEW)
def act(request: MemberRequest, reference: str, action: str) -> HttpResponse:
    """Do one act of the lifecycle. The posted version is what the person saw."""
    tag, by, at = tag_of(request, reference), house_of(request), now()
    if action in ("give", "take"):
        firm = customer_in(request.POST.get("firm", ""), by.organisation)
        doing = give_tag if action == "give" else take_tag
        doing(as_seen(tag, request), firm, reason=reason_in(request), by=by, at=at)
        messages.success(request, _("已打上标签。") if action == "give" else _("已取下标签。"))
    elif action == "refresh":
        found = refresh_tag(as_seen(tag, request), by=by, at=at)
        told = _("看了 %(looked)s 家，新增 %(begun)s 家，取下 %(ended)s 家。")
        messages.success(request, told % {"looked": found.looked, "begun": found.begun, "ended": found.ended})
    elif action == "switch_off":
        switch_tag_off(as_seen(tag, request), reason=reason_in(request), by=by, at=at)
        messages.success(request, _("已停用，带有它的企业已全部取下。"))
    elif action == "switch_on":
        switch_tag_on(as_seen(tag, request), by=by, at=at)
        messages.success(request, _("已启用，并按现有资料算过一遍。") if tag.content else _("已启用。"))
    else:
        raise Unknown(_("没有这项操作。"))
    return redirect("admission:tag", reference)
