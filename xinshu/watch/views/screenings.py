"""风险初筛: a firm is entered or picked, and what the house's rules say of it: unmet, unknown, met, with evidence."""

from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.core.clock import now
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid
from xinshu.enterprises.models import Relation
from xinshu.ledger.exports import Column
from xinshu.rules.engine.answers import OUTCOMES, TONES
from xinshu.rules.purposes import source_name
from xinshu.rules.sources import protocol
from xinshu.watch.forms import ScreenForm
from xinshu.watch.lifecycle import EXPORT, SCREEN, VIEW
from xinshu.watch.models import Screening
from xinshu.watch.screening import RUNS, outcome_of, screen
from xinshu.watch.views.doors import EXPORT_UP_TO, house_of, screening_of, sheet, stamp

PAGE = 20
CUSTOMERS = 200


def _found(request: HttpRequest) -> tuple[QuerySet[Screening], str]:
    text = request.GET.get("q", "").replace("\0", "").strip()[:60]
    rows = Screening.objects.visible_to(house_of(request)).prefetch_related(RUNS).order_by("-at", "-pk")
    return (rows.filter(Q(name__icontains=text) | Q(uscc__istartswith=text)) if text else rows), text


@needs(VIEW)
def show_list(request: HttpRequest) -> HttpResponse:
    """List the house's screenings."""
    member = house_of(request)
    found, text = _found(request)
    page = Paginator(found, PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "rows": [(one, outcome_of(one, whole=False)) for one in page.object_list],
        "q": text,
        "outcomes": OUTCOMES,
        "tones": TONES,
        "may_screen": member.can(SCREEN),
        "may_export": member.can(EXPORT),
    }
    return render(request, "watch/screenings.html", context)


@needs(EXPORT)
def export(request: HttpRequest) -> FileResponse:
    """Download the screenings with what came out of each rule set."""
    rows = (
        (one, run) for one in _found(request)[0][:EXPORT_UP_TO].iterator(chunk_size=500)
        for run in one.runs.all()
    )  # fmt: skip
    return sheet(request, _("风险初筛"), "watch_screening.exported", COLUMNS, rows, now())


COLUMNS = (
    Column(lazy("企业"), 32, "watch.Screening.name", lambda row: row[0].name),
    Column(lazy("统一社会信用代码"), 22, "watch.Screening.uscc", lambda row: row[0].uscc),
    Column(lazy("规则集"), 24, "rules.RuleSet.name", lambda row: row[1].rule_set.name),
    Column(lazy("版本"), 8, "rules.RuleVersion.number", lambda row: row[1].rule_version.number),
    Column(lazy("结论"), 10, "rules.Run.outcome", lambda row: str(OUTCOMES.get(row[1].outcome, _("正在询问")))),
    Column(lazy("档次"), 16, "rules.Run.label", lambda row: row[1].label),
    Column(lazy("发起人"), 24, "watch.Screening.asked_by", lambda row: row[0].asked_by),
    Column(lazy("时间"), 18, "rules.Run.at", lambda row: stamp(row[0].at)),
)


@needs(SCREEN)
def ask(request: HttpRequest) -> HttpResponse:
    """Enter a firm, or pick a customer, and have it looked at."""
    member = house_of(request)
    picked = {name: request.GET.get(name, "")[:120] for name in ("name", "uscc")}
    form = ScreenForm(request.POST or None, initial=picked)
    if request.method == "POST" and form.is_valid():
        told = form.cleaned_data
        try:
            made = screen(told["name"], told["uscc"], by=member, at=now())
        except Invalid as refusal:
            for name, words in refusal.fields.items():
                form.add_error(name if name in form.fields else None, words)
        else:
            return redirect("watch:screening", made.reference)
    customers = Relation.objects.filter(guarantor=member.organisation_id, enterprise__organisation__uscc__isnull=False)
    context = {
        "form": form,
        "customers": customers.select_related("enterprise__organisation").order_by("-since")[:CUSTOMERS],
    }
    return render(request, "watch/screen.html", context, status=422 if form.is_bound else 200)


@needs(VIEW)
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """One screening: the conditions unmet, unknown and met with their evidence, the runs and calls behind them."""
    member = house_of(request)
    screening = screening_of(request, reference)
    outcome = outcome_of(screening)
    context = {
        "screening": screening,
        "outcome": outcome,
        "groups": [
            ("danger", _("不符合"), outcome.unmet), ("warn", _("未知，请人工核实"), outcome.unknown),
            ("ok", _("符合"), outcome.met),
        ],
        "calls": [(call, source_name(call.source)) for run in outcome.runs for call in run.calls.order_by("pk")],
        "call_outcomes": protocol.OUTCOMES,
        "call_tones": protocol.TONES,
        "outcomes": OUTCOMES,
        "tones": TONES,
        "source_name": source_name,
        "may_screen": member.can(SCREEN),
        "sees_runs": member.can("rules.view"),
    }  # fmt: skip
    return render(request, "watch/screening.html", context)
