"""Scores: the log, one score with its reasons and values, its replay, the Excel export."""

import io

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST

from xinshu.core.clock import now
from xinshu.core.doors import needs
from xinshu.ledger.exports import Column, export_sheet
from xinshu.scoring.actions.scores import ask_replay
from xinshu.scoring.grading import LETTERS, TONES
from xinshu.scoring.lifecycle import EXPORT, VIEW
from xinshu.scoring.models import Score
from xinshu.scoring.queries import shown_score
from xinshu.scoring.views.doors import house_of, score_of
from xinshu.web.posted import as_seen

PER_PAGE = 50


def _found(request: HttpRequest) -> QuerySet[Score]:
    """Return the house's scores that the filters of the list find."""
    rows: QuerySet[Score] = Score.objects.visible_to(house_of(request)).order_by("-id")
    if text := request.GET.get("q", "").replace("\0", "").strip()[:60]:
        rows = rows.filter(Q(subject_name__icontains=text) | Q(subject_key__icontains=text))
    if (grade := request.GET.get("grade", "")[:4]) in (*LETTERS, "none"):
        rows = rows.filter(grade="" if grade == "none" else grade)
    return rows.select_related("model_version__model")


@needs(VIEW)
def show_all(request: HttpRequest) -> HttpResponse:
    """Show what was scored, newest first."""
    page = Paginator(_found(request), PER_PAGE).get_page(request.GET.get("page"))
    grades = [*((grade, _("%(grade)s 级") % {"grade": grade}) for grade in LETTERS), ("none", _("未评级"))]
    return render(request, "scoring/scores.html", {"page": page, "grades": grades, "tones": TONES})


@needs(VIEW)
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one score: grade and how it came, reasons, values used, what is missing, whether a replay agreed."""
    score = score_of(request, reference)
    return render(request, "scoring/score.html", {"score": shown_score(score), "row": score})


@require_POST
@needs(VIEW)
def replay(request: HttpRequest, reference: str) -> HttpResponse:
    """Have the worker reckon a score again."""
    score = score_of(request, reference)
    ask_replay(as_seen(score, request), by=house_of(request), at=now())
    messages.success(request, _("正在重放，结果会显示在这里。"))
    return redirect("scoring:score", reference)


COLUMNS = (
    Column(lazy("对象"), 30, "scoring.Score.subject_name", lambda row: row.subject_name),
    Column(lazy("编号"), 22, "scoring.Score.subject_key", lambda row: row.subject_key),
    Column(lazy("风险等级"), 10, "scoring.Score.grade", lambda row: row.grade or str(_("未评级"))),
    Column(lazy("违约概率"), 10, "scoring.Score.probability",
           lambda row: float(row.probability) if row.probability is not None else None),
    Column(lazy("模型版本"), 22, "scoring.ModelVersion.number",
           lambda row: str(row.model_version) if row.model_version else ""),
    Column(lazy("时间"), 18, "scoring.Score.at", lambda row: f"{row.at:%Y-%m-%d %H:%M}"),
)  # fmt: skip


@needs(EXPORT)
def export(request: HttpRequest) -> FileResponse:
    """Download what the list shows as Excel. It is recorded."""
    member = house_of(request)
    sheet = export_sheet(
        _("评分"), COLUMNS, _found(request), kind="scoring.scores_exported", subject=member.organisation, by=member,
        at=now(),
    )  # fmt: skip
    return FileResponse(io.BytesIO(sheet.content), as_attachment=True, filename=_("风险评分.xlsx"))
