"""Addresses for the tests of this floor: pages that refuse in every way, and stand-ins for the contexts above."""

from django.core.exceptions import BadRequest, PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.urls import include, path

from xinshu.accounts.models import Organisation
from xinshu.core.refusals import Changed, Invalid, NotNow, NotPermitted, Refusal, Unknown
from xinshu.web.navigation import Entry, Section

RAISED = {
    "refusal": Refusal("额度不足，还差 3,200.00 元。", advice="请先归还部分额度。"),
    "invalid": Invalid("金额不能为空。", fields={"amount": "请填写金额。"}),
    "unknown": Unknown("没有找到这笔保函。"),
    "not_permitted": NotPermitted("您没有“签发”的权限。", advice="请联系管理员。"),
    "not_now": NotNow("已解保，不能签发。", advice="刷新页面可以看到最新进展。"),
    "changed": Changed("这笔业务已被改过。"),
    "http404": Http404("Guarantee 3 does not exist"),
    "permission_denied": PermissionDenied("internal detail"),
    "suspicious": SuspiciousOperation("internal detail"),
    "bad_request": BadRequest("internal detail"),
    "too_big": RequestDataTooBig("internal detail"),
    "database": OperationalError("database is locked"),
    "bug": ZeroDivisionError("internal detail"),
}

NAVIGATION = (
    Section("top", "", (Entry("工作台", "home", "portal:workbench", tab="工作台", badge="todo"),)),
    Section(
        "cases",
        "电子保函",
        (
            Entry("申请保函", "plus", "guarantees:new", "guarantees.apply"),
            Entry("保函台账", "doc", "guarantees:list", "guarantees.view"),
            Entry("尚未建成", "doc", "nowhere:list"),
        ),
    ),
    Section("watch", "监督", (Entry("监督台", "flag", "guarantees:watch", kinds=("department",)),)),
)


def refuse(request: HttpRequest, name: str) -> HttpResponse:
    """Raise what `name` stands for; a Changed about an organisation when the query says which."""
    if case := request.GET.get("case"):
        raise Changed("这笔业务已被改过。", case=Organisation.objects.get(pk=case))
    raise RAISED[name]


def remember(request: HttpRequest) -> HttpResponse:
    """Put something into the session."""
    request.session["remembered"] = True
    return HttpResponse("ok")


def page(request: HttpRequest) -> HttpResponse:
    """Stand in for a page of a context above."""
    return HttpResponse("ok")


STAND_INS = {"portal": ["home", "workbench"], "guarantees": ["list", "new", "watch"], "messaging": ["list"]}

urlpatterns = [
    path("refuse/<str:name>/", refuse),
    path("remember/", remember),
    path("", include("xinshu.web.urls")),
    path("", include("xinshu.accounts.urls")),
    *(
        path(f"{space}/", include(([path(f"{name}/", page, name=name) for name in names], space)))
        for space, names in STAND_INS.items()
    ),
]

handler400 = "xinshu.web.errors.bad_request"
handler403 = "xinshu.web.errors.forbidden"
handler404 = "xinshu.web.errors.not_found"
handler500 = "xinshu.web.errors.broken"
