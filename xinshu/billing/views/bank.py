"""银行流水: what is to be confirmed, what is left on either side, what is done; import, acts, differences as Excel."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET, require_POST

from xinshu.accounts.models import Member
from xinshu.accounts.requests import member_of
from xinshu.billing.actions.reconciling import (
    confirm_match,
    confirm_sure,
    import_lines,
    match_by_hand,
    match_lines,
    undo_match,
    unmatched,
)
from xinshu.billing.bank import BankFile, BankLine, Match
from xinshu.billing.bank_reading import read_lines
from xinshu.billing.fee_statements import REFUND_KEY
from xinshu.billing.forms import BankFileForm
from xinshu.billing.lifecycle import MATCH
from xinshu.billing.matching import SURE
from xinshu.billing.views.doors import attachment, page_of
from xinshu.books.fees import CASH
from xinshu.books.models import Transfer
from xinshu.core.clock import local_day, now
from xinshu.core.doors import needs
from xinshu.core.refusals import Refusal, Unknown
from xinshu.core.sm import sm3
from xinshu.documents.uploads import read_upload
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.queries import secret_until
from xinshu.ledger.exports import LIMIT, Column, export_sheet
from xinshu.web.posted import as_seen

PAGE, MOST_COUNTED = 20, 1_000
VIEWS = {
    "proposed": lazy("待确认"), "lines": lazy("未勾对流水"), "moved": lazy("未勾对收付"), "confirmed": lazy("已确认"),
}  # fmt: skip
MATCHED = ("line", "transfer__debit__holder", "transfer__credit__holder")


@dataclass(frozen=True)
class Ours:
    """A fee or refund of ours beside a bank line: signed amount in 分, the payer, the order."""

    on: Any
    amount: int
    payer: str
    order: str


@require_GET
@needs("billing.reconcile")
def show(request: HttpRequest) -> HttpResponse:
    """Show one of the four lists, with the form for another file."""
    return _page(request, BankFileForm())


def _page(request: HttpRequest, form: BankFileForm) -> HttpResponse:
    member, page = member_of(request), page_of(request)
    view = request.GET.get("view", "")
    view = view if view in VIEWS else "proposed"
    found = _lists(member)
    rows = list(found[view][(page - 1) * PAGE : page * PAGE + 1])
    tabs = []
    for code, label in VIEWS.items():
        count = found[code][: MOST_COUNTED + 1].count()
        shown = f"{MOST_COUNTED:,}+" if count > MOST_COUNTED else count
        tabs.append((str(label), f"{reverse('billing:bank')}?view={code}", shown, code == view))
    context = {
        "form": form,
        "view": view,
        "views": tabs,
        "rows": [_shown(view, row) for row in rows[:PAGE]],
        "page": page,
        "has_next": len(rows) > PAGE,
        "files": BankFile.objects.filter(house=member.organisation).order_by("-pk")[:5],
        "sure": found["proposed"].filter(score=SURE)[: MOST_COUNTED + 1].count() if view == "proposed" else 0,
    }
    return render(request, "billing/bank.html", context, status=form.status)


@require_POST
@needs("billing.reconcile")
def take_in(request: HttpRequest) -> HttpResponse:
    """Import a file of bank lines and match what can be."""
    member, at, form = member_of(request), now(), BankFileForm(request.POST, request.FILES)
    if form.is_valid():
        try:
            upload = form.cleaned_data["file"]
            content = read_upload(upload)
            rows = read_lines(content, upload.name)
            file, pairs = import_lines(
                member.organisation, rows, name=upload.name, sm3=sm3(content).hex(), by=member, at=at
            )
        except Refusal as refusal:
            form.refuse(refusal)
        else:
            told = {"rows": file.count, "known": file.known, "pairs": pairs}
            messages.success(
                request,
                _("已导入 %(rows)d 笔流水（%(known)d 笔以前导入过，已略过），自动勾对 %(pairs)d 笔，请确认。") % told,
            )
            return redirect("billing:bank")
    return _page(request, form)


@require_POST
@needs("billing.reconcile")
def again(request: HttpRequest) -> HttpResponse:
    """Match once more: fees may have come in since the file did."""
    member = member_of(request)
    pairs = match_lines(member.organisation, by=member, at=now())
    messages.success(request, _("又勾对 %d 笔，请确认。") % pairs if pairs else _("没有新的可以自动勾对的流水。"))
    return redirect("billing:bank")


@require_POST
@needs("billing.reconcile")
def confirm_all(request: HttpRequest) -> HttpResponse:
    """Confirm every match by order number and amount."""
    member = member_of(request)
    count = confirm_sure(member.organisation, by=member, at=now())
    messages.success(request, _("已确认 %d 笔订单号和金额都一致的勾对。") % count)
    return redirect("billing:bank")


@require_POST
@needs("billing.reconcile")
def by_hand(request: HttpRequest, reference: str) -> HttpResponse:
    """Match one line with the order that a person names."""
    member = member_of(request)
    line = BankLine.objects.visible_to(member).filter(reference=reference).select_related("house").first()
    if line is None:
        raise Unknown(_("没有找到这笔流水。"), advice=_("请从“银行流水”页面打开。"))
    match_by_hand(line, request.POST.get("order", "")[:40].replace("\0", ""), by=member, at=now())
    messages.success(request, _("已勾对。"))
    return redirect(reverse("billing:bank") + "?view=lines")


ACTS: dict[str, tuple[Callable[..., Match], Any]] = {
    "confirm": (confirm_match, lazy("已确认。")),
    "undo": (undo_match, lazy("已撤销，流水和收付都可以重新勾对。")),
}


@require_POST
@needs("billing.reconcile")
def act(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """Confirm or undo one match."""
    member = member_of(request)
    made = Match.objects.visible_to(member).filter(reference=reference).first()
    if made is None or action not in ACTS:
        raise Unknown(_("没有找到这笔勾对。"), advice=_("请从“银行流水”页面打开。"))
    was = made.state
    doing, done = ACTS[action]
    doing(as_seen(made, request), by=member, at=now())
    messages.success(request, done)
    return redirect(f"{reverse('billing:bank')}?view={was}")


@require_GET
@needs("billing.export")
def export(request: HttpRequest) -> FileResponse:
    """Download what does not agree: lines and movements that are left, and what waits to be confirmed."""
    member, at = member_of(request), now()
    found = _lists(member)
    told = Guarantee.objects.filter(pk__in=found["moved"].order_by().values("subject_id"))
    made = export_sheet(
        _("勾对差异"), COLUMNS, _differences(found), kind="bank.exported", subject=member.organisation, by=member,
        at=at, sealed_until=secret_until(told, at),
    )  # fmt: skip
    return attachment(made.content, _("勾对差异"), at)


def _lists(member: Member) -> dict[str, Any]:
    matches = Match.objects.visible_to(member).select_related(*MATCHED)
    moved = unmatched(member.organisation) if member.can("billing.reconcile") else Transfer.objects.none()
    return {
        "proposed": matches.filter(state="proposed").order_by("score", "-pk"),
        "lines": BankLine.objects.visible_to(member).left().order_by("-on", "-pk"),
        "moved": moved.select_related("debit__holder", "credit__holder").order_by("-at", "-pk"),
        "confirmed": matches.filter(state="confirmed").order_by("-changed_at", "-pk"),
    }


def _shown(view: str, row: Any) -> dict[str, Any]:
    if view == "lines":
        return {"line": row}
    if view == "moved":
        return {"ours": _ours(row)}
    return {"match": row, "line": row.line, "ours": _ours(row.transfer), "state": MATCH.states[row.state]}


def _ours(moved: Transfer) -> Ours:
    fee = moved.debit.purpose == CASH
    payer = moved.debit.holder if fee else moved.credit.holder
    amount = moved.amount if fee else -moved.amount
    return Ours(local_day(moved.at), amount, payer.name, moved.key.removeprefix(REFUND_KEY))


def _differences(found: dict[str, Any]) -> Iterator[tuple[str, BankLine | None, Ours | None, str]]:
    for line in found["lines"][:LIMIT].iterator(chunk_size=2000):
        yield _("只有流水"), line, None, line.note
    for moved in found["moved"][:LIMIT].iterator(chunk_size=2000):
        yield _("只有平台记录"), None, _ours(moved), ""
    for match in found["proposed"][:LIMIT].iterator(chunk_size=2000):
        yield _("待确认"), match.line, _ours(match.transfer), f"{match.score}：{match.reason}"


def _of(place: int, name: str) -> Callable[[Any], Any]:
    def read(row: Any) -> Any:
        value = None if row[place] is None else getattr(row[place], name)
        if name == "amount":
            return None if value is None else value / 100
        return "" if value is None else str(value)

    return read


COLUMNS = (
    Column(lazy("差异"), 14, "billing.Match.state", lambda row: row[0]),
    Column(lazy("流水日期"), 12, "billing.BankLine.row", _of(1, "on")),
    Column(lazy("流水金额（元）"), 16, "billing.BankLine.amount", _of(1, "amount"), money=True),
    Column(lazy("对方户名"), 32, "billing.BankLine.payer", _of(1, "payer")),
    Column(lazy("摘要"), 40, "billing.BankLine.remark", _of(1, "remark")),
    Column(lazy("流水号"), 24, "billing.BankLine.bank_number", _of(1, "bank_number")),
    Column(lazy("平台日期"), 12, "books.Transfer.state", _of(2, "on")),
    Column(lazy("平台金额（元）"), 16, "books.Transfer.amount", _of(2, "amount"), money=True),
    Column(lazy("缴费人"), 32, "accounts.Organisation.name", _of(2, "payer")),
    Column(lazy("订单号"), 22, "guarantees.Payment.order_number", _of(2, "order")),
    Column(lazy("说明"), 40, "billing.BankLine.note", lambda row: row[3]),
)
