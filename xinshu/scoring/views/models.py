"""Models and versions: the list, one with its versions, a version's card (page and PDF), drift, acts."""

import io
from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.db import transaction
from django.db.models import Prefetch
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST

from xinshu.accounts.models import Member
from xinshu.core.clock import now
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid, Unknown
from xinshu.ledger.exports import Column, export_sheet, must_export
from xinshu.ledger.recording import record
from xinshu.scoring import queries
from xinshu.scoring.actions.versions import (
    begin_training,
    decline_version,
    make_model,
    promote_version,
    propose_version,
    retire_version,
    switch_off,
    switch_on,
)
from xinshu.scoring.card import card_pdf
from xinshu.scoring.learning.drift import ALARM, FEWEST, WATCH
from xinshu.scoring.lifecycle import EXPORT, MODEL, TRAIN, VERSION, VIEW
from xinshu.scoring.models import FORMS, PURPOSES, DataSet, Drift, ModelVersion, RiskModel
from xinshu.scoring.views.doors import house_of, model_of, version_of
from xinshu.web.posted import as_seen, reason_in, version_in

INNER = ("learn", "finish", "fail", "replace")


def version_acts(version: ModelVersion, member: Member) -> list[Any]:
    """Return what `member` may do: not promote what passed through their own hands."""
    rows = [row for row in VERSION.possible(version, member) if row.action not in INNER]
    return [row for row in rows if row.action != "promote" or member.user_id not in version.hands]


@needs(VIEW)
def show_all(request: HttpRequest) -> HttpResponse:
    """Show the house's models with their champions; on POST begin another."""
    member = house_of(request)
    wrong: Invalid | None = None
    typed = {"name": request.POST.get("name", "")[:60], "purpose": request.POST.get("purpose", "guarantee")[:12]}
    if request.method == "POST":
        try:
            made = make_model(typed["name"], typed["purpose"], by=member, at=now())
        except Invalid as refused:
            wrong = refused
        else:
            messages.success(request, _("模型已新建，请选一份训练数据训练一轮。"))
            return redirect("scoring:model", made.reference)
    rows = []
    models = list(RiskModel.objects.visible_to(member).order_by("pk"))
    versions = queries.latest_of_all(models)
    for model in models:
        by_state = versions[model.pk]
        champion = next(iter(by_state.get("champion", [])), None)
        waiting = by_state.get("proposed", []) + by_state.get("challenger", [])
        rows.append({
            "model": model, "state": MODEL.states[model.state], "champion": champion, "waiting": len(waiting),
            "training": bool(by_state.get("training")),
            "auc": queries.share((champion.figures.get("cross") or {}).get("auc")) if champion else "—",
        })  # fmt: skip
    context = {"rows": rows, "trains": member.can(TRAIN), "purposes": PURPOSES, "typed": typed, "wrong": wrong}
    return render(request, "scoring/list.html", context, status=422 if wrong else 200)


@needs(VIEW)
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one model: champion beside challengers, all versions, what may be done."""
    model, member = model_of(request, reference), house_of(request)
    by_state = queries.latest_of(model)
    compared = [
        one for state in ("champion", "proposed", "challenger") for one in by_state.get(state, [])
    ][:4]  # fmt: skip
    versions = sorted((one for rows in by_state.values() for one in rows), key=lambda one: -one.number)
    trains = member.can(TRAIN) and model.state == "on"
    context = {
        "model": model, "state": MODEL.states[model.state], "compared": compared,
        "measures": queries.measures(compared), "forms": dict(FORMS), "states": VERSION.states,
        "versions": versions, "training": by_state.get("training", []),
        "acts": [row for row in MODEL.possible(model, member) if row.action != "train"],
        "tables": DataSet.objects.visible_to(member).filter(state="ready").order_by("-created_at") if trains else [],
        "trains": trains, "champion": next(iter(by_state.get("champion", [])), None),
    }  # fmt: skip
    return render(request, "scoring/model.html", context)


@needs(VIEW)
def version(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one version as its model card: data, period, figures, limits, who signed; beside the champion."""
    one, member = version_of(request, reference), house_of(request)
    champion = one.model.versions.filter(state="champion").exclude(pk=one.pk).first()
    compared = [one, champion] if champion is not None else [one]
    figures = one.figures
    context = {
        "version": one, "state": VERSION.states[one.state], "form": dict(FORMS)[one.form],
        "acts": version_acts(one, member), "compared": compared, "measures": queries.measures(compared),
        "table": (figures.get("cross") or {}).get("table", []), "late": figures.get("late"),
        "beside": figures.get("beside"), "limits": queries.limits(), "figures": figures,
        "progress": one.progress, "own_hand": member.user_id in one.hands and one.state == "proposed",
        "drifts": one.drifts.exists(), "exports": member.can(EXPORT),
    }  # fmt: skip
    return render(request, "scoring/version.html", context)


@needs(EXPORT)
def card(request: HttpRequest, reference: str) -> HttpResponse:
    """Download the model card as PDF. It is recorded."""
    one, member, at = version_of(request, reference), house_of(request), now()
    must_export(member)
    if not one.figures:
        raise Unknown(_("这个版本还没有指标，没有模型卡。"), advice=_("训练完成后再下载。"))
    content = card_pdf(one)
    with transaction.atomic():
        record("scoring.card_taken", one, by=member, at=at, name=one.model.name, number=one.number)
    name = _("模型卡 %(name)s V%(n)s.pdf") % {"name": one.model.name, "n": one.number}
    response = HttpResponse(content, content_type="application/pdf")
    response["Content-Disposition"] = f"attachment; filename=\"card.pdf\"; filename*=UTF-8''{quote(name)}"
    return response


@needs(VIEW)
def drift(request: HttpRequest, reference: str) -> HttpResponse:
    """Show how far each month's cases lie from what a version learned."""
    one = version_of(request, reference)
    months, cases, rows = queries.drift_table(one)
    context = {
        "version": one, "months": months, "cases": cases, "rows": rows, "watch": WATCH, "alarm": ALARM,
        "fewest": FEWEST, "score_row": rows[0] if rows else None,
    }  # fmt: skip
    return render(request, "scoring/drift.html", context)


def _figure_lines(model: RiskModel) -> list[dict[str, Any]]:
    """Return every figure of every version as one line each, drift included."""
    lines = []
    drifts = Prefetch("drifts", Drift.objects.order_by("month", "pk"))
    for one in model.versions.select_related("data_set").defer("progress").prefetch_related(drifts).order_by("number"):
        for measure in queries.measures([one]):
            if measure.values[0] != "—":
                lines.append({"version": one, "name": measure.name, "part": "", "value": measure.values[0]})
        for place, row in enumerate((one.figures.get("cross") or {}).get("table", []), 1):
            told = _("说 %(said)s，实际 %(came)s（%(rows)s 行）")
            words = told % {"said": f"{row['said']:.4f}", "came": f"{row['came']:.4f}", "rows": row["rows"]}
            lines.append({"version": one, "name": _("校准"), "part": _("第 %(n)s 组") % {"n": place}, "value": words})
        for row in one.drifts.all():
            part = f"{row.month:%Y-%m} {row.label}"
            lines.append({"version": one, "name": "PSI", "part": part, "value": f"{row.psi:.4f}"})
    return lines


COLUMNS = (
    Column(lazy("版本"), 8, "scoring.ModelVersion.number", lambda row: row["version"].number),
    Column(lazy("形式"), 12, "scoring.ModelVersion.form", lambda row: dict(FORMS)[row["version"].form]),
    Column(lazy("状态"), 10, "scoring.ModelVersion.state", lambda row: VERSION.states[row["version"].state].label),
    Column(lazy("训练数据"), 24, "scoring.DataSet.name", lambda row: row["version"].data_set.name),
    Column(lazy("指标"), 20, "scoring.ModelVersion.figures", lambda row: row["name"]),
    Column(lazy("范围"), 24, "scoring.Drift.label", lambda row: row["part"]),
    Column(lazy("值"), 30, "scoring.ModelVersion.figures", lambda row: row["value"]),
)


@needs(EXPORT)
def export(request: HttpRequest, reference: str) -> FileResponse:
    """Download the figures of all versions as Excel. It is recorded."""
    model, member = model_of(request, reference), house_of(request)
    sheet = export_sheet(
        _("模型指标"), COLUMNS, _figure_lines(model), kind="scoring.exported", subject=model, by=member, at=now()
    )
    return FileResponse(io.BytesIO(sheet.content), as_attachment=True, filename=_("模型指标.xlsx"))


@require_POST
@needs(VIEW)
def act_on_model(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Begin a round, or switch a model. The posted version is what the person saw."""
    model, by, at = model_of(request, reference), house_of(request), now()
    if action == "train":
        wanted = request.POST.get("data", "")[:20]
        table = DataSet.objects.visible_to(by).filter(reference=wanted).select_related("file__blob").first()
        version_in(request)
        if table is None:
            raise Invalid(_("请选择一份训练数据。"), advice=_("没有可选的，先上传并确认一份。"))
        begin_training(as_seen(model, request), table, by=by, at=at)
        messages.success(request, _("已开始训练，离开页面也会继续，完成后通知您。"))
    elif action == "switch_off":
        switch_off(as_seen(model, request), reason=reason_in(request), by=by, at=at)
        messages.success(request, _("已停用，新业务不再用它评分。"))
    elif action == "switch_on":
        switch_on(as_seen(model, request), by=by, at=at)
        messages.success(request, _("已启用，新业务用冠军版本评分。"))
    else:
        raise Unknown(_("没有这项操作。"))
    return redirect("scoring:model", reference)


@require_POST
@needs(VIEW)
def act_on_version(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Propose, promote, decline or retire. The posted version is what the person saw."""
    one, by, at = version_of(request, reference), house_of(request), now()
    if action == "propose":
        propose_version(as_seen(one, request), by=by, at=at)
        messages.success(request, _("已申请，等另一人看过比较后批准。"))
    elif action == "promote":
        promote_version(as_seen(one, request), by=by, at=at)
        messages.success(request, _("已升为冠军，新业务从现在起用它评分。"))
    elif action == "decline":
        decline_version(as_seen(one, request), reason=reason_in(request), by=by, at=at)
        messages.success(request, _("没有升级，现在的冠军不变。"))
    elif action == "retire":
        retire_version(as_seen(one, request), reason=reason_in(request), by=by, at=at)
        messages.success(request, _("已退役。"))
    else:
        raise Unknown(_("没有这项操作。"))
    return redirect("scoring:version", reference)
