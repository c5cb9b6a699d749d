"""项目同步: what came, where it differs from what people typed, what went; deciding per source, rules, messages."""

import io
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinshu.accounts.models import Organisation
from xinshu.accounts.requests import MemberRequest
from xinshu.core.clock import CHINA, now
from xinshu.core.doors import needs
from xinshu.core.lifecycle import State
from xinshu.core.refusals import Changed, Invalid
from xinshu.exchange.lifecycle import DIFFERENCE, EDIT, PROJECT_MESSAGE, SUPERVISE
from xinshu.exchange.models import Difference, ProjectMessage, ProjectRecord
from xinshu.exchange.projects import comparing, receiving
from xinshu.exchange.projects.facts import FIELDS, REVEALING, in_words
from xinshu.exchange.projects.forms import RulesForm, SearchForm, SeenForm
from xinshu.exchange.projects.queries import VIEWS, Search, difference_for, message_for, record_for
from xinshu.exchange.views.submissions import act_on
from xinshu.guarantees.queries import COUNT_UP_TO
from xinshu.ledger.exports import Column, export_sheet
from xinshu.projects.actions import AlreadyRegistered
from xinshu.projects.models import Project
from xinshu.web.posted import as_seen

PER_PAGE = 20
CONFLICT_DONE = {"adopt": lazy("已改用这份来文。"), "dismiss": lazy("已弃用这份来文，原来的继续有效。")}


@require_GET
@needs("guarantees.view")
def show(request: MemberRequest) -> HttpResponse:
    """List what came, what differs, or what went."""
    member, at, search = request.member, now(), _searched(request)
    page = Paginator(search.found(member, at), PER_PAGE).get_page(request.GET.get("page"))
    tabs = [
        (str(label), f"?view={view}", _count(Search(view=view).found(member, at)), view == search.view)
        for view, label in VIEWS.items()
    ]
    sources = Organisation.objects.filter(pk__in=ProjectRecord.objects.visible_to(member).values("source"))
    context = {
        "page": page,
        "search": search,
        "tabs": tabs,
        "sources": [("", _("全部来源")), *sources.order_by("name").values_list("pk", "name")],
        "states": _states(search.view),
        "state_choices": [(code, state.label) for code, state in _states(search.view).items()],
        "may_export": member.can("guarantees.export"),
        "labels": FIELDS,
        "in_words": in_words,
    }
    return render(request, "exchange/project_sync.html", context)


@require_GET
@needs("guarantees.view")
def record(request: MemberRequest, reference: str) -> HttpResponse:
    """One project as its source tells it, beside the registrations of the member's own house."""
    return _record_page(request, record_for(request.member, reference))


@require_POST
@needs(EDIT)
def register(request: MemberRequest, reference: str) -> HttpResponse:
    """Register the source's project for one's own house."""
    found = record_for(request.member, reference)
    if _seen(request) != found.version:
        raise Changed(_("对方刚推送了新版本，没有登记。"), advice=_("请先看最新内容，再登记。"))
    try:
        made = receiving.register_from(found, by=request.member, at=now())
    except AlreadyRegistered as refusal:
        messages.info(request, refusal.message)
        return redirect("projects:detail", refusal.project.reference)
    messages.success(request, _("项目已登记到本单位，之后对方的改动会提醒您。"))
    return redirect("projects:detail", made.reference)


@require_POST
@needs(SUPERVISE)
def settle(request: MemberRequest, reference: str, number: int, action: str) -> HttpResponse:
    """Let the source's people choose between two contents of one version."""
    found = record_for(request.member, reference)
    arrival = found.arrivals.filter(pk=min(number, 2**62)).first()
    if arrival is None or action not in CONFLICT_DONE:
        raise Http404
    receiving.settle_conflict(arrival, adopt=action == "adopt", by=request.member, at=now())
    messages.success(request, str(CONFLICT_DONE[action]))
    return redirect("exchange:record", reference)


@require_POST
@needs(EDIT)
def decide(request: MemberRequest, reference: str, action: str) -> HttpResponse:
    """Take the source's word, or keep one's own."""
    row = as_seen(difference_for(request.member, reference), request)
    if action == "take":
        comparing.take_theirs(row, by=request.member, at=now())
        messages.success(request, _("已采用对方的内容，原来填写的留在办理记录里。"))
    elif action == "keep":
        comparing.keep_ours(row, by=request.member, at=now())
        messages.success(request, _("已保留本单位的内容；对方再改这一项时会提醒您。"))
    else:
        raise Http404
    return redirect("exchange:record", row.record.reference)


@require_http_methods(["GET", "POST"])
@needs(EDIT)
def rules(request: MemberRequest, reference: str) -> HttpResponse:
    """Which side wins without asking: per field, for the source of this record and one's own house."""
    found, member = record_for(request.member, reference), request.member
    form = RulesForm(request.POST or None, initial=comparing.rules_of(member.organisation, found.source))
    if request.method == "POST":
        if not form.is_valid():
            raise Invalid(_("取用规则没有保存：有读不懂的选项。"), advice=_("请刷新页面后重新选择。"))
        comparing.set_rules(found.source, form.wins, by=member, at=now())
        messages.success(request, _("取用规则已保存，等待决定的差异已按规则处理。"))
        return redirect("exchange:record", reference)
    return render(request, "exchange/project_rules.html", {"found": found, "form": form, "revealing": REVEALING})


@require_GET
@needs("guarantees.view")
def message(request: MemberRequest, reference: str) -> HttpResponse:
    """One message about a project: what it told, how it travelled, what came back."""
    case = message_for(request.member, reference, now())
    context = {
        "case": case,
        "rows": [row for row in PROJECT_MESSAGE.possible(case, request.member) if row.action != "send"],
        "tries": case.tries.order_by("-pk")[:50],
        "told": [(FIELDS[name], in_words(name, case.content.get(name))) for name in FIELDS if name in case.content],
        "line": ProjectMessage.objects.visible_to(request.member, now()).filter(pk__in=case.line).order_by("number"),
        "inside": case.project.registered_by_id == request.member.organisation_id,
    }
    return render(request, "exchange/project_message.html", context)


@require_POST
@needs("guarantees.view")
def act(request: MemberRequest, reference: str, action: str) -> HttpResponse:
    """Acknowledge, file, return; send again, give up."""
    act_on(message_for(request.member, reference, now()), action, request)
    return redirect("exchange:project_message", reference)


@require_GET
@needs("guarantees.export")
def export(request: MemberRequest) -> FileResponse:
    """Download what the filters leave, as Excel. Who took what out is recorded."""
    member, at, search = request.member, now(), _searched(request)
    rows = search.found(member, at)
    secret = rows[:2_000] if search.view == "differ" else []
    last = max(filter(None, (row.project.secret_until for row in secret)), default=None)
    made = export_sheet(
        str(_("项目同步")), SHEETS[search.view], rows.iterator(chunk_size=2_000), kind="project_sync.exported",
        subject=member.organisation, by=member, at=at, query=request.GET.urlencode()[:500],
        sealed_until=last if last is not None and last > at else None,
    )  # fmt: skip
    name = _("项目同步-%(moment)s.xlsx") % {"moment": at.astimezone(CHINA).strftime("%Y%m%d-%H%M")}
    return FileResponse(io.BytesIO(made.content), as_attachment=True, filename=name)


def _minute(at: Any) -> str:
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}" if at else ""


SHEETS = {
    "": (
        Column(lazy("项目"), 50, "exchange.ProjectRecord.name", lambda row: row.name),
        Column(lazy("招标（标段）编号"), 24, "exchange.ProjectRecord.number", lambda row: row.number),
        Column(lazy("来源"), 30, "accounts.Organisation.name", lambda row: row.source.name),
        Column(lazy("来源编号"), 24, "exchange.ProjectRecord.external_id", lambda row: row.external_id),
        Column(lazy("版本"), 8, "exchange.ProjectRecord.version", lambda row: row.version),
        Column(lazy("撤回"), 8, "exchange.ProjectRecord.name", lambda row: _("已撤回") if row.withdrawn else ""),
        Column(lazy("最近变动"), 18, "exchange.ProjectRecord.version", lambda row: _minute(row.changed_at)),
        Column(lazy("待决定的差异"), 14, "exchange.ProjectRecord.version", lambda row: row.waiting),
    ),
    "differ": (
        Column(lazy("项目"), 50, "projects.Project.name", lambda row: row.project.name),
        Column(lazy("招标（标段）编号"), 24, "projects.Project.number", lambda row: row.project.number),
        Column(lazy("内容"), 16, "exchange.Difference.field", lambda row: str(FIELDS.get(row.field, row.field))),
        Column(lazy("对方"), 40, "exchange.Difference.theirs", lambda row: in_words(row.field, row.theirs)),
        Column(lazy("本单位"), 40, "exchange.Difference.ours", lambda row: in_words(row.field, row.ours)),
        Column(lazy("来源"), 30, "accounts.Organisation.name", lambda row: row.record.source.name),
        Column(lazy("状态"), 12, "exchange.Difference.state", lambda row: row.standing.label),
        Column(lazy("决定人"), 24, "exchange.Difference.decider", lambda row: row.decider),
    ),
    "sent": (
        Column(lazy("项目"), 50, "projects.Project.name", lambda row: row.content.get("name", "")),
        Column(lazy("招标（标段）编号"), 24, "exchange.ProjectMessage.lot", lambda row: row.content.get("number", "")),
        Column(lazy("事项"), 10, "exchange.ProjectMessage.event", lambda row: str(row.get_event_display())),
        Column(lazy("序号"), 6, "exchange.ProjectMessage.number", lambda row: row.number),
        Column(lazy("接收方"), 32, "exchange.ProjectMessage.destination_name", lambda row: row.destination_name),
        Column(lazy("状态"), 12, "exchange.ProjectMessage.state", lambda row: row.standing.label),
        Column(lazy("回执编号"), 24, "exchange.ProjectMessage.receipt", lambda row: row.receipt),
        Column(lazy("回执时间"), 18, "exchange.ProjectMessage.state", lambda row: _minute(row.receipted_at)),
        Column(lazy("退回原因"), 40, "exchange.ProjectMessage.answer", lambda row: row.answer),
    ),
}


def _record_page(request: MemberRequest, found: ProjectRecord) -> HttpResponse:
    member, at = request.member, now()
    mine = Difference.objects.visible_to(member).filter(record=found).select_related("project")
    by_project: dict[int, list[Difference]] = {}
    for row in mine.order_by("pk"):
        by_project.setdefault(row.project_id, []).append(row)
    own = Project.objects.visible_to(member, at).filter(registered_by=member.organisation_id, number=found.number)
    projects = list(own.exclude(number="").order_by("pk"))
    context = {
        "found": found,
        "told": [(FIELDS[name], in_words(name, found.facts.get(name))) for name in FIELDS if name in found.facts],
        "arrivals": found.arrivals.all()[:50] if found.source_id == member.organisation_id else [],
        "is_source": found.source_id == member.organisation_id and member.can(SUPERVISE),
        "beside": [(project, by_project.get(project.pk, [])) for project in projects],
        "may_edit": member.can(EDIT),
        "possible": {row.pk: {one.action for one in DIFFERENCE.possible(row, member)} for row in mine},
        "labels": FIELDS,
        "in_words": in_words,
    }
    return render(request, "exchange/project_record.html", context)


def _searched(request: HttpRequest) -> Search:
    form = SearchForm(request.GET)
    form.is_valid()
    return Search(**{name: value for name, value in form.cleaned_data.items() if value})


def _states(view: str) -> dict[str, State]:
    return DIFFERENCE.states if view == "differ" else PROJECT_MESSAGE.states


def _seen(request: HttpRequest) -> int:
    form = SeenForm(request.POST)
    form.is_valid()
    return form.cleaned_data.get("seen") or 0


def _count(rows: Any) -> int | str:
    number = rows.order_by()[: COUNT_UP_TO + 1].count()
    return f"{COUNT_UP_TO:,}+" if number > COUNT_UP_TO else number
