"""Runs: the log, one run with its evidence and replay, asking about a firm, the sources and their calls, exports."""

import io
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Max, Q, QuerySet
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.core.clock import CHINA, moment, now
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid, Unknown
from xinshu.ledger.exports import Column, export_sheet
from xinshu.rules.engine.answers import OUTCOMES, TONES, WHYS
from xinshu.rules.lifecycle import EXPORT, RUN, VIEW
from xinshu.rules.models import RuleSet, Run, SourceCall, SourceState
from xinshu.rules.purposes import PURPOSES, source_name
from xinshu.rules.replaying import replayed
from xinshu.rules.running import ask_about, fresh
from xinshu.rules.sheets import day_in
from xinshu.rules.sources import protocol
from xinshu.rules.views.doors import house_of, run_of, set_of

PER_PAGE = 50
TRUTHS = {True: lazy("符合"), False: lazy("不符合"), None: lazy("未知")}


def _between(rows: QuerySet[Any], request: HttpRequest) -> QuerySet[Any]:
    since, until = (day_in(request.GET.get(name, "")) for name in ("since", "until"))
    if since:
        rows = rows.filter(at__gte=moment(since))
    if until:
        rows = rows.filter(at__lt=moment(until) + timedelta(days=1))
    return rows


def _runs(request: HttpRequest) -> QuerySet[Run]:
    """Return the runs that the filters find, the latest first."""
    rows = Run.objects.visible_to(house_of(request)).select_related("rule_set", "rule_version__rule_set")
    if text := request.GET.get("q", "").strip()[:60]:
        rows = rows.filter(Q(subject_name__icontains=text) | Q(subject_key__istartswith=text))
    if reference := request.GET.get("set", "")[:16]:
        rows = rows.filter(rule_set__reference=reference)
    if outcome := request.GET.get("outcome", "")[:8]:
        rows = rows.filter(outcome=outcome)
    return _between(rows, request).order_by("-at", "-pk")


def _calls(request: HttpRequest) -> QuerySet[SourceCall]:
    rows = SourceCall.objects.filter(owner=house_of(request).organisation).select_related("run")
    for name in ("source", "outcome"):
        if value := request.GET.get(name, "")[:40]:
            rows = rows.filter(**{name: value})
    if text := request.GET.get("q", "").strip()[:60]:
        rows = rows.filter(key__istartswith=text)
    return _between(rows, request).order_by("-at", "-pk")


@needs(VIEW)
def show_all(request: HttpRequest) -> HttpResponse:
    """Show the run log."""
    member = house_of(request)
    sets = RuleSet.objects.visible_to(member).order_by("name")
    context = {
        "page": Paginator(_runs(request), PER_PAGE).get_page(request.GET.get("page")),
        "sets": list(sets.values_list("reference", "name")),
        "outcomes": OUTCOMES,
        "tones": TONES,
        "asking": RUN.states["asking"],
    }
    return render(request, "rules/runs.html", context)


@needs(VIEW)
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one run: outcome, answers with evidence, calls; with ?replay=1 whether it comes out the same again."""
    run = run_of(request, reference)
    if run.state == "asking":
        return render(request, "rules/run.html", {"run": run, "state": RUN.states["asking"]})
    again = replayed(run)
    facts = json.loads(run.facts)
    types = run.rule_version.types
    context = {
        "run": run,
        "state": RUN.states["kept"],
        "form": run.rule_set.form,
        "result": again.result,
        "replay": again if request.GET.get("replay") else None,
        "outcomes": OUTCOMES,
        "tones": TONES,
        "whys": WHYS,
        "calls": [(call, source_name(call.source)) for call in run.calls.order_by("pk")],
        "call_outcomes": protocol.OUTCOMES,
        "call_tones": protocol.TONES,
        "source_name": source_name,
        "facts": [(types[code].label, code, fact) for code, fact in facts.items()],
    }
    return render(request, "rules/run.html", context)


@needs(VIEW)
def ask(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask a rule set about a firm; the worker answers."""
    rule_set, member = set_of(request, reference), house_of(request)
    if not PURPOSES[rule_set.purpose].by_hand:
        raise Unknown(_("这个用途的规则随业务自动运行，不能单独发起。"))
    typed = {name: request.POST.get(name, "")[:120] for name in ("uscc", "name")}
    errors: dict[str, str] = {}
    if request.method == "POST":
        try:
            run = ask_about(rule_set, typed["uscc"], typed["name"], by=member, at=now())
        except Invalid as refusal:
            errors = refusal.fields
        else:
            messages.success(request, _("已发起核查，正在询问数据源。"))
            return redirect("rules:run", run.reference)
    context = {"set": rule_set, "typed": typed, "errors": errors}
    return render(request, "rules/ask.html", context, status=422 if errors else 200)


@needs(VIEW)
def sources(request: HttpRequest) -> HttpResponse:
    """Show the sources: how they are, which rules die with them, and the log of calls."""
    member = house_of(request)
    states = {state.source: state for state in SourceState.objects.all()}
    holds = [
        (rule_set, version)
        for rule_set in RuleSet.objects.visible_to(member).filter(state="on").order_by("name")
        if (version := rule_set.version_on(now().astimezone(CHINA).date())) is not None
    ]
    used: dict[str, list[tuple[RuleSet, list[str]]]] = {}
    for rule_set, version in holds:
        version.rule_set = rule_set
        types = version.types
        for source in dict.fromkeys(fact.source for fact in types.values()):
            rules = [
                name for name, _words, codes in fresh(version).readings if any(types[c].source == source for c in codes)
            ]
            if rules:
                used.setdefault(source, []).append((rule_set, rules))
    last = dict(
        SourceCall.objects.filter(outcome=protocol.ANSWERED).values_list("source").annotate(last=Max("at")).order_by()
    )
    every = dict.fromkeys(code for purpose in PURPOSES.values() for code in purpose.sources)
    rows = []
    for code in every:
        state = states.get(code)
        shut = state is not None and state.open_until is not None and state.open_until > now()
        rows.append(
            {"name": source_name(code), "outside": code in protocol.SOURCES, "state": state, "shut": shut,
             "last": last.get(code), "used": used.get(code, [])}
        )  # fmt: skip
    context = {
        "rows": rows,
        "page": Paginator(_calls(request), PER_PAGE).get_page(request.GET.get("page")),
        "named": source_name,
        "choices": [(code, source_name(code)) for code in protocol.SOURCES],
        "outcomes": protocol.OUTCOMES,
        "tones": protocol.TONES,
    }
    return render(request, "rules/sources.html", context)


def _time(at: Any) -> str:
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M:%S}"


RUNS = (
    Column(lazy("时间"), 20, "rules.Run.at", lambda run: _time(run.at)),
    Column(lazy("规则集"), 24, "rules.RuleSet.name", lambda run: run.rule_set.name),
    Column(lazy("版本"), 6, "rules.RuleVersion.number", lambda run: run.rule_version.number or ""),
    Column(lazy("对象"), 30, "rules.Run.subject_name", lambda run: run.subject_name),
    Column(lazy("代码或编号"), 22, "rules.Run.subject_key", lambda run: run.subject_key),
    Column(lazy("结论"), 10, "rules.Run.outcome", lambda run: str(OUTCOMES.get(run.outcome, _("正在询问")))),
    Column(lazy("档次"), 16, "rules.Run.label", lambda run: run.label),
    Column(lazy("发起人"), 20, "rules.Run.asked_by", lambda run: run.asked_by),
    Column(lazy("SM3"), 68, "rules.Run.sm3", lambda run: run.sm3),
    Column(lazy("事实"), 60, "rules.Run.facts", lambda run: run.facts),
)
RESULTS = (
    Column(lazy("时间"), 20, "rules.Run.at", lambda row: _time(row[0].at)),
    Column(lazy("规则集"), 24, "rules.RuleSet.name", lambda row: row[0].rule_set.name),
    Column(lazy("对象"), 30, "rules.Run.subject_name", lambda row: row[0].subject_name),
    Column(lazy("规则"), 24, "rules.RuleVersion.content", lambda row: row[1]["name"]),
    Column(lazy("答案"), 10, "rules.Run.outcome", lambda row: str(TRUTHS[row[1]["truth"]])),
    Column(lazy("说明"), 30, "rules.RuleVersion.content", lambda row: row[1]["note"]),
    Column(lazy("依据"), 80, "rules.Run.facts", lambda row: _evidence(row[1]["evidence"])),
)
CALLS = (
    Column(lazy("时间"), 20, "rules.SourceCall.at", lambda call: _time(call.at)),
    Column(lazy("数据源"), 20, "rules.SourceCall.source", lambda call: source_name(call.source)),
    Column(lazy("查询代码"), 22, "rules.SourceCall.key", lambda call: call.key),
    Column(lazy("结果"), 14, "rules.SourceCall.outcome", lambda call: str(protocol.OUTCOMES[call.outcome])),
    Column(lazy("毫秒"), 8, "rules.SourceCall.milliseconds", lambda call: call.milliseconds),
    Column(lazy("原因"), 30, "rules.SourceCall.why", lambda call: call.why),
    Column(lazy("答复"), 60, "rules.SourceCall.answer", lambda call: json.dumps(call.answer, ensure_ascii=False)),
)
LOGS = {
    "runs": (lazy("规则运行日志"), RUNS),
    "results": (lazy("规则结果日志"), RESULTS),
    "calls": (lazy("数据源调用日志"), CALLS),
}


def _evidence(rows: list[dict[str, Any]]) -> str:
    return "；".join(
        f"{one['fact']}={one['value']}（{source_name(one['source'])} {one['as_of']}{one['why']}）" for one in rows
    )


def _results(runs: QuerySet[Run]) -> Iterator[tuple[Run, dict[str, Any]]]:
    for run in runs.filter(state="kept"):
        for answer in json.loads(run.result)["answers"]:
            yield run, answer


@needs(EXPORT)
def export(request: HttpRequest, log: str) -> FileResponse:
    """Download one of the three logs, as filtered. Who took what out is recorded."""
    member, at = house_of(request), now()
    if log not in LOGS:
        raise Unknown(_("没有这种日志。"))
    name, columns = LOGS[log]
    rows: Any = _calls(request) if log == "calls" else _runs(request)
    sheet = export_sheet(
        str(name), columns, _results(rows) if log == "results" else rows, kind="rules.log_exported",
        subject=member.organisation, by=member, at=at, log=log,
    )  # fmt: skip
    return FileResponse(io.BytesIO(sheet.content), as_attachment=True, filename=f"{name}.xlsx")
