"""The doors: 额度台账 and 对账单, 集中度 with groups and net assets, 额度对账."""

from datetime import datetime
from io import BytesIO
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import F
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from xinshu.accounts.models import Member
from xinshu.accounts.requests import member_of
from xinshu.books.account_statements import Statement, statement_of
from xinshu.books.concentration import GROUP, SCOPES, rules_on
from xinshu.books.forms import GroupForm, JoinForm, PeriodForm, ThresholdsForm
from xinshu.books.limits import USED, capital_of, ceilings_of, found_group, join_group, leave_group, total_of
from xinshu.books.models import Account, Capital, CustomerGroup, GroupMember, Reconciliation
from xinshu.books.queries import (
    EXPOSURE,
    ISSUERS,
    candidates,
    differences_visible_to,
    group_for,
    line_for,
    lines_visible_to,
    members_of,
    percent,
    rows_of,
    tone,
)
from xinshu.books.reconciliation import KINDS_OF_DIFFERENCE
from xinshu.books.subjects import KINDS, named
from xinshu.books.thresholds import set_thresholds
from xinshu.core.clock import CHINA, local_day, moment, now
from xinshu.core.doors import needs, signed_in
from xinshu.core.refusals import Invalid, NotPermitted, Unknown
from xinshu.ledger.exports import Column, export_sheet

PAGE = 20
EXPORT_UP_TO = 50_000
SHOWN_MOVEMENTS = 500
Cell = str | int  # of an export: words, or an amount in 分


def _is_issuer(member: Member) -> bool:
    return member.organisation.kind in ISSUERS


def _must_be_issuer(member: Member) -> None:
    if not _is_issuer(member):
        raise NotPermitted(_("只有出具保函的机构有集中度限额。"))


@needs("books.view")
def lines(request: HttpRequest) -> HttpResponse:
    """额度台账: the lines that the institution granted, or was granted."""
    member = member_of(request)
    issuer = _is_issuer(member)
    found = _found(member, request.GET.get("q", ""))
    pager = Paginator(found, PAGE)
    page = pager.get_page(request.GET.get("page", "1")[:6])
    context = {
        "issuer": issuer,
        "rows": rows_of(page.object_list, inside=issuer),
        "page": page,
        "q": request.GET.get("q", "")[:100],
        "tone": tone,
    }
    return render(request, "books/lines.html", context)


def _found(member: Member, q: str) -> Any:
    other = "party" if _is_issuer(member) else "holder"
    found = lines_visible_to(member).order_by(f"{other}__name", "pk")
    words = q.strip().replace("\x00", "")[:100]
    return found.filter(**{f"{other}__name__icontains": words}) if words else found


@needs("books.export")
def export_lines(request: HttpRequest) -> FileResponse:
    """Download the register as Excel."""
    member, at = member_of(request), now()
    issuer = _is_issuer(member)
    columns = [
        (_("客户") if issuer else _("保证人"), 34), (_("核定额度（元）"), 20), (_("预占（元）"), 20),
        (_("占用（元）"), 20), (_("可用（元）"), 20), (_("使用率"), 10),
    ]  # fmt: skip
    if issuer:
        columns += [(_("单一客户限额（元）"), 20), (_("占限额"), 10), (_("所属集团"), 28)]
    rows = []
    for row in rows_of(_found(member, request.GET.get("q", ""))[:EXPORT_UP_TO], inside=issuer):
        other = row.account.party if issuer else row.account.holder
        amounts = (row.line.limit, row.line.reserved, row.line.occupied, row.line.available)
        cells: list[Cell] = [str(other), *amounts, f"{row.percent}%"]
        if issuer:
            cells += [
                "" if row.ceiling is None else row.ceiling,
                "" if row.of_ceiling is None else f"{row.of_ceiling}%",
                str(row.group or ""),
            ]
        rows.append(cells)
    return _download(_("额度台账"), columns, rows, member, at, what="lines")


@needs("books.view")
def statement(request: HttpRequest, reference: str) -> HttpResponse:
    """对账单: one line between two moments."""
    member, at = member_of(request), now()
    line = line_for(member, reference)
    form, shown = _statement(request, line, at)
    movements = shown.movements[-SHOWN_MOVEMENTS:] if shown else []
    context = {
        "line": line,
        "row": rows_of([line], inside=_is_issuer(member))[0],
        "issuer": _is_issuer(member),
        "form": form,
        "statement": shown,
        "movements": movements,
        "left_out": len(shown.movements) - len(movements) if shown else 0,
        "cases": named(((row.subject_type, row.subject_id) for row in movements), member, at),
        "tone": tone,
    }
    return render(request, "books/statement.html", context, status=form.status)


@needs("books.export")
def export_statement(request: HttpRequest, reference: str) -> FileResponse:
    """Download a statement as Excel, all of it."""
    member, at = member_of(request), now()
    line = line_for(member, reference)
    _form, shown = _statement(request, line, at)
    if shown is None:
        raise Invalid(_("起止时间没有看懂，没有导出。"), advice=_("请回到对账单页面重新选择。"))
    cases = named(((row.subject_type, row.subject_id) for row in shown.movements), member, at)
    columns = (
        (_("时间"), 20), (_("事项"), 12), (_("业务"), 26), (_("金额（元）"), 18), (_("可用变动（元）"), 18),
        (_("核定额度（元）"), 18), (_("预占（元）"), 18), (_("占用（元）"), 18), (_("可用（元）"), 18),
    )  # fmt: skip
    rows: list[list[Cell]] = [_balance_row(_("期初"), shown.since, shown.opening)]
    for row in shown.movements:
        case = cases.get((row.subject_type, row.subject_id)) if row.subject_id is not None else None
        after = (row.after.limit, row.after.reserved, row.after.occupied, row.after.available)
        rows.append(
            [_stamp(row.at), row.label, case.label if case else "", row.amount, row.available_change,
             *after]
        )  # fmt: skip
    rows.append(_balance_row(_("期末"), shown.until, shown.closing))
    return _download(
        _("对账单"), columns, rows, member, at, what="statement", line=line.pk, since=shown.since.isoformat(),
        until=shown.until.isoformat(),
    )  # fmt: skip


def _balance_row(label: str, at: datetime, line: Any) -> list[Cell]:
    stood = (line.limit, line.reserved, line.occupied, line.available)
    return [_stamp(at), label, "", "", "", *stood]


def _statement(request: HttpRequest, line: Account, at: datetime) -> tuple[PeriodForm, Statement | None]:
    """Read the period from the URL (this month, where nothing is said) and draw the statement up."""
    today = local_day(at)
    usual = {"since": moment(today.replace(day=1), 0, 0), "until": at}
    asked = {name: request.GET.get(name, "") for name in usual}
    texts = {name: asked[name] or usual[name].astimezone(CHINA).strftime("%Y-%m-%dT%H:%M") for name in usual}
    form = PeriodForm(texts)
    if not form.is_valid():
        return form, None
    since = form.cleaned_data["since"] if asked["since"] else usual["since"]
    until = form.cleaned_data["until"] if asked["until"] else at
    try:
        return form, statement_of(line, since, until, at=at)
    except Invalid as refusal:
        form.refuse(refusal)
        return form, None


@needs("books.view")
def limits(request: HttpRequest) -> HttpResponse:
    """集中度: net assets, the rules in force, groups and clients with what they take up."""
    return _limits(request, member_of(request))


def _limits(
    request: HttpRequest,
    member: Member,
    *,
    thresholds_form: ThresholdsForm | None = None,
    group_form: GroupForm | None = None,
) -> HttpResponse:
    _must_be_issuer(member)
    issuer, today = member.organisation, local_day(now())
    last, ceilings, total = capital_of(issuer), ceilings_of(issuer, today), total_of(issuer)
    groups = CustomerGroup.objects.filter(issuer=issuer).order_by("-used", "name")
    clients = Account.objects.filter(holder=issuer, purpose=USED).select_related("party", "group")
    largest = clients.annotate(taken=EXPOSURE).filter(taken__gt=0).order_by("-taken", "pk")[:10]
    forms = [form for form in (thresholds_form, group_form) if form is not None]
    context = {
        "capital": last,
        "history": Capital.objects.filter(issuer=issuer).order_by("-as_of", "-pk")[1:6],
        "rules": [(SCOPES[scope], rule) for scope, rule in rules_on(issuer.kind, today).items()],
        "ceilings": ceilings,
        "total": total,
        "of_total": None if total.ceiling is None else percent(total.used, total.ceiling),
        "times": f"{total.used / last.amount:.2f}" if last and last.amount else "",
        "groups": [
            {"group": row, "percent": percent(row.used, row.ceiling) if row.ceiling is not None else None}
            for row in groups
        ],
        "clients": [
            {"account": row, "percent": percent(row.exposure, row.ceiling) if row.ceiling is not None else None}
            for row in largest
        ],
        "may_edit": member.can("books.limits"),
        "thresholds_form": thresholds_form
        or ThresholdsForm(initial={"warn_at": total.warn_at, "alarm_at": total.alarm_at}),
        "group_form": group_form or GroupForm(),
        "tone": tone,
    }
    return render(request, "books/limits.html", context, status=forms[0].status if forms else 200)


@require_POST
@needs("books.limits")
def thresholds(request: HttpRequest) -> HttpResponse:
    """Say from which shares of the total people want to be told."""
    member, form = member_of(request), ThresholdsForm(request.POST)
    _must_be_issuer(member)
    if form.is_valid():
        try:
            set_thresholds(member.organisation, **form.cleaned_data, by=member, at=now())
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("提醒线已修改。"))
            return redirect("books:limits")
    return _limits(request, member, thresholds_form=form)


@require_POST
@needs("books.limits")
def new_group(request: HttpRequest) -> HttpResponse:
    """Found a group."""
    member, form = member_of(request), GroupForm(request.POST)
    _must_be_issuer(member)
    if form.is_valid():
        try:
            made = found_group(member.organisation, **form.cleaned_data, by=member, at=now())
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("集团客户已建立，请归入成员。"))
            return redirect("books:group", made.reference)
    return _limits(request, member, group_form=form)


@needs("books.view")
def group(request: HttpRequest, reference: str) -> HttpResponse:
    """One group: its limit, its members with what each takes up."""
    member = member_of(request)
    return _group(request, member, group_for(member, reference))


def _group(request: HttpRequest, member: Member, shown: CustomerGroup, form: JoinForm | None = None) -> HttpResponse:
    may_edit = member.can("books.limits")
    rule = rules_on(shown.issuer.kind, local_day(now())).get(GROUP)
    context = {
        "group": shown,
        "percent": percent(shown.used, shown.ceiling) if shown.ceiling is not None else None,
        "rule": rule,
        "rows": members_of(shown),
        "former": shown.members.filter(until__isnull=False).select_related("party").order_by("-until")[:20],
        "may_edit": may_edit,
        "form": (form or JoinForm(candidates=candidates(shown.issuer))) if may_edit else None,
        "tone": tone,
    }
    return render(request, "books/group.html", context, status=form.status if form else 200)


@require_POST
@needs("books.limits")
def join(request: HttpRequest, reference: str) -> HttpResponse:
    """Count a customer into a group."""
    member = member_of(request)
    shown = group_for(member, reference)
    form = JoinForm(request.POST, candidates=candidates(shown.issuer))
    if form.is_valid():
        try:
            join_group(shown, **form.cleaned_data, by=member, at=now())
        except Invalid as refusal:
            form.refuse(refusal)
        else:
            messages.success(request, _("客户已归入集团，已用额度一并计入。"))
            return redirect("books:group", reference)
    return _group(request, member, shown, form)


@require_POST
@needs("books.limits")
def leave(request: HttpRequest, reference: str) -> HttpResponse:
    """Count a customer out of a group."""
    member = member_of(request)
    shown = group_for(member, reference)
    text = request.POST.get("member", "")
    pk = int(text) if text.isascii() and text.isdecimal() and len(text) < 18 else 0
    found = GroupMember.objects.filter(group=shown, pk=pk).select_related("party").first()
    if found is None:
        raise Unknown(_("没有找到这个成员。"), advice=_("请刷新页面后再试。"))
    leave_group(found, by=member, at=now(), reason=request.POST.get("reason", ""))
    messages.success(request, _("客户已移出集团，已用额度不再计入。"))
    return redirect("books:group", reference)


@needs("books.export")
def export_limits(request: HttpRequest) -> FileResponse:
    """Download groups, members and single clients with their limits as Excel."""
    member, at = member_of(request), now()
    _must_be_issuer(member)
    issuer = member.organisation
    columns = (
        (_("口径"), 12), (_("集团"), 28), (_("客户"), 34), (_("关联关系"), 16), (_("已用（元）"), 20),
        (_("限额（元）"), 20), (_("剩余（元）"), 20), (_("占限额"), 10), (_("超限（元）"), 20),
    )  # fmt: skip
    rows: list[list[Cell]] = []
    for shown in CustomerGroup.objects.filter(issuer=issuer).order_by("-used", "name"):
        rows.append([_("集团客户"), shown.name, "", "", *_use(shown.used, shown.ceiling)])
        for row in members_of(shown):
            used = row["account"].exposure if row["account"] else 0
            relation = str(row["member"].get_relation_display())
            rows.append([_("集团成员"), shown.name, str(row["member"].party), relation, used])
    accounts = Account.objects.filter(holder=issuer, purpose=USED).select_related("party", "group")
    for account in accounts.annotate(taken=EXPOSURE).order_by(F("taken").desc(), "pk")[:EXPORT_UP_TO]:
        use = _use(account.exposure, account.ceiling)
        rows.append([_("单一客户"), str(account.group or ""), str(account.party), "", *use])
    return _download(_("集中度"), columns, rows, member, at, what="limits")


def _use(used: int, ceiling: int | None) -> list[Cell]:
    if ceiling is None:
        return [used, "", "", "", ""]
    return [
        used, ceiling, max(0, ceiling - used), f"{percent(used, ceiling)}%",
        max(0, used - ceiling),
    ]  # fmt: skip


@signed_in
def reconciliation(request: HttpRequest) -> HttpResponse:
    """额度对账: the last runs, and what differs: to an issuer its own, to an auditor everything."""
    member, at = member_of(request), now()
    auditor = member.can("ledger.audit")
    if not auditor and not (member.can("books.view") and _is_issuer(member)):
        raise NotPermitted(_("您没有查看这个页面的权限。"), advice=_("需要查看的，请联系本机构管理员开通。"))
    page = Paginator(
        differences_visible_to(member).order_by(F("gone_at").desc(nulls_first=True), "-pk"), PAGE
    ).get_page(request.GET.get("page", "1")[:6])
    cases = named(((row.subject_type, row.subject_id) for row in page), member, at)
    context = {
        "auditor": auditor,
        "runs": Reconciliation.objects.order_by("-pk")[:10],
        "page": page,
        "rows": [
            {
                "row": row,
                "kind": KINDS_OF_DIFFERENCE.get(row.kind, row.kind),
                "case": cases.get((row.subject_type, row.subject_id)) if row.subject_id is not None else None,
                "sealed": auditor and _is_sealed(row.subject_type, row.subject_id, at),
            }
            for row in page
        ],
        "standing": differences_visible_to(member).filter(gone_at=None).count(),
    }
    return render(request, "books/reconciliation.html", context)


def _is_sealed(subject_type: str, subject_id: int | None, at: datetime) -> bool:
    """Tell whether nobody outside may learn of the case yet (开标前保密)."""
    if subject_id is None or subject_type not in KINDS:
        return False
    until = KINDS[subject_type].sealed_until(subject_id)
    return until is not None and until > at


def _stamp(at: datetime) -> str:
    return at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M:%S")


def _column(number: int, title: str, width: int) -> Column:
    money = title.endswith("（元）")

    def value(row: list[Cell]) -> str | float:
        cell = row[number]
        return cell / 100 if isinstance(cell, int) else cell

    return Column(
        title, width, "books.Transfer.amount" if money else "accounts.Organisation.name", value, money=money
    )  # fmt: skip


def _download(
    name: str, columns: Any, rows: list[list[Cell]], member: Member, at: datetime, *, what: str, **data: Any
) -> FileResponse:
    """Send an Excel file. Who took what out is recorded."""
    titled = [_column(number, title, width) for number, (title, width) in enumerate(columns)]
    export = export_sheet(
        name, titled, rows, kind="books.exported", subject=member.organisation, by=member, at=at, what=what, **data
    )
    stamp = at.astimezone(CHINA).strftime("%Y%m%d-%H%M")
    return FileResponse(BytesIO(export.content), as_attachment=True, filename=f"{name}-{stamp}.xlsx")
