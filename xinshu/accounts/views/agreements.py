"""协议: read by everybody, agreed to before one goes on, kept under 我的协议; written and published by the operator."""

import json

from django.contrib import messages
from django.contrib.auth import logout
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from xinshu.accounts import agreements as words
from xinshu.accounts.actions.agreements import (
    LEAST,
    MOST,
    discard_agreement,
    draft_agreement,
    edit_agreement,
    give_consent,
    publish_agreement,
    recall_agreement,
    return_agreement,
    submit_agreement,
    withdraw_consent,
)
from xinshu.accounts.forms import AgreementForm, ReasonForm
from xinshu.accounts.lifecycle import AGREEMENT
from xinshu.accounts.middleware import OWES
from xinshu.accounts.models import Agreement, Consent
from xinshu.accounts.requests import AnyRequest, MemberRequest
from xinshu.accounts.views.arrival import way_on
from xinshu.accounts.views.reading import origin_of, reading
from xinshu.core import clock
from xinshu.core.doors import signed_in
from xinshu.core.refusals import NotNow, NotPermitted, Refusal, Unknown
from xinshu.ledger.models import Entry
from xinshu.ledger.queries import evidence_of

PER_PAGE = 20
OVERSEE = ("accounts.draft", "accounts.publish", "accounts.view")
BY_PAGE = ("submit", "discard", "recall", "publish", "return")  # acts with a button; edit has a page


def agreement_page(request: AnyRequest, terms: str = "", number: int = 0) -> HttpResponse:
    """One published version of an agreement, the present one unless `number` says which; without `terms` the list."""
    if not terms:
        return render(
            request,
            "accounts/terms.html",
            {"agreements": Agreement.objects.filter(state="published").order_by("-kind")},
        )
    versions = words.versions_of(terms)
    case = versions.filter(number=number).first() if 0 < number < 2**31 else versions.first() if not number else None
    if case is None:
        raise Unknown(_("没有找到这份协议。"))
    shown = {"case": case, "blocks": words.blocks(case.text), "versions": versions}
    return render(request, "accounts/agreement.html", shown)


@never_cache
@signed_in
def consent_page(request: MemberRequest) -> HttpResponse:
    """同意协议: what one owes before going on to where one was going."""
    at, target = clock.now(), way_on(request)
    owed = words.owed_by(request.member)
    if not owed:
        request.session.pop(OWES, None)
        return redirect(target)
    open_now = reading(request, owed, at)
    refusal = None
    if request.method == "POST":
        try:
            agreed = request.POST.get("agreed") == "on"
            give_consent(
                owed, open_now.opened, agreed=agreed, by=request.member, origin=origin_of(request), at=at
            )  # fmt: skip
        except Refusal as said:
            refusal = said
        else:
            request.session.pop(OWES, None)
            return redirect(target)
    before = {one.agreement.kind for one in words.consents_of(request.member)}
    shown = {
        "reading": open_now,
        "refusal": refusal,
        "next": target,
        "changed": [one for one in owed if one.kind in before],
    }
    return render(request, "accounts/consent.html", shown, status=refusal.status if refusal else 200)


@never_cache
@signed_in
def consents_page(request: MemberRequest) -> HttpResponse:
    """我的协议: what one agreed to, for whom, when; download and withdrawal."""
    page = Paginator(words.consents_of(request.member), PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "accounts/consents.html", {"page": page})


@signed_in
def consent_file(request: MemberRequest, reference: str) -> HttpResponse:
    """同意书: the words, who agreed to them when and from where, and the ledger's proof, in one text file."""
    consent = _consent(request, reference)
    entry = Entry.objects.filter(pk=consent.entry_number or 0).first()
    try:
        proof = json.dumps(evidence_of(entry), ensure_ascii=False, indent=1) if entry is not None else ""
    except NotNow:  # of the last second
        proof = ""
    text = words.consent_letter(consent, proof, clock.now())
    response = HttpResponse("\ufeff" + text.replace("\n", "\r\n"), content_type="text/plain; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="consent-{consent.reference}.txt"'
    return response


@require_POST
@signed_in
def withdraw_act(request: MemberRequest, reference: str) -> HttpResponse:
    """撤回同意: and out, unless it was asked for apart."""
    consent = withdraw_consent(_consent(request, reference), by=request.member, at=clock.now())
    if consent.agreement.kind in Agreement.APART:
        messages.success(request, _("已撤回同意，人脸识别已关闭，身份证号码已删除。"))
        return redirect("accounts:consents")
    logout(request)
    messages.success(request, _("已撤回同意，账号已退出。重新登录时可以再次阅读并同意。"))
    return redirect("accounts:sign_in")


@signed_in
def agreements_page(request: MemberRequest) -> HttpResponse:
    """协议管理: every version, and how many have agreed to the one in force."""
    _must_oversee(request)
    figures = []
    for kind in Agreement.Kind:
        versions = list(Agreement.objects.filter(kind=kind).select_related("published_by__user").order_by("-number"))
        current = next((one for one in versions if one.state == "published"), None)
        asked = words.members_asked(current) if current else None
        total = asked.count() if asked is not None else 0
        done = asked.filter(agreed=True).count() if asked is not None else 0
        begun = any(one.state in ("draft", "proposed") for one in versions)
        figures.append((kind, versions, current, total, done, begun))
    return render(request, "accounts/agreements.html", {"figures": figures})


@require_POST
@signed_in
def draft_act(request: MemberRequest, terms: str) -> HttpResponse:
    """起草新版本."""
    drafted = draft_agreement(terms, by=request.member, at=clock.now())
    return redirect("accounts:edit_agreement", drafted.reference)


@signed_in
def version_page(request: MemberRequest, reference: str) -> HttpResponse:
    """One version as it will look, what differs, what can be done with it, and who has not agreed yet."""
    case = _version(request, reference)
    rows = AGREEMENT.possible(case, request.member)
    shown = {
        "case": case,
        "blocks": words.blocks(case.text),
        "rows": [row for row in rows if row.action in BY_PAGE],
        "may_edit": any(row.action == "edit" for row in rows),
        "own": request.member.user_id in case.writers,
        "page": None,
    }
    if case.state == "published":
        asked = words.members_asked(case)
        shown |= {
            "total": asked.count(),
            "done": asked.filter(agreed=True).count(),
            "page": Paginator(words.missing(case), PER_PAGE).get_page(request.GET.get("page")),
        }
    return render(request, "accounts/agreement_version.html", shown)


@signed_in
def edit_page(request: MemberRequest, reference: str) -> HttpResponse:
    """修改草稿, with a preview."""
    case = _version(request, reference)
    AGREEMENT.step("edit", case, request.member)
    initial = {name: getattr(case, name) for name in ("text", "changes", "minimum_seconds", "again", "version")}
    form = AgreementForm(request.POST or None, initial=initial)
    preview = None
    if form.is_valid():
        typed = dict(form.cleaned_data)
        case.version = typed.pop("version") or 0
        if "preview" in request.POST:
            preview = words.blocks(typed["text"])
        else:
            try:
                edit_agreement(case, **typed, by=request.member, at=clock.now())
            except Refusal as refusal:
                form.refuse(refusal)
            else:
                messages.success(request, _("草稿已保存。"))
                return redirect("accounts:agreement_version", case.reference)
    shown = {"case": case, "form": form, "preview": preview, "least": LEAST, "most": MOST}
    return render(request, "accounts/agreement_edit.html", shown, status=form.status)


@require_POST
@signed_in
def version_act(request: MemberRequest, reference: str, action: str) -> HttpResponse:
    """提交发布, 作废草稿, 撤回修改, 发布, 退回修改."""
    case, at, by = _version(request, reference), clock.now(), request.member
    form = ReasonForm(request.POST)
    form.is_valid()
    case.version = form.cleaned_data.get("version") or 0
    if action == "submit":
        submit_agreement(case, by=by, at=at)
        messages.success(request, _("已提交，等另一人审阅发布。"))
    elif action == "publish":
        publish_agreement(case, by=by, at=at)
        messages.success(request, _("已发布，立即生效。"))
    elif action == "return":
        return_agreement(case, reason=form.cleaned_data.get("reason", ""), by=by, at=at)
        messages.success(request, _("已退回修改。"))
    elif action == "recall":
        recall_agreement(case, by=by, at=at)
        messages.success(request, _("已撤回，可以继续修改。"))
    elif action == "discard":
        discard_agreement(case, by=by, at=at)
        messages.success(request, _("草稿已作废。"))
    else:
        raise Unknown(_("没有这样的操作。"))
    return redirect("accounts:agreement_version", case.reference)


def _must_oversee(request: MemberRequest) -> None:
    if not any(request.member.can(permission) for permission in OVERSEE):
        raise NotPermitted(_("您没有查看这个页面的权限。"))


def _version(request: MemberRequest, reference: str) -> Agreement:
    _must_oversee(request)
    found = Agreement.objects.visible_to(request.member).filter(reference=reference)
    case = found.select_related("published_by__user", "published_by__organisation").first()
    if case is None:
        raise Unknown(_("没有找到这一版协议。"))
    return case


def _consent(request: HttpRequest, reference: str) -> Consent:
    found = Consent.objects.visible_to(request.member).filter(reference=reference)  # type: ignore[attr-defined]
    consent = found.select_related("agreement", "organisation", "user").first()
    if consent is None:
        raise Unknown(_("没有找到这份同意记录。"))
    return consent
