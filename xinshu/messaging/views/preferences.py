"""消息设置: which channels a person wants, when, and where they are reached."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from xinshu.accounts.models import Member
from xinshu.accounts.requests import member_of
from xinshu.core import clock
from xinshu.core.doors import signed_in
from xinshu.core.refusals import Refusal
from xinshu.messaging import preferences as acts
from xinshu.messaging.channels import provider_of
from xinshu.messaging.channels.wire import masked
from xinshu.messaging.forms import PreferenceForm, TopicForm
from xinshu.messaging.kinds import CHANNELS, CRITICAL, MAIL, PUSH, SMS, WECHAT, kinds
from xinshu.messaging.models import Address, Preference, QuietHours, TopicRule
from xinshu.messaging.timing import DEFAULTS, QUIET, Wish
from xinshu.messaging.topics import TOPICS
from xinshu.messaging.wishes import wishes_of


@require_http_methods(["GET", "POST"])
@signed_in
def preferences(request: HttpRequest) -> HttpResponse:
    """Show and keep a person's wishes."""
    member = member_of(request)
    form = PreferenceForm(request.POST if request.method == "POST" else None, initial=_present(member))
    if request.method == "POST" and form.is_valid():
        begins, ends = form.cleaned_data["begins"], form.cleaned_data["ends"]
        try:
            acts.set_preferences(form.wishes(), begins, ends, by=member, at=clock.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("消息设置已保存。"))
            return redirect("messaging:preferences")
    return _page(request, form, status=form.status)


def _page(
    request: HttpRequest, form: PreferenceForm, *, status: int = 200, code: str = "", wrong: str = ""
) -> HttpResponse:
    member = member_of(request)
    known = {row.channel: row for row in Address.objects.filter(user=member.user)}
    critical = [kind.label for kind in kinds() if kind.priority >= CRITICAL and kind.code != "address.confirm"]
    context = {
        "form": form,
        "channels": [(channel, name, provider_of(channel)) for channel, name in CHANNELS.items()],
        "phone": masked(member.user.phone),
        "mail": known.get(MAIL),
        "wechat": known.get(WECHAT),
        "push": known.get(PUSH),
        "code": code,
        "wrong": wrong,
        "critical": critical,
        "now": clock.now(),
        "sms_on": provider_of(SMS),
        "topics": _topics(member),
    }
    return render(request, "messaging/preferences.html", context, status=status)


def _present(member: Member) -> dict[str, object]:
    general = Preference.objects.filter(user=member.user, topic="")
    said = {row.channel: Wish(row.rhythm, row.least) for row in general}
    hours = QuietHours.objects.filter(user=member.user).first() or QUIET
    found: dict[str, object] = {"begins": hours.begins, "ends": hours.ends}
    for channel in CHANNELS:
        wish = said.get(channel, DEFAULTS[channel])
        found |= {f"{channel}_rhythm": wish.rhythm, f"{channel}_least": wish.least}
    return found


def _topics(member: Member) -> list[tuple[str, Any, TopicRule | None, str]]:
    """Return every topic with what this person has decided about it, in words."""
    rules = {row.topic: row for row in TopicRule.objects.filter(user=member.user)}
    said: dict[str, list[str]] = {}
    for row in Preference.objects.filter(user=member.user).exclude(topic="").order_by("pk"):
        said.setdefault(row.topic, []).append(f"{row.get_channel_display()}{row.get_rhythm_display()}")
    return [(code, topic, rules.get(code), "、".join(said.get(code, []))) for code, topic in TOPICS.items()]


@require_http_methods(["GET", "POST"])
@signed_in
def topic(request: HttpRequest, topic: str) -> HttpResponse:
    """Show and keep how a person wants one topic; `general` puts it back to what holds for all."""
    if topic not in TOPICS:
        raise Http404
    member = member_of(request)
    if request.method == "POST" and "general" in request.POST:
        acts.forget_topic(topic, by=member, at=clock.now())
        messages.success(request, _("“%(topic)s”今后与总设置相同。") % {"topic": TOPICS[topic].label})
        return redirect("messaging:preferences")
    form = TopicForm(
        TOPICS[topic], request.POST if request.method == "POST" else None, initial=_present_topic(member, topic)
    )
    if request.method == "POST" and form.is_valid():
        try:
            acts.set_topic(topic, form.wish(), by=member, at=clock.now())
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("“%(topic)s”的设置已保存。") % {"topic": TOPICS[topic].label})
            return redirect("messaging:preferences")
    context = {
        "form": form,
        "topic": TOPICS[topic],
        "own": TopicRule.objects.filter(user=member.user, topic=topic).exists(),
        "channels": [(channel, provider_of(channel)) for channel in CHANNELS],
        "floors": [(CHANNELS[channel], least) for channel, least in TOPICS[topic].floors.items()],
    }
    return render(request, "messaging/topic.html", context, status=form.status)


def _present_topic(member: Member, topic: str) -> dict[str, object]:
    wishes = wishes_of([member.user_id], topic)
    rule, chosen = (
        wishes.rules.get(member.user_id),
        {channel: wishes.wish(member.user_id, channel) for channel in CHANNELS},
    )
    return {
        "least_score": rule.least_score if rule else 0,
        "toast_score": rule.toast_score if rule else 0,
        "least": min(wish.least for wish in chosen.values()),
        "quiet": rule.quiet if rule else TopicRule.Quiet.GENERAL,
        "begins": rule.begins if rule else None,
        "ends": rule.ends if rule else None,
        **{channel: wish.rhythm for channel, wish in chosen.items()},
    }


@require_POST
@signed_in
def address(request: HttpRequest, action: str) -> HttpResponse:
    """Claim or confirm a mail address, begin to bind WeChat, or remove an address."""
    member, at = request.member, clock.now()  # type: ignore[attr-defined]
    code = ""
    does: dict[str, Callable[[], str]] = {
        "mail": lambda: _claim(request, member),
        "confirm": lambda: _confirm(request, member),
        **{f"remove-{channel}": _remover(channel, member) for channel in (MAIL, WECHAT, PUSH)},
    }
    if action == "wechat":
        code = acts.offer_wechat(by=member, at=at)
        return _page(request, PreferenceForm(initial=_present(member)), code=code)
    if action not in does:
        raise Http404
    try:
        messages.success(request, does[action]())
    except Refusal as refusal:
        form = PreferenceForm(initial=_present(member))
        return _page(request, form, status=refusal.status, wrong=refusal.message)
    return redirect("messaging:preferences")


def _claim(request: HttpRequest, member: Member) -> str:
    acts.claim_mail(request.POST.get("address", "")[:200], by=member, at=clock.now())
    return _("验证码已发往这个邮箱，15 分钟内有效。")


def _confirm(request: HttpRequest, member: Member) -> str:
    acts.confirm_mail(request.POST.get("code", "")[:20], by=member, at=clock.now())
    return _("邮箱已确认，今后的消息会发到这里。")


def _remover(channel: str, member: Member) -> Callable[[], str]:
    def remove() -> str:
        acts.remove_address(channel, by=member, at=clock.now())
        return _("已取消%(channel)s地址。") % {"channel": CHANNELS[channel]}

    return remove


@require_POST
@signed_in
def device(request: HttpRequest) -> JsonResponse:
    """Take the registration id of the app in which the person is signed in."""
    given = request.POST.get("registration_id", "")[:100]
    row = acts.register_device(given, by=request.member, at=clock.now())  # type: ignore[attr-defined]
    return JsonResponse({"device": row.masked})
