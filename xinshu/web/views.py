"""The components page: everything in every state, to look at while building."""

from datetime import timedelta

from django import forms
from django.conf import settings
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render

from xinshu.accounts.models import Member
from xinshu.accounts.requests import member_of
from xinshu.core import clock
from xinshu.core.doors import signed_in
from xinshu.core.lifecycle import Row


class SampleForm(forms.Form):
    """Fields of every kind."""

    amount = forms.CharField(label="保函金额", help_text="人民币肆佰捌拾陆万贰仟元整")
    expires_on = forms.DateField(label="有效期止", error_messages={"invalid": "请写成 2026-11-01 的样子"})
    kind = forms.ChoiceField(label="保函类型", choices=[("bid", "投标保函"), ("performance", "履约保函")])
    nature = forms.ChoiceField(
        label="担保方式", choices=[("demand", "见索即付"), ("fault", "违约责任")], widget=forms.RadioSelect
    )
    remark = forms.CharField(label="补充说明", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    agreed = forms.BooleanField(label="已阅读并同意《服务协议》")


ROWS = [
    Row("return", "退回补正", ("reviewing",), "returned", "guarantor", needs_reason=True),
    Row("decline", "拒绝承保", ("reviewing",), "declined", "guarantor", tone="dan", needs_reason=True,
        consequence="申请人会立即收到通知，这笔申请不能再提交。"),
    Row("approve", "复审通过", ("reviewing",), "approved", "guarantor", tone="pri",
        consequence="通过后向申请人报价，额度随即占用。"),
]  # fmt: skip


@signed_in
def organisations(request: HttpRequest) -> HttpResponse:
    """Show the organisations as which this person may act: fetched when the account menu opens, not with every page."""
    member = member_of(request)
    others = Member.objects.acting().filter(user=member.user_id).order_by("organisation__name")
    return render(request, "web/organisations.html", {"others": others})


def components(request: HttpRequest) -> HttpResponse:
    """Show all components in all states; only outside production."""
    if not (settings.DEMO or settings.TESTING):
        raise Http404
    now = clock.now()
    return render(
        request,
        "web/gallery.html",
        {
            "form": SampleForm(initial={"amount": "4,862,000.00"}),
            "wrong": SampleForm({"amount": "4,862,000.00", "expires_on": "明年"}, prefix="wrong"),
            "rows": ROWS,
            "page": Paginator(range(214), 10).get_page(request.GET.get("page")),
            "soon": now + timedelta(minutes=80),
            "started": now - timedelta(hours=5),
            "late": now - timedelta(minutes=35),
        },
    )
