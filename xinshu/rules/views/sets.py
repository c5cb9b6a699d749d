"""Rule sets: the list, one set with its versions, one version with its reading, checks and trial, and their acts."""

import io
from collections import Counter
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST

from xinshu.core.clock import local_day, now
from xinshu.core.doors import needs
from xinshu.core.refusals import Unknown
from xinshu.ledger.exports import Column, export_sheet
from xinshu.rules.actions import activate_version, discard_version, has_history, switch_off, switch_on
from xinshu.rules.engine.answers import OUTCOMES, TONES, Problems
from xinshu.rules.engine.deciding import FORMS, Prepared
from xinshu.rules.lifecycle import EDIT, EXPORT, SET, VERSION, VIEW
from xinshu.rules.models import RuleSet, RuleVersion, Trial, TrialLine
from xinshu.rules.purposes import PURPOSES, source_name
from xinshu.rules.running import fresh
from xinshu.rules.trying import last_trial, try_on_history
from xinshu.rules.views.doors import house_of, set_of, version_of
from xinshu.web.posted import as_seen, reason_in

PER_PAGE = 50


def _found(request: HttpRequest) -> QuerySet[RuleSet]:
    """Return the house's sets that the filters of the list find."""
    rows = RuleSet.objects.visible_to(house_of(request)).order_by("purpose", "name")
    if text := request.GET.get("q", "").strip()[:60]:
        rows = rows.filter(Q(name__icontains=text))
    for name in ("purpose", "form", "state"):
        if value := request.GET.get(name, "")[:40]:
            rows = rows.filter(**{name: value})
    return rows.prefetch_related("versions")


def _standing(rule_set: RuleSet) -> dict[str, Any]:
    """Return what a list tells of a set, from its versions at hand."""
    versions = sorted(rule_set.versions.all(), key=lambda one: -(one.number or 0))
    today = local_day(now())
    begun = next((one for one in versions if one.number and one.valid_from <= today), None)
    holds = begun if begun and (begun.valid_until is None or today <= begun.valid_until) else None
    return {
        "set": rule_set,
        "state": SET.states[rule_set.state],
        "purpose": PURPOSES[rule_set.purpose].label if rule_set.purpose in PURPOSES else rule_set.purpose,
        "form": FORMS[rule_set.form],
        "holds": holds,
        "draft": next((one for one in versions if one.state == "draft"), None),
    }


@needs(VIEW)
def show_all(request: HttpRequest) -> HttpResponse:
    """Show the house's rule sets."""
    page = Paginator(_found(request), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [_standing(one) for one in page],
        "purposes": [(code, one.label) for code, one in PURPOSES.items()],
        "forms": list(FORMS.items()),
        "states": [(state.code, state.label) for state in SET.states.values()],
        "writes": house_of(request).can(EDIT),
    }
    return render(request, "rules/list.html", context)


COLUMNS = (
    Column(lazy("名称"), 26, "rules.RuleSet.name", lambda row: row["set"].name),
    Column(lazy("用途"), 14, "rules.RuleSet.purpose", lambda row: str(row["purpose"])),
    Column(lazy("形式"), 10, "rules.RuleSet.form", lambda row: str(row["form"])),
    Column(lazy("状态"), 8, "rules.RuleSet.state", lambda row: row["state"].label),
    Column(lazy("现行版本"), 10, "rules.RuleVersion.number", lambda row: row["holds"].number if row["holds"] else ""),
    Column(
        lazy("规则"), 90, "rules.RuleVersion.content",
        lambda row: "\n".join(f"{n}：{w}" for n, w, _f in fresh(row["holds"]).readings) if row["holds"] else "",
    ),
)  # fmt: skip


@needs(EXPORT)
def export(request: HttpRequest) -> FileResponse:
    """Download the sets that the list shows, with the plain reading of their rules, as Excel. It is recorded."""
    member, at = house_of(request), now()
    sheet = export_sheet(
        _("规则"), COLUMNS, map(_standing, _found(request)), kind="rules.exported", subject=member.organisation,
        by=member, at=at,
    )  # fmt: skip
    return FileResponse(io.BytesIO(sheet.content), as_attachment=True, filename=_("规则.xlsx"))


@needs(VIEW)
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one set: what it asks now, what dies when a source is down, its versions, its latest runs."""
    rule_set, member = set_of(request, reference), house_of(request)
    today = local_day(now())
    holds = rule_set.version_on(today)
    prepared = fresh(holds) if holds else None
    counts = Counter(rule_set.runs.filter(state="kept").values_list("outcome", flat=True)[:10_000])
    context = {
        **_standing(rule_set),
        "says": PURPOSES[rule_set.purpose].says,
        "by_hand": PURPOSES[rule_set.purpose].by_hand,
        "holds": holds,
        "readings": prepared.readings if prepared else (),
        "map": source_map(prepared, holds) if prepared and holds else [],
        "versions": [
            (one, VERSION.states[one.state]) for one in rule_set.versions.order_by("-number", "-pk").defer("content")
        ],
        "counts": [(OUTCOMES[code], TONES[code], many) for code, many in counts.most_common()],
        "acts": SET.possible(rule_set, member),
        "writes": member.can(EDIT),
        "draft": rule_set.versions.filter(state="draft").first(),
    }
    return render(request, "rules/set.html", context)


def source_map(prepared: Prepared, version: RuleVersion) -> list[tuple[str, list[str], list[str]]]:
    """Return per source its facts and the rules that are left unknown when it is down."""
    types = version.types
    found = []
    for source in dict.fromkeys(types[code].source for code in prepared.facts):
        codes = [code for code in prepared.facts if types[code].source == source]
        rules = [name for name, _words, asked in prepared.readings if set(asked) & set(codes)]
        found.append((source_name(source), [str(types[code].label) for code in codes], rules))
    return found


@needs(VIEW)
def version(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one version: how it reads, what its table leaves open, what a trial found, what may be done."""
    one, member = version_of(request, reference), house_of(request)
    try:
        prepared, broken = fresh(one), ""
    except Problems as wrong:
        prepared, broken = None, str(wrong)
    possible = VERSION.possible(one, member)
    context = {
        "version": one,
        "set": one.rule_set,
        "form": FORMS[one.rule_set.form],
        "state": VERSION.states[one.state],
        "prepared": prepared,
        "broken": broken,
        "content": one.content,
        "map": source_map(prepared, one) if prepared else [],
        "trial": last_trial(one),
        "history": has_history(one.rule_set),
        "acts": [row for row in possible if row.action != "edit"],
        "editable": any(row.action == "edit" for row in possible),
        "author": member.user_id in one.authors,
        "outcomes": OUTCOMES,
        "tones": TONES,
    }
    return render(request, "rules/version.html", context)


def _lines(trial: Trial, request: HttpRequest) -> QuerySet[TrialLine]:
    lines = trial.lines.select_related("run").order_by("pk")
    for name in ("before", "after"):
        if value := request.GET.get(name, "")[:8]:
            lines = lines.filter(**{name: "" if value == "new" else value})
    return lines


@needs(VIEW)
def trial(request: HttpRequest, reference: str) -> HttpResponse:
    """Show which past decisions the draft would change: counts, and the decisions behind each count."""
    one = version_of(request, reference)
    found = one.trials.order_by("-pk").first()
    if found is None:
        raise Unknown(_("这个版本还没有试跑。"), advice=_("在版本页选择“用历史试跑”。"))
    latest = last_trial(one)
    context = {
        "version": one,
        "set": one.rule_set,
        "trial": found,
        "stale": latest is None or latest.pk != found.pk,
        "counts": [
            {"before": before, "after": after, "many": many, "same": before == after}
            for before, after, many in found.counts
        ],
        "page": Paginator(_lines(found, request), PER_PAGE).get_page(request.GET.get("page")),
        "outcomes": OUTCOMES,
        "tones": TONES,
    }
    return render(request, "rules/trial.html", context)


TRIAL_COLUMNS = (
    Column(lazy("对象"), 30, "rules.Run.subject_name", lambda row: row.run.subject_name),
    Column(lazy("代码或编号"), 22, "rules.Run.subject_key", lambda row: row.run.subject_key),
    Column(lazy("判断日"), 12, "rules.Run.on", lambda row: row.run.on.isoformat()),
    Column(lazy("原结论"), 10, "rules.TrialLine.before", lambda row: str(OUTCOMES.get(row.before, ""))),
    Column(lazy("原档次"), 16, "rules.TrialLine.before_label", lambda row: row.before_label),
    Column(lazy("新结论"), 10, "rules.TrialLine.after", lambda row: str(OUTCOMES[row.after])),
    Column(lazy("新档次"), 16, "rules.TrialLine.after_label", lambda row: row.after_label),
)


@needs(EXPORT)
def export_trial(request: HttpRequest, reference: str) -> FileResponse:
    """Download the decisions that would change as Excel. It is recorded."""
    member, one, at = house_of(request), version_of(request, reference), now()
    found = one.trials.order_by("-pk").first()
    if found is None:
        raise Unknown(_("这个版本还没有试跑。"))
    sheet = export_sheet(
        _("试跑"), TRIAL_COLUMNS, _lines(found, request), kind="rules.log_exported", subject=one, by=member, at=at
    )
    return FileResponse(io.BytesIO(sheet.content), as_attachment=True, filename=_("规则试跑.xlsx"))


@require_POST
@needs(VIEW)
def act_on_version(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Do one act of the lifecycle. The posted version is what the person saw."""
    one, by, at = version_of(request, reference), house_of(request), now()
    if action == "activate_version":
        activate_version(as_seen(one, request), by=by, at=at)
        messages.success(request, _("已启用，自生效日起的新业务按它判断。"))
    elif action == "try_on_history":
        found = try_on_history(as_seen(one, request), by=by, at=at)
        told = _("试跑了 %(runs)s 次运行，%(changed)s 个结论会变。")
        messages.success(request, told % {"runs": found.runs, "changed": found.changed})
        return redirect("rules:trial", reference)
    elif action == "discard_version":
        discard_version(as_seen(one, request), by=by, at=at, reason=reason_in(request))
        messages.success(request, _("草稿已作废，现行版本不变。"))
    else:
        raise Unknown(_("没有这项操作。"))
    return redirect("rules:version", reference)


@require_POST
@needs(VIEW)
def act_on_set(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Switch a set on or off."""
    rule_set, by, at = set_of(request, reference), house_of(request), now()
    if action == "switch_off":
        switch_off(as_seen(rule_set, request), by=by, at=at, reason=reason_in(request))
        messages.success(request, _("已停用，新业务不再按它判断。"))
    elif action == "switch_on":
        switch_on(as_seen(rule_set, request), by=by, at=at)
        messages.success(request, _("已打开，新业务按生效的版本判断。"))
    else:
        raise Unknown(_("没有这项操作。"))
    return redirect("rules:set", reference)
