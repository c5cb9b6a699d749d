"""报送记录: what was told to whom, in which state, and the acts of guarantor and receiver."""

import io
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_POST

from xinshu.accounts.requests import MemberRequest
from xinshu.core.clock import CHINA, now
from xinshu.core.doors import needs
from xinshu.exchange.actions import submissions as acts
from xinshu.exchange.forms import DecisionForm, SearchForm
from xinshu.exchange.lifecycle import SUBMISSION
from xinshu.exchange.models import InLine, Submission
from xinshu.exchange.queries import VIEWS, Search, submission_for
from xinshu.guarantees.queries import COUNT_UP_TO
from xinshu.ledger.exports import Column, export_sheet
from xinshu.web.posted import as_seen

PER_PAGE = 20
OF_SYSTEMS = {"send"}  # acts that no person does
DONE = {
    "receipt": lazy("回执已登记，这份报送计为已报送。"),
    "file": lazy("已备案。"),
    "return": lazy("已退回，保证人会收到您写的原因。"),
    "resend": lazy("已重新排队报送。"),
    "drop": lazy("已登记为不再报送，后面的报文继续。"),
}


@require_GET
@needs("guarantees.view")
def show(request: MemberRequest) -> HttpResponse:
    """List what exists for the member, newest first."""
    form, search = _searched(request)
    at = now()
    page = Paginator(search.found(request.member, at), PER_PAGE).get_page(request.GET.get("page"))
    tabs = [
        (str(label), f"{reverse('exchange:submissions')}?view={code}", _count(request, code), code == search.view)
        for code, (label, _condition) in VIEWS.items()
    ]
    context = {
        "page": page,
        "form": form,
        "search": search,
        "tabs": tabs,
        "applied": [name for name in ("q", "state", "event", "since", "until") if getattr(search, name)],
        "may_export": request.member.can("guarantees.export"),
    }
    return render(request, "exchange/submissions.html", context)


@require_GET
@needs("guarantees.view")
def detail(request: MemberRequest, reference: str) -> HttpResponse:
    """One message: what it told, how it travelled, what came back."""
    case = submission_for(request.member, reference, now())
    return render(
        request,
        "exchange/submission.html",
        {
            "case": case,
            "rows": [row for row in SUBMISSION.possible(case, request.member) if row.action not in OF_SYSTEMS],
            "tries": case.tries.order_by("-pk")[:50],
            "told": _told(case),
            "line": Submission.objects.visible_to(request.member, now()).filter(
                guarantee=case.guarantee, destination=case.destination
            ).order_by("number"),
        },
    )  # fmt: skip


@require_POST
@needs("guarantees.view")
def act(request: MemberRequest, reference: str, action: str) -> HttpResponse:
    """Acknowledge, file, return; send again, give up."""
    act_on(submission_for(request.member, reference, now()), action, request)
    return redirect("exchange:submission", reference)


def act_on(case: InLine, action: str, request: MemberRequest) -> None:
    """Do one act to a message, whatever it is about, as it was seen; say that it was done. Raises Http404."""
    at, by, form = now(), request.member, DecisionForm(request.POST)
    form.is_valid()
    case, told = as_seen(case, request), form.cleaned_data
    reason, receipt = told.get("reason", ""), told.get("receipt", "")
    if action == "receipt":
        acts.acknowledge(case, receipt=receipt, by=by, at=at)
    elif action == "file":
        acts.file_submission(case, receipt=receipt, by=by, at=at)
    elif action == "return":
        acts.return_submission(case, reason=reason, by=by, at=at)
    elif action == "resend":
        acts.resend(case, by=by, at=at)
    elif action == "drop":
        acts.drop(case, reason=reason, by=by, at=at)
    else:
        raise Http404
    messages.success(request, str(DONE[action]))


@require_GET
@needs("guarantees.export")
def export(request: MemberRequest) -> FileResponse:
    """Download what the filters leave, as Excel. Who took what out is recorded."""
    member, at = request.member, now()
    _form, search = _searched(request)
    found = search.found(member, at)
    last = max(filter(None, (row.guarantee.secret_until for row in found[:2_000])), default=None)
    made = export_sheet(
        _("报送记录"), COLUMNS, found.iterator(chunk_size=2_000), kind="submission.exported",
        subject=member.organisation, by=member, at=at, query=request.GET.urlencode()[:500],
        sealed_until=last if last is not None and last > at else None,
    )  # fmt: skip
    name = _("报送记录-%(moment)s.xlsx") % {"moment": at.astimezone(CHINA).strftime("%Y%m%d-%H%M")}
    return FileResponse(io.BytesIO(made.content), as_attachment=True, filename=name)


COLUMNS = (
    Column(lazy("保函编号"), 22, "guarantees.Guarantee.number", lambda row: row.guarantee.number),
    Column(lazy("事项"), 12, "exchange.Submission.event", lambda row: str(row.get_event_display())),
    Column(lazy("状态"), 12, "exchange.Submission.state", lambda row: row.standing.label),
    Column(lazy("接收方"), 32, "exchange.Submission.destination_name", lambda row: row.destination_name),
    Column(lazy("报送单号"), 20, "exchange.Submission.order", lambda row: row.order),
    Column(lazy("序号"), 6, "exchange.Submission.number", lambda row: row.number),
    Column(lazy("项目"), 44, "projects.Project.name", lambda row: row.guarantee.project.name),
    Column(lazy("申请人"), 32, "accounts.Organisation.name", lambda row: row.guarantee.applicant.name),
    Column(lazy("生成时间"), 18, "exchange.Submission.state", lambda row: _minute(row.created_at)),
    Column(lazy("送达时间"), 18, "exchange.Submission.state", lambda row: _minute(row.sent_at)),
    Column(lazy("回执时间"), 18, "exchange.Submission.state", lambda row: _minute(row.receipted_at)),
    Column(lazy("回执编号"), 24, "exchange.Submission.receipt", lambda row: row.receipt),
    Column(lazy("意见或退回原因"), 40, "exchange.Submission.answer", lambda row: row.answer),
)


def _searched(request: HttpRequest) -> tuple[SearchForm, Search]:
    form = SearchForm(request.GET)
    form.is_valid()
    return form, Search(**{name: value for name, value in form.cleaned_data.items() if value})


def _count(request: MemberRequest, view: str) -> int | str:
    number = Search(view=view).found(request.member, now()).order_by()[: COUNT_UP_TO + 1].count()
    return f"{COUNT_UP_TO:,}+" if number > COUNT_UP_TO else number


def _told(case: Submission) -> dict[str, Any]:
    """Return what leaves before the opening: of a sealed message the commitment alone."""
    return {} if case.event == Submission.Event.SEALED else case.content


def _minute(at: Any) -> str:
    return f"{at.astimezone(CHINA):%Y-%m-%d %H:%M}" if at else ""
