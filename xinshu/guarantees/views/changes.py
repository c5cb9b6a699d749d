"""Changes of a living guarantee: begin one, look at one, act on it; renewal; the receipt of a surrender."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST

from xinshu.accounts.models import Member
from xinshu.accounts.requests import member_of
from xinshu.core.clock import now
from xinshu.core.doors import needs
from xinshu.core.refusals import Changed, Invalid, Refusal, Unknown
from xinshu.documents.uploads import read_upload
from xinshu.guarantees.actions import amendments, contract_changes, reductions, surrenders
from xinshu.guarantees.actions.amendment_fees import request_difference
from xinshu.guarantees.actions.renewal import renew_guarantee
from xinshu.guarantees.changes.desk import TABLES, due_on, lifecycle_of, page_of
from xinshu.guarantees.changes.forms import AmendForm, ContractChangeForm, ReduceForm, SupplyForm, SurrenderForm
from xinshu.guarantees.changes.returns_panel import returning_of
from xinshu.guarantees.changing import AMENDMENT_STORY
from xinshu.guarantees.forms import PaymentForm
from xinshu.guarantees.history import timeline_of
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.models import Amendment, ContractChange, Guarantee, Reduction, Surrender
from xinshu.guarantees.models.changes import WITH_PARTIES, Change
from xinshu.guarantees.sealed.amended import after
from xinshu.guarantees.terms_now import LABELS, NAMES, values_now
from xinshu.guarantees.views.doors import guarantee_for
from xinshu.guarantees.views.forms_shown import show_in
from xinshu.web.posted import as_seen, reason_in, seat_in
from xinshu.work.queries import progress_of


@dataclass(frozen=True)
class Begin:
    """How a change begins: its page, its form, and what is done with what was filled in."""

    action: str
    title: Any
    form: type[forms.Form]
    do: Callable[[Guarantee, Member, HttpRequest, dict[str, Any]], Change]
    done: Any


def change_for(member: Member, reference: str, model: type[Change] | None = None) -> Change:
    """Return the change with this reference. Raises Unknown when there is none, or none for this member."""
    for each in [model] if model else [row[0] for row in TABLES]:
        related = (*WITH_PARTIES, "guarantee__tariff")
        found = each.objects.visible_to(member, now()).filter(reference=reference).select_related(*related).first()
        if found is not None:
            return found
    raise Unknown(_("没有找到这笔业务。"), advice=_("编号可能不完整，或者它不属于您所在的机构。"))


def _file_of(request: HttpRequest) -> tuple[bytes | None, str]:
    upload: Any = request.FILES.get("file")
    return (read_upload(upload), upload.name or "") if upload else (None, "")


def _amend(case: Guarantee, by: Member, request: HttpRequest, data: dict[str, Any]) -> Change:
    wording = {name: data[name] for name in NAMES}
    return amendments.propose_amendment(
        case, by=by, at=now(), reason=data["reason"], new_amount=data["new_amount"],
        new_expires_on=data["new_expires_on"], wording=wording,
    )  # fmt: skip


def _reduce(case: Guarantee, by: Member, request: HttpRequest, data: dict[str, Any]) -> Change:
    content, name = _file_of(request)
    return reductions.ask_reduction(
        case, amount=data["amount"], reason=data["reason"], content=content, name=name, by=by, at=now()
    )


def _surrender(case: Guarantee, by: Member, request: HttpRequest, data: dict[str, Any]) -> Change:
    content, name = _file_of(request)
    return surrenders.ask_surrender(
        case, ground=data["ground"], reason=data["reason"], content=content, name=name, by=by, at=now()
    )


def _report(case: Guarantee, by: Member, request: HttpRequest, data: dict[str, Any]) -> Change:
    content, name = _file_of(request)
    return contract_changes.report_contract_change(
        case, effect=data["effect"], amount=data["amount"], reason=data["reason"], content=content, name=name, by=by,
        at=now(),
    )  # fmt: skip


BEGIN = {
    "report_change": Begin(
        "report_change", lazy("登记合同变更"), ContractChangeForm, _report, lazy("已登记，等保证人书面答复。")
    ),
    "amend": Begin("amend", lazy("申请修改"), AmendForm, _amend, lazy("修改已提出。原条款继续有效。")),
    "reduce": Begin("reduce", lazy("申请减额"), ReduceForm, _reduce, lazy("已提交，等受益人确认。金额暂不变。")),
    "surrender": Begin(
        "surrender", lazy("申请退保"), SurrenderForm, _surrender, lazy("已提交，等主管部门审核。保函继续有效。")
    ),
}


def _begin(request: HttpRequest, reference: str, way: Begin) -> HttpResponse:
    member = member_of(request)
    case = guarantee_for(member, reference)
    LIFECYCLE.step(way.action, case, member)
    amendments.must_be_open_to_change(case, now())
    initial = _terms_of(case) if way.action == "amend" else {}
    form = way.form(request.POST or None, request.FILES or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            change = way.do(as_seen(case, request), member, request, form.cleaned_data)
        except Changed:
            raise
        except Invalid as refusal:
            show_in(form, refusal, "file" if "file" in refusal.fields and "file" in form.fields else None)
        except Refusal as refusal:  # nothing typed is lost: it is said above the form
            form.add_error(None, f"{refusal.message}{refusal.advice}")
        else:
            messages.success(request, str(way.done))
            return redirect(page_of(change))
    context = {"case": case, "form": form, "way": way, "now_values": values_now(case), "checks": []}
    if way.action == "surrender":
        proved = "surrender" if form.is_bound and request.FILES else ""
        context["panel"] = {"returning": returning_of(case, member, now())}
        context["checks"] = surrenders.checks_of(case, now(), proved=bool(proved), consent="")
    return render(request, "guarantees/change_new.html", context, status=422 if form.is_bound else 200)


def _terms_of(case: Guarantee) -> dict[str, Any]:
    values = values_now(case)
    return {"new_amount": case.amount, "new_expires_on": case.expires_on, **{name: values[name] for name in NAMES}}


@needs("guarantees.apply")
def amend(request: HttpRequest, reference: str) -> HttpResponse:
    """Propose other terms, old and new side by side."""
    return _begin(request, reference, BEGIN["amend"])


@needs("guarantees.apply")
def reduce(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask the beneficiary to confirm a reduction on a document."""
    return _begin(request, reference, BEGIN["reduce"])


@needs("guarantees.apply")
def surrender(request: HttpRequest, reference: str) -> HttpResponse:
    """Ask to give the guarantee back."""
    return _begin(request, reference, BEGIN["surrender"])


@needs("guarantees.view")
def report_change(request: HttpRequest, reference: str) -> HttpResponse:
    """Report a change of the main contract; applicant and beneficiary may, the lifecycle row decides."""
    return _begin(request, reference, BEGIN["report_change"])


@require_POST
@needs("guarantees.apply")
def renew(request: HttpRequest, reference: str) -> HttpResponse:
    """Begin the successor of a guarantee, filled in; the person goes on at what differs."""
    member = member_of(request)
    renewal = renew_guarantee(guarantee_for(member, reference), by=member, at=now())
    if renewal.state in ("draft", "returned"):
        messages.success(request, _("已按原保函填好，请核对变动的内容。"))
        return redirect("guarantees:step", renewal.reference, "terms")
    messages.success(request, _("续保已在办理。"))
    return redirect("guarantees:detail", renewal.reference)


@needs("guarantees.view")
def show_amendment(request: HttpRequest, reference: str) -> HttpResponse:
    """Show an amendment: what was, what is to be, how far it has come."""
    return _show(request, change_for(member_of(request), reference, Amendment))


@needs("guarantees.view")
def show_reduction(request: HttpRequest, reference: str) -> HttpResponse:
    """Show a reduction."""
    return _show(request, change_for(member_of(request), reference, Reduction))


@needs("guarantees.view")
def show_surrender(request: HttpRequest, reference: str) -> HttpResponse:
    """Show a surrender with its checks; once approved, its receipt."""
    return _show(request, change_for(member_of(request), reference, Surrender))


@needs("guarantees.view")
def show_contract_change(request: HttpRequest, reference: str) -> HttpResponse:
    """Show a change of the main contract, what it does, and the answer."""
    return _show(request, change_for(member_of(request), reference, ContractChange))


@needs("guarantees.view")
def receipt(request: HttpRequest, reference: str) -> HttpResponse:
    """Show the receipt of an approved surrender, to be printed."""
    member = member_of(request)
    change = change_for(member, reference, Surrender)
    assert isinstance(change, Surrender)
    if change.receipt_number is None:
        raise Unknown(_("这笔退保还没有回执。"), advice=_("主管部门核准后出具回执。"))
    told = [row for row in timeline_of(change, change.sides_of(member)) if row["entry"].kind == "surrender.approved"]
    return render(
        request, "guarantees/receipt.html",
        {"change": change, "case": change.guarantee, "entry": told[0]["entry"] if told else None,
         "by": told[0]["by"] if told else ""},
    )  # fmt: skip


def _show(request: HttpRequest, change: Change, form: forms.Form | None = None) -> HttpResponse:
    member, at = member_of(request), now()
    table, sides = lifecycle_of(change), change.sides_of(member)
    inside, guarantee = bool(sides & {"applicant", "guarantor"}), change.guarantee
    possible = table.possible(change, member)
    progress = progress_of(change, member, at) if inside and isinstance(change, Amendment) else None
    closed = {"approve", "decline"} if progress and change.state == "in_review" and not progress.may_sign else set()
    paying = isinstance(change, Amendment) and change.payments.filter(state="requested").exists()
    moved = change.state == "fee_due" and change.has_moved()  # as on the page of a guarantee (views/detail.py)
    return render(
        request,
        "guarantees/change.html",
        {
            "change": change,
            "case": guarantee,
            "kind": change._meta.model_name,
            "state": table.states[change.state],
            "due_on": due_on(change),
            "acts": [row for row in possible if row.action not in ("pay", "supply", *closed)],
            "inside": inside,
            "signs": "guarantor" in sides,
            "progress": progress,
            "story": _story(change, inside),
            "compared": _compared(change) if isinstance(change, Amendment) else [],
            "payable": inside and not paying and not moved and any(row.action == "pay" for row in possible),
            "paying": paying or moved or (isinstance(change, Amendment) and change.state == "sealing"),
            "payment_form": PaymentForm(),
            "supply": form or SupplyForm() if any(row.action == "supply" for row in possible) else None,
            "timeline": timeline_of(change, sides),
            "base": page_of(change),
            "panel": {"returning": returning_of(guarantee, member, at) if isinstance(change, Surrender) else None},
        },
        status=422 if form is not None else 200,
    )


def _compared(amendment: Amendment) -> list[tuple[str, str, str, bool]]:
    """Return (label, old, new, differs) of every term: what was at the proposal, beside what is asked for."""
    old = amendment.before
    new = amendment.letter_values or after(amendment)
    return [
        (label, old.get(name, ""), new.get(name, ""), old.get(name) != new.get(name)) for name, label in LABELS.items()
    ]


def _story(change: Change, inside: bool) -> list[dict[str, Any]]:
    """Return the stepper: the states of the happy path; a dead end takes the place of what is left."""
    table = lifecycle_of(change)
    path = {
        "amendment": AMENDMENT_STORY,
        "reduction": ("asked", "done"),
        "surrender": ("in_review", "done"),
        "contractchange": ("asked", "consented"),
    }
    codes = list(path[str(change._meta.model_name)])
    if isinstance(change, Reduction) and change.on is not None:
        codes = ["planned", "done"]
    if isinstance(change, Amendment) and not (change.fee_amount and inside):
        codes.remove("fee_due")
    present = {"sealing": "to_issue", "returned": "in_review"}.get(change.state, change.state)
    if present not in codes:
        codes = [codes[0], present]
    here, over = codes.index(present), table.states[change.state].final
    good = change.state in ("accepted", "done", "consented")
    return [
        {
            "label": table.states[change.state if index == here else code].label,
            "status": "done" if index < here or (index == here and good) else
            ("fail" if over else "now") if index == here else "",
        }
        for index, code in enumerate(codes)
    ]  # fmt: skip


def _pay(change: Any, by: Member, request: HttpRequest) -> object:
    form = PaymentForm(request.POST)
    if not form.is_valid():
        raise Invalid(_("请选择付款账户。"))
    return request_difference(change, channel="sandbox", account=form.cleaned_data["account"], by=by, at=now())


def _supply(change: Any, by: Member, request: HttpRequest) -> object:
    content, name = _file_of(request)
    return surrenders.supply_proof(change, reason=reason_in(request), content=content, name=name, by=by, at=now())


Act = Callable[[Any, Member, HttpRequest], object]


def _with_reason(act: Callable[..., object]) -> Act:
    return lambda change, by, request: act(change, by=by, at=now(), reason=reason_in(request))


def _plain(act: Callable[..., object]) -> Act:
    return lambda change, by, request: act(change, by=by, at=now())


ACTS: dict[type[Change], dict[str, tuple[Act, Any]]] = {
    Amendment: {
        "approve": (
            lambda change, by, request: amendments.approve_amendment(
                change, by=by, at=now(), opinion=request.POST.get("opinion", "").strip()[:500], seat=seat_in(request)
            ),
            lazy("审批意见已签署。"),
        ),
        "decline": (
            lambda change, by, request: amendments.decline_amendment(
                change, by=by, at=now(), reason=reason_in(request), seat=seat_in(request)
            ),
            lazy("意见已签署，原条款继续有效。"),
        ),
        "withdraw": (_with_reason(amendments.withdraw_amendment), lazy("修改已撤回，原条款继续有效。")),
        "pay": (_pay, lazy("已向支付渠道发起扣款，结果会自动显示。")),
        "issue": (_plain(amendments.issue_amendment), lazy("已签发，正在生成修改函并签章。")),
        "accept": (_plain(amendments.accept_amendment), lazy("已接受修改，新条款即时生效。")),
        "reject": (_with_reason(amendments.reject_amendment), lazy("没有接受修改，原条款继续有效。")),
    },
    Reduction: {
        "confirm": (_plain(reductions.confirm_reduction), lazy("已确认，可索赔余额随即减少。")),
        "decline": (_with_reason(reductions.decline_reduction), lazy("没有确认，保函金额不变。")),
        "withdraw": (_with_reason(reductions.withdraw_reduction), lazy("减额申请已撤回。")),
    },
    ContractChange: {
        "consent": (_plain(contract_changes.consent_to_change), lazy("已书面同意，正在生成同意函并签章。")),
        "refuse": (_with_reason(contract_changes.refuse_change), lazy("已答复不同意，正在生成复函并签章。")),
        "withdraw": (_with_reason(contract_changes.withdraw_change), lazy("登记已撤回。")),
    },
    Surrender: {
        "supply": (_supply, lazy("已重新提交，等主管部门审核。")),
        "agree": (_plain(surrenders.agree_to_surrender), lazy("已记录您的同意，等主管部门审核。")),
        "object": (_with_reason(surrenders.object_to_surrender), lazy("已记录您的异议，主管部门会看到。")),
        "approve": (_plain(surrenders.approve_surrender), lazy("已核准退保，担保解除，回执已出具。")),
        "return": (_with_reason(surrenders.return_surrender), lazy("已退回申请人补充。")),
        "refuse": (_with_reason(surrenders.refuse_surrender), lazy("已决定不予退保，保函继续有效。")),
        "withdraw": (_with_reason(surrenders.withdraw_surrender), lazy("退保申请已撤回，保函继续有效。")),
    },
}  # fmt: skip


def _act(request: HttpRequest, reference: str, action: str, model: type[Change]) -> HttpResponse:
    member = member_of(request)
    change = change_for(member, reference, model)
    if action not in ACTS[model]:
        raise Unknown(_("没有这项操作。"))
    doing, done = ACTS[model][action]
    doing(as_seen(change, request), member, request)
    messages.success(request, str(done))
    return redirect(page_of(change))


@require_POST
@needs("guarantees.view")
def act_on_amendment(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Do one act on an amendment. The posted version is what the person saw."""
    return _act(request, reference, action, Amendment)


@require_POST
@needs("guarantees.view")
def act_on_reduction(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Do one act on a reduction."""
    return _act(request, reference, action, Reduction)


@require_POST
@needs("guarantees.view")
def act_on_surrender(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Do one act on a surrender."""
    return _act(request, reference, action, Surrender)


@require_POST
@needs("guarantees.view")
def act_on_contract_change(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Do one act on a change of the main contract."""
    return _act(request, reference, action, ContractChange)


@needs("guarantees.view")
def progress(request: HttpRequest, reference: str) -> HttpResponse:
    """Tell a waiting page whether the amendment has moved: 204 while it has not, a reload when it has."""
    change = change_for(member_of(request), reference, Amendment)
    if str(change.version) == request.GET.get("version"):
        return HttpResponse(status=204)
    return HttpResponse(status=200, headers={"HX-Refresh": "true"})
