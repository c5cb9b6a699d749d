"""消息运营: what was sent and what failed, templates, channels. For the operator's people."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from xinshu.accounts.requests import member_of
from xinshu.core import clock
from xinshu.core.doors import needs
from xinshu.core.refusals import Refusal
from xinshu.messaging import templates as acts
from xinshu.messaging.channels import NEEDS_APPROVAL, NEEDS_TEMPLATE, provider_of
from xinshu.messaging.configuration import rows
from xinshu.messaging.forms import SentForm, TemplateForm, TestForm
from xinshu.messaging.kinds import CHANNELS, PRIORITIES, fill, kind_of, kinds
from xinshu.messaging.lifecycle import APPROVALS, MESSAGE, TEMPLATE
from xinshu.messaging.models import Call, Message, MessageTemplate
from xinshu.messaging.sending import decide_message
from xinshu.messaging.views.callbacks import callback_address
from xinshu.web.posted import as_seen

PER_PAGE = 50
VIEWS = {  # name: states
    "failed": ("failed",),
    "unknown": ("unknown",),
    "waiting": ("queued", "sending", "held"),
    "sent": ("sent", "delivered"),
    "suppressed": ("suppressed", "below", "collected"),
}


@require_GET
@needs("messaging.manage")
def sent(request: HttpRequest) -> HttpResponse:
    """List messages by what became of them; failures first."""
    form, at = SentForm(request.GET), clock.now()
    found = form.narrow(Message.objects.visible_to(request.member, at))  # type: ignore[attr-defined]
    view = request.GET.get("view", "")
    view = view if view in VIEWS else "failed"
    of_view = {name: Count("pk", filter=Q(state__in=states)) for name, states in VIEWS.items()}
    counts = found.order_by().aggregate(**of_view)
    shown = found.filter(state__in=VIEWS[view]).select_related("member__user").order_by("-pk")
    context = {
        "page": Paginator(shown, PER_PAGE).get_page(request.GET.get("page")),
        "counts": counts,
        "view": view,
        "asked_for": form.asked(),
        "label": _label,
        "kinds": kinds(),
        "channels": CHANNELS,
    }
    return render(request, "messaging/sent.html", context)


@require_GET
@needs("messaging.manage")
def message(request: HttpRequest, reference: str) -> HttpResponse:
    """Show one message: what was tried, what the provider said. Not its words: they are its addressee's."""
    member = member_of(request)
    shown = get_object_or_404(Message.objects.visible_to(member, clock.now()), reference=reference)
    context = {
        "message": shown,
        "possible": MESSAGE.possible(shown, member),
        "calls": shown.calls.order_by("-pk"),
        "receipts": shown.receipts.order_by("-pk"),
        "label": _label(shown.kind),
        "priority": PRIORITIES[shown.priority],
        "now": clock.now(),
    }
    return render(request, "messaging/message.html", context)


@require_POST
@needs("messaging.manage")
def decide(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Retry, resend or settle one message."""
    if action not in {"retry", "resend", "settle"}:
        raise Http404
    member = member_of(request)
    shown = get_object_or_404(Message.objects.visible_to(member, clock.now()), reference=reference)
    decide_message(as_seen(shown, request), action, request.POST.get("reason", "")[:300], by=member, at=clock.now())
    messages.success(request, _("已记下，消息会按您的决定处理。"))
    return redirect("messaging:message", reference)


@require_GET
@needs("messaging.manage")
def calls(request: HttpRequest) -> HttpResponse:
    """List the calls to providers, newest first; those about what is still secret are left out."""
    at = clock.now()
    known = Call.objects.filter(Q(message=None) | Q(message__sealed_until=None) | Q(message__sealed_until__lte=at))
    channel = request.GET.get("channel", "")
    if channel in CHANNELS:
        known = known.filter(channel=channel)
    page = Paginator(known.select_related("message").order_by("-pk"), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "messaging/calls.html", {"page": page, "channels": CHANNELS, "channel": channel})


@require_GET
@needs("messaging.manage")
def channels(request: HttpRequest) -> HttpResponse:
    """Show which provider serves which channel and what is set; secrets never leave the environment."""
    shown = []
    for channel, name in CHANNELS.items():
        provider = provider_of(channel)
        callback = callback_address(provider) if provider in {"aliyun", "tencent", "wechat"} else ""
        shown.append((channel, name, provider, rows(channel), callback))
    return render(request, "messaging/channels.html", {"channels": shown, "demo": settings.DEMO})


@require_GET
@needs("messaging.manage")
def templates(request: HttpRequest) -> HttpResponse:
    """List every kind of message with the template of each of its channels."""
    newest: dict[tuple[str, str], MessageTemplate] = {}
    active: dict[tuple[str, str], MessageTemplate] = {}
    for template in MessageTemplate.objects.visible_to(request.member).order_by("number"):  # type: ignore[attr-defined]
        newest[template.kind, template.channel] = template
        if template.state == "active":
            active[template.kind, template.channel] = template
    rows = [
        (
            kind,
            PRIORITIES[kind.priority],
            [
                (channel, CHANNELS[channel], active.get((kind.code, channel)), newest.get((kind.code, channel)))
                for channel in kind.channels
            ],
        )
        for kind in kinds()
    ]
    return render(request, "messaging/templates.html", {"rows": rows, "needs": NEEDS_TEMPLATE})


@require_http_methods(["GET", "POST"])
@needs("messaging.manage")
def template(request: HttpRequest, kind: str, channel: str) -> HttpResponse:
    """Show the versions of one template; POST begins or rewrites the draft."""
    declared = kind_of(kind)
    if declared is None or channel not in declared.channels:
        raise Http404
    member, at = request.member, clock.now()  # type: ignore[attr-defined]
    versions = list(MessageTemplate.objects.filter(kind=kind, channel=channel).order_by("-number"))
    draft = versions[0] if versions and versions[0].state == "draft" else None
    before = versions[0] if versions else None
    start = {
        "subject": before.subject if before else str(declared.label),
        "text": before.text if before else declared.text,
        "provider_code": before.provider_code if before else "",
    }
    form = TemplateForm(request.POST if request.method == "POST" else None, initial=start)
    if request.method == "POST" and form.is_valid():
        said = {name: form.cleaned_data[name] for name in ("subject", "text", "provider_code")}
        try:
            if draft is not None:
                acts.edit_template(draft, **said, by=member, at=at)
            else:
                acts.draft_template(kind, channel, **said, by=member, at=at)
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("草稿已保存，启用后生效。"))
            return redirect("messaging:template", kind, channel)
    return _template_page(request, form, versions, declared, channel, form.status)


@require_POST
@needs("messaging.manage")
def change_template(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Activate, retire, test a template, or ask its provider about it."""
    member, at = request.member, clock.now()  # type: ignore[attr-defined]
    found = as_seen(get_object_or_404(MessageTemplate.objects.visible_to(member), reference=reference), request)
    if action == "activate":
        acts.activate_template(found, by=member, at=at)
        said = _("模板已启用，新消息按此版本发送。")
    elif action == "retire":
        acts.retire_template(found, request.POST.get("reason", ""), by=member, at=at)
        said = _("模板已停用。")
    elif action == "ask":
        acts.ask_approval(found, by=member, at=at)
        said = _("正在询问服务商，稍后刷新可见结果。")
    elif action == "test":
        made = acts.test_template(found, request.POST.get("address", "")[:200], by=member, at=at)
        messages.success(request, _("测试消息已排队，发送结果见本页。"))
        return redirect("messaging:message", made.reference)
    else:
        raise Http404
    messages.success(request, said)
    return redirect("messaging:template", found.kind, found.channel)


def _template_page(
    request: HttpRequest, form: TemplateForm, versions: list[MessageTemplate], kind: Any, channel: str, status: int
) -> HttpResponse:
    member = member_of(request)
    context = {
        "form": form,
        "kind": kind,
        "channel": channel,
        "channel_name": CHANNELS[channel],
        "versions": [(one, TEMPLATE.possible(one, member), APPROVALS[one.approval]) for one in versions],
        "preview": fill(versions[0].text if versions else kind.text, kind.samples),
        "test": TestForm(),
        "asks": channel in NEEDS_APPROVAL and bool(provider_of(channel)),
        "needs_code": channel in NEEDS_TEMPLATE,
        "provider": provider_of(channel),
        "now": clock.now(),
    }
    return render(request, "messaging/template.html", context, status=status)


def _label(code: str) -> str:
    kind = kind_of(code)
    return str(kind.label) if kind else code
