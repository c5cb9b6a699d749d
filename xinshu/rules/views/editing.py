"""The editor: conditions row by row, decision tables, scorecards; what is typed is read out in plain words."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from xinshu.core.clock import local_day, now
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid
from xinshu.rules import sheets
from xinshu.rules.actions import Draft, edit_version, write_rules, write_version
from xinshu.rules.engine.answers import OUTCOMES, Problems
from xinshu.rules.engine.comparing import OPERATORS
from xinshu.rules.engine.conditions import JOINS, WEIGHTS
from xinshu.rules.engine.deciding import FORMS, prepare
from xinshu.rules.engine.facts import TYPES
from xinshu.rules.engine.tables import HITS
from xinshu.rules.lifecycle import EDIT, VERSION
from xinshu.rules.models import RuleVersion
from xinshu.rules.purposes import PURPOSES, Purpose
from xinshu.rules.views.doors import house_of, set_of, version_of
from xinshu.web.posted import as_seen

Errors = dict[str, str]


def _page(
    request: HttpRequest, purpose: Purpose, form: str, sheet: sheets.Sheet, typed: dict[str, Any],
    errors: Errors, **more: Any,
) -> HttpResponse:  # fmt: skip
    content = sheets.content_of(sheet, form, purpose.types)
    context = {
        "purpose": purpose,
        "form": form,
        "form_label": FORMS[form],
        "sheet": sheet,
        "typed": typed,
        "errors": errors,
        "facts": [(fact.code, str(fact.label), TYPES[fact.type]) for fact in purpose.facts],
        "types": purpose.types,
        "operators": [(code, one.label) for code, one in OPERATORS.items()],
        "weights": list(WEIGHTS.items()),
        "joins": list(JOINS.items()),
        "hits": list(HITS.items()),
        "outcomes": list(OUTCOMES.items()),
        "told": _told(content, purpose),
        **more,
    }
    return render(request, "rules/edit.html", context, status=422 if errors else 200)


def _told(content: dict[str, Any], purpose: Purpose) -> dict[str, Any]:
    """Return what the reading beside the editor shows."""
    try:
        prepared = prepare(content, purpose.types)
    except Problems as wrong:
        return {"problems": wrong.found, "readings": (), "checked": None}
    return {"problems": [], "readings": prepared.readings, "checked": prepared.checked, "form": prepared.form}


def _typed(post: QueryDict) -> dict[str, Any]:
    return {name: post.get(name, "")[:60] for name in ("name", "valid_from", "valid_until")}


def _draft(sheet: sheets.Sheet, form: str, typed: dict[str, Any], purpose: Purpose) -> Draft:
    """Return what was typed as a draft. Raises Invalid where a day cannot be read."""
    begins, ends = sheets.day_in(typed["valid_from"]), sheets.day_in(typed["valid_until"])
    problems = {}
    if begins is None:
        problems["valid_from"] = _("请选择生效日")
    if typed["valid_until"].strip() and ends is None:
        problems["valid_until"] = _("请选择日期，或留空")
    if begins is None or problems:
        raise Invalid(_("规则没有保存，请修改标出的内容。"), fields=problems)
    return Draft(sheets.content_of(sheet, form, purpose.types), begins, ends)


def _wrong(refusal: Invalid) -> Errors:
    return refusal.fields or {"content": refusal.message}


@needs(EDIT)
def new(request: HttpRequest) -> HttpResponse:
    """Choose purpose and form, then write the first version."""
    member = house_of(request)
    purpose, form = PURPOSES.get(request.GET.get("purpose", "")), request.GET.get("form", "")
    if purpose is None or form not in FORMS:
        context = {"purposes": list(PURPOSES.values()), "forms": list(FORMS.items())}
        return render(request, "rules/new.html", context)
    purpose = purpose.of(member.organisation)
    typed = {"name": request.GET.get("name", "")[:60], "valid_from": local_day(now()).isoformat(), "valid_until": ""}
    if request.method != "POST":
        return _page(request, purpose, form, sheets.empty(form), typed, {}, asks_name=True)
    sheet, typed, errors = sheets.posted(request.POST, form), _typed(request.POST), {}
    if more := request.POST.get("more", ""):
        return _page(request, purpose, form, sheets.grown(sheet, form, more), typed, {}, asks_name=True)
    try:
        draft = _draft(sheet, form, typed, purpose)
        version = write_rules(typed["name"], purpose.code, form, draft, by=member, at=now())
    except Invalid as refusal:
        errors = _wrong(refusal)
    else:
        messages.success(request, _("草稿已保存，请试跑，再由另一人启用。"))
        return redirect("rules:version", version.reference)
    return _page(request, purpose, form, sheet, typed, errors, asks_name=True)


@needs(EDIT)
def next_version(request: HttpRequest, reference: str) -> HttpResponse:
    """Write the next version, beginning with what the newest says."""
    rule_set, member = set_of(request, reference), house_of(request)
    purpose, form = PURPOSES[rule_set.purpose].of(member.organisation), rule_set.form
    newest = rule_set.versions.exclude(state="discarded").order_by("-number", "-pk").first()
    if request.method != "POST":
        sheet = sheets.sheet_of(newest.content, newest.types) if newest else sheets.empty(form)
        typed = {"name": rule_set.name, "valid_from": local_day(now()).isoformat(), "valid_until": ""}
        return _page(request, purpose, form, sheet, typed, {}, rule_set=rule_set)
    sheet, typed, errors = sheets.posted(request.POST, form), _typed(request.POST), {}
    if more := request.POST.get("more", ""):
        return _page(request, purpose, form, sheets.grown(sheet, form, more), typed, {}, rule_set=rule_set)
    try:
        version = write_version(rule_set, _draft(sheet, form, typed, purpose), by=member, at=now())
    except Invalid as refusal:
        errors = _wrong(refusal)
    else:
        messages.success(request, _("草稿已保存，请试跑，再由另一人启用。"))
        return redirect("rules:version", version.reference)
    return _page(request, purpose, form, sheet, typed, errors, rule_set=rule_set)


@needs(EDIT)
def edit(request: HttpRequest, reference: str) -> HttpResponse:
    """Rewrite a draft."""
    version, member = version_of(request, reference), house_of(request)
    VERSION.step("edit", version, member)
    purpose = PURPOSES[version.rule_set.purpose].of(member.organisation)
    form = version.rule_set.form
    more_of: dict[str, Any] = {"version": version, "rule_set": version.rule_set, "seen": _seen(request, version)}
    if request.method != "POST":
        typed = {
            "name": version.rule_set.name, "valid_from": version.valid_from.isoformat(),
            "valid_until": version.valid_until.isoformat() if version.valid_until else "",
        }  # fmt: skip
        return _page(request, purpose, form, sheets.sheet_of(version.content, version.types), typed, {}, **more_of)
    sheet, typed, errors = sheets.posted(request.POST, form), _typed(request.POST), {}
    if more := request.POST.get("more", ""):
        return _page(request, purpose, form, sheets.grown(sheet, form, more), typed, {}, **more_of)
    try:
        edit_version(as_seen(version, request), _draft(sheet, form, typed, purpose), by=member, at=now())
    except Invalid as refusal:
        errors = _wrong(refusal)
    else:
        messages.success(request, _("草稿已保存，请重新试跑。"))
        return redirect("rules:version", reference)
    return _page(request, purpose, form, sheet, typed, errors, **more_of)


def _seen(request: HttpRequest, version: RuleVersion) -> str:
    return request.POST.get("version", str(version.version))[:10]


@require_POST
@needs(EDIT)
def check(request: HttpRequest) -> HttpResponse:
    """Read out what is typed so far: a fragment of the editor. Nothing is kept."""
    member = house_of(request)
    purpose = PURPOSES.get(request.GET.get("purpose", ""))
    form = request.GET.get("form", "")
    if purpose is None or form not in FORMS:
        raise Invalid(_("页面内容不完整。"), advice=_("请刷新页面后再试。"))
    purpose = purpose.of(member.organisation)
    content = sheets.content_of(sheets.posted(request.POST, form), form, purpose.types)
    return render(request, "rules/_told.html", {"told": _told(content, purpose)})
