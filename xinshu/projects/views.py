"""工程项目: the list, one project, entering and amending it, its award and its files."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from xinshu.accounts.requests import member_of
from xinshu.core.clock import now
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid
from xinshu.documents.uploads import read_upload
from xinshu.projects import actions, queries
from xinshu.projects.forms import AttachForm, AwardForm, FiltersForm, ProjectForm
from xinshu.projects.lifecycle import LIFECYCLE
from xinshu.projects.models import Party, Project
from xinshu.projects.story import story_of
from xinshu.web.posted import as_seen

PER_PAGE = 20


@needs("guarantees.view")
def projects_page(request: HttpRequest) -> HttpResponse:
    """The projects that exist for this person; the URL is the view."""
    member, at = member_of(request), now()
    filters = FiltersForm(request.GET)
    filters.is_valid()
    asked = filters.cleaned_data
    mine = asked.get("view") == "mine"
    narrowed = {name: asked.get(name, "") for name in ("q", "kind", "state", "sort")}
    page = Paginator(queries.projects(member, at, mine=mine, **narrowed), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page": page,
        "filters": filters,
        "narrowed": narrowed,
        "mine": mine,
        "kinds": dict(Project.Kind.choices),
        "states": LIFECYCLE.states,
        "may_register": member.can("projects.edit"),
    }
    return render(request, "projects/list.html", context)


@needs("projects.edit")
def register_page(request: HttpRequest) -> HttpResponse:
    """Enter a project, then go on to where the person came from (the wizard)."""
    member = member_of(request)
    initial = {"buyer": member.organisation.name} if member.can("guarantees.release") else {}
    form = ProjectForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            project = actions.register_project(**form.cleaned_data, by=member, at=now())
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("项目已登记。"))
            return _onward(request, project)
    context = {"form": form, "next": request.POST.get("next", request.GET.get("next", ""))}
    return render(request, "projects/form.html", context, status=form.status)


@needs("guarantees.view")
def project_page(request: HttpRequest, reference: str) -> HttpResponse:
    """One project with its amounts, parties, files and history."""
    member = member_of(request)
    project = queries.project_for(member, reference, now())
    inside = "registrant" in project.sides_of(member)
    context = {
        "project": project,
        "state": LIFECYCLE.states[project.state],
        "parties": project.parties.select_related("organisation"),
        "inside": inside,
        "acts": {row.action for row in LIFECYCLE.possible(project, member)},
        "files": queries.files_of(project, member) if inside else [],
        "story": story_of(project) if inside else [],
    }
    return render(request, "projects/detail.html", context)


@needs("projects.edit")
def amend_page(request: HttpRequest, reference: str) -> HttpResponse:
    """Correct what was entered."""
    member = member_of(request)
    project = queries.project_for(member, reference, now())
    LIFECYCLE.step("amend", project, member)
    initial = {name: getattr(project, name) for name in actions.FACTS} | {
        "buyer": project.buyer.name,
        "labour_department": project.labour_department.name if project.labour_department else "",
    }
    form = ProjectForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        facts = form.cleaned_data
        if facts["buyer"] == project.buyer.name:
            facts["buyer"] = project.buyer
        if project.labour_department and facts["labour_department"] == project.labour_department.name:
            facts["labour_department"] = project.labour_department
        try:
            actions.amend_project(as_seen(project, request), by=member, at=now(), **facts)
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("项目修改已保存。"))
            return redirect("projects:detail", reference)
    return render(
        request, "projects/form.html", {"form": form, "project": project, "version": _version(project, request)},
        status=form.status,
    )  # fmt: skip


@needs("projects.edit")
def award_page(request: HttpRequest, reference: str) -> HttpResponse:
    """Enter who won."""
    member = member_of(request)
    project = queries.project_for(member, reference, now())
    LIFECYCLE.step("record_award", project, member)
    form = AwardForm(request.POST or None, initial=_award_of(project))
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        try:
            actions.record_award(
                as_seen(project, request),
                winner=typed["winner"],
                members=typed["members"],
                amount=typed["award_amount"],
                award_source=typed["award_source"],
                by=member,
                at=now(),
            )
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("中标结果已登记。"))
            return redirect("projects:detail", reference)
    return render(
        request, "projects/award.html", {"form": form, "project": project, "version": _version(project, request)},
        status=form.status,
    )  # fmt: skip


@require_POST
@needs("projects.edit")
def attach(request: HttpRequest, reference: str) -> HttpResponse:
    """Keep a file with the project."""
    member = member_of(request)
    project = queries.project_for(member, reference, now())
    form = AttachForm(request.POST, request.FILES)
    if not form.is_valid():
        raise Invalid(_("没有选择文件。"), advice=_("请选择文件后再上传。"))
    upload = form.cleaned_data["file"]
    kept = actions.attach_file(as_seen(project, request), read_upload(upload), upload.name, by=member, at=now())
    messages.success(request, _("已保存 %(name)s。") % {"name": kept.name})
    return redirect("projects:detail", reference)


def _version(project: Project, request: HttpRequest) -> int:
    """The version that the person saw: the posted one, so that a page shown again after a refusal stays honest."""
    posted = request.POST.get("version", "")
    return int(posted) if posted.isascii() and posted.isdecimal() and len(posted) < 10 else project.version


def _award_of(project: Project) -> dict[str, Any]:
    parties = list(project.parties.select_related("organisation"))
    names = {role: [party.organisation.name for party in parties if party.role == role] for role in Party.Role}
    return {
        "winner": "".join(names[Party.Role.WINNER]),
        "members": "\n".join(names[Party.Role.CONSORTIUM_MEMBER]),
        "award_amount": project.award_amount,
        "award_source": project.award_source,
    }


def _onward(request: HttpRequest, project: Project) -> HttpResponse:
    onward = request.POST.get("next", "")
    if onward.startswith("/") and url_has_allowed_host_and_scheme(onward, {request.get_host()}, request.is_secure()):
        return redirect(f"{onward}{'&' if '?' in onward else '?'}project={project.reference}")
    return redirect("projects:detail", project.reference)
