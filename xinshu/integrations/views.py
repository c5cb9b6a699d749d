"""系统对接: clients, their keys, the call log, subscriptions and what was sent. For the house's own administrator."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Max, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from xinshu.accounts.requests import MemberRequest
from xinshu.core import clock
from xinshu.core.doors import needs, signed_in
from xinshu.core.refusals import Refusal, Unknown
from xinshu.integrations import events
from xinshu.integrations.actions import clients as acts
from xinshu.integrations.actions import webhooks
from xinshu.integrations.actions.keys import OVERLAP, issue_key, revoke_key
from xinshu.integrations.forms import (
    ActForm,
    CallsForm,
    ClientForm,
    GrantForm,
    KeyForm,
    LimitForm,
    SubscriptionForm,
)
from xinshu.integrations.leaving import in_words
from xinshu.integrations.lifecycle import CLIENT, MANAGE, SUBSCRIPTION
from xinshu.integrations.log import Search, export_calls
from xinshu.integrations.models import ApiClient, ApiKey, Call, Subscription
from xinshu.integrations.scopes import words_of
from xinshu.web.posted import as_seen

PER_PAGE = 20
CALLS_PER_PAGE = 50
OWN_FORMS = ("amend", "limit", "issue_key")  # acts with a form of their own


@needs(MANAGE)
def clients(request: MemberRequest) -> HttpResponse:
    """The clients of one's house."""
    found = ApiClient.objects.visible_to(request.member).select_related("principal__user").order_by("-pk")
    found = found.annotate(
        called_at=Max("keys__last_used_at"), live=Count("keys", filter=Q(keys__revoked_at=None), distinct=True)
    )
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "integrations/clients.html", {"page": page, "words_of": words_of})


@needs(MANAGE)
def new_client(request: MemberRequest) -> HttpResponse:
    """Propose a client."""
    form = ClientForm(request.POST or None, organisation=request.member.organisation)
    if form.is_valid():
        try:
            made = acts.propose_client(**form.cleaned_data, by=request.member, at=clock.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("已登记，等 %(name)s 确认授权。") % {"name": made.principal.user.name})
            return redirect("integrations:client", made.reference)
    return render(request, "integrations/client_form.html", {"form": form}, status=form.status)


@signed_in
def client(request: MemberRequest, reference: str) -> HttpResponse:
    """One client: what it may do, its keys, what it is told of, what it called lately."""
    case = _client(request, reference)
    return render(request, "integrations/client.html", _shown(request, case))


def _shown(request: MemberRequest, case: ApiClient, **more: Any) -> dict[str, Any]:
    manages = request.member.can(MANAGE)
    possible = {row.action: row for row in CLIENT.possible(case, request.member)}
    return {
        "case": case,
        "scopes": words_of(case.scopes),
        "manages": manages,
        "rows": [row for action, row in possible.items() if action not in OWN_FORMS],
        "may": set(possible),
        "keys": case.keys.order_by("-pk")[:30] if manages else [],
        "overlap": int(OVERLAP.total_seconds() // 3600),
        "subscriptions": case.subscriptions.exclude(state="closed").order_by("pk") if manages else [],
        "event_words": events.words_of,
        "calls": case.calls.order_by("-pk")[:8],
        "key_form": KeyForm(client=case) if manages else None,
    } | more


@needs(MANAGE)
def grant(request: MemberRequest, reference: str) -> HttpResponse:
    """Change in whose name it acts and what it may do."""
    case = _client(request, reference)
    CLIENT.step("amend", case, request.member)
    initial = {"principal": case.principal_id, "scopes": case.scopes}
    form = GrantForm(request.POST or None, organisation=case.organisation, initial=initial)
    if form.is_valid():
        try:
            acts.amend_client(as_seen(case, request), **form.cleaned_data, by=request.member, at=clock.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("已修改，等代表人重新确认。确认前调用会被拒绝。"))
            return redirect("integrations:client", reference)
    context = {"form": form, "case": case, "what": "grant"}
    return render(request, "integrations/client_form.html", context, status=form.status)


@needs(MANAGE)
def limits(request: MemberRequest, reference: str) -> HttpResponse:
    """Change from where and how often it may call."""
    case = _client(request, reference)
    CLIENT.step("limit", case, request.member)
    initial = {"networks": "\n".join(case.networks), "per_minute": case.per_minute}
    form = LimitForm(request.POST or None, initial=initial)
    if form.is_valid():
        try:
            acts.limit_client(as_seen(case, request), **form.cleaned_data, by=request.member, at=clock.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("限制已保存，立即生效。"))
            return redirect("integrations:client", reference)
    context = {"form": form, "case": case, "what": "limits"}
    return render(request, "integrations/client_form.html", context, status=form.status)


@never_cache
@require_POST
@needs(MANAGE)
def new_key(request: MemberRequest, reference: str) -> HttpResponse:
    """Issue a key and show its secret, this once."""
    case = _client(request, reference)
    form = KeyForm(request.POST, client=case)
    if form.is_valid():
        try:
            key, secret = issue_key(as_seen(case, request), **form.cleaned_data, by=request.member, at=clock.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return render(request, "integrations/secret.html", {"case": case, "key": key, "secret": secret})
    return render(request, "integrations/client.html", _shown(request, case, key_form=form), status=form.status)


@require_POST
@needs(MANAGE)
def revoke(request: MemberRequest, reference: str, code: str) -> HttpResponse:
    """Revoke a key."""
    case = _client(request, reference)
    key = ApiKey.objects.filter(client=case, code=code).first()
    if key is None:
        raise Unknown(_("没有找到这个密钥。"))
    revoke_key(key, by=request.member, at=clock.now())
    messages.success(request, _("密钥 %(code)s 已作废。") % {"code": key.code})
    return redirect("integrations:client", reference)


CLIENT_ACTS = {
    "confirm": (acts.confirm_client, _("授权已确认，客户端已启用。")),
    "pause": (acts.pause_client, _("已停用，调用会被拒绝。")),
    "resume": (acts.resume_client, _("已恢复启用。")),
    "close": (acts.close_client, _("已注销，密钥全部作废。")),
}


@require_POST
@signed_in
def client_act(request: MemberRequest, reference: str, action: str) -> HttpResponse:
    """Do one act of the client's lifecycle."""
    case = _client(request, reference)
    if action not in CLIENT_ACTS:
        raise Unknown(_("没有这项操作。"))
    doing, done = CLIENT_ACTS[action]
    doing(as_seen(case, request), **_reason(request, action), by=request.member, at=clock.now())  # type: ignore[operator]
    messages.success(request, done)
    return redirect("integrations:client", reference)


@never_cache
@needs(MANAGE)
def subscribe(request: MemberRequest, reference: str) -> HttpResponse:
    """Open a subscription and show its secret, this once."""
    case = _client(request, reference)
    CLIENT.step("limit", case, request.member)
    form = SubscriptionForm(request.POST or None)
    if form.is_valid():
        try:
            made, secret = webhooks.open_subscription(case, **form.cleaned_data, by=request.member, at=clock.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            return render(request, "integrations/secret.html", {"case": case, "subscription": made, "secret": secret})
    return render(request, "integrations/subscribe.html", {"form": form, "case": case}, status=form.status)


@needs(MANAGE)
def subscriptions(request: MemberRequest) -> HttpResponse:
    """Everything that the house's systems are told of."""
    found = Subscription.objects.visible_to(request.member).select_related("client").order_by("-pk")
    page = Paginator(found, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "integrations/subscriptions.html", {"page": page, "event_words": events.words_of})


@needs(MANAGE)
def subscription(request: MemberRequest, reference: str) -> HttpResponse:
    """One subscription: what was sent, what came back, and sending again."""
    case = _subscription(request, reference)
    found = case.sendings.prefetch_related("attempts").order_by("-pk")
    state = request.GET.get("state", "")
    if state in ("waiting", "sent", "held", "dropped"):
        found = found.filter(state=state)
    return render(
        request,
        "integrations/subscription.html",
        {
            "case": case,
            "rows": SUBSCRIPTION.possible(case, request.member),
            "page": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
            "state": state,
            "event_words": events.words_of,
            "in_words": in_words,
            "event_key": webhooks.platform_key().public_hex,
        },
    )


@require_POST
@needs(MANAGE)
def subscription_act(request: MemberRequest, reference: str, action: str) -> HttpResponse:
    """Do one act of the subscription's lifecycle."""
    case = _subscription(request, reference)
    if action not in SUBSCRIPTION_ACTS:
        raise Unknown(_("没有这项操作。"))
    doing, done = SUBSCRIPTION_ACTS[action]
    doing(as_seen(case, request), **_reason(request, action), by=request.member, at=clock.now())  # type: ignore[operator]
    messages.success(request, done)
    return redirect("integrations:subscription", reference)


SUBSCRIPTION_ACTS = {
    "pause": (webhooks.pause_subscription, _("推送已暂停，事件会暂存。")),
    "resume": (webhooks.resume_subscription, _("推送已恢复，正在补推暂存的事件。")),
    "close": (webhooks.close_subscription, _("订阅已取消。")),
}


@require_POST
@needs(MANAGE)
def replay_sending(request: MemberRequest, reference: str, number: int) -> HttpResponse:
    """Send an event once more."""
    case = _subscription(request, reference)
    sending = case.sendings.filter(pk=min(number, 2**62)).select_related("entry").first()
    if sending is None:
        raise Unknown(_("没有找到这次推送。"))
    webhooks.replay(sending, by=request.member, at=clock.now())
    messages.success(request, _("已重新排队推送。"))
    return redirect("integrations:subscription", reference)


@needs(MANAGE)
def calls(request: MemberRequest) -> HttpResponse:
    """Search the call log."""
    form, search = _searched(request)
    found = search.found(request.member)
    before = form.cleaned_data.get("before")
    if before:
        found = found.filter(pk__lt=before)
    rows: list[Call] = list(found[: CALLS_PER_PAGE + 1])
    shown = rows[:CALLS_PER_PAGE]
    context = {
        "form": form,
        "rows": shown,
        "in_words": in_words,
        "earlier": str(shown[-1].pk) if len(rows) > CALLS_PER_PAGE else "",
        "clients": [
            ("", _("全部系统")),
            *ApiClient.objects.visible_to(request.member).values_list("reference", "name"),
        ],
    }
    return render(request, "integrations/calls.html", context)


@require_POST
@needs(MANAGE)
def calls_export(request: MemberRequest) -> HttpResponse:
    """Take what the filters find away as an Excel file."""
    _form, search = _searched(request)
    at = clock.now()
    content = export_calls(search, by=request.member, at=at)
    response = HttpResponse(content, content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")
    response["Content-Disposition"] = f'attachment; filename="api-calls-{at.astimezone(clock.CHINA):%Y%m%d-%H%M}.xlsx"'
    return response


def _searched(request: MemberRequest) -> tuple[CallsForm, Search]:
    form = CallsForm(request.GET)
    form.is_valid()
    told = {name: value for name, value in form.cleaned_data.items() if value and name != "before"}
    return form, Search(**told)


def _client(request: MemberRequest, reference: str) -> ApiClient:
    found = ApiClient.objects.visible_to(request.member).filter(reference=reference)
    case = found.select_related("organisation", "principal__user", "principal__organisation").first()
    if case is None:
        raise Unknown(_("没有找到这个接口客户端。"))
    return case


def _subscription(request: MemberRequest, reference: str) -> Subscription:
    found = Subscription.objects.visible_to(request.member).filter(reference=reference)
    case = found.select_related("client__organisation").first()
    if case is None:
        raise Unknown(_("没有找到这个订阅。"))
    return case


def _reason(request: HttpRequest, action: str) -> dict[str, str]:
    if action != "close":
        return {}
    form = ActForm(request.POST)
    form.is_valid()
    return {"reason": form.cleaned_data.get("reason", "")}
