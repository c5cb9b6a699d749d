"""关联图谱: a firm's ties as a drawing and as a table, of any day; the way between two firms; what it means."""

from io import BytesIO
from typing import Any

from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from xinshu.accounts.models import Member
from xinshu.accounts.requests import member_of
from xinshu.core.clock import now, today
from xinshu.core.doors import needs, signed_in
from xinshu.core.uscc import normalise
from xinshu.enterprises.forms import AsOfForm
from xinshu.enterprises.models import Enterprise
from xinshu.enterprises.views.doors import can_enter, enterprise_for, number_in
from xinshu.ledger.reads import looked_at
from xinshu.rules.models import SourceCall
from xinshu.ties import actions
from xinshu.ties.analysis import THE_RULE, analyse, words_of
from xinshu.ties.drawing import drawn
from xinshu.ties.exporting import export_ties
from xinshu.ties.graph.paths import LONGEST, shortest_path
from xinshu.ties.grouping import LIMITS, proposals, settled, take_into_books
from xinshu.ties.models import Node
from xinshu.ties.nodes import found_node, key_of
from xinshu.ties.queries import Surroundings, history_of, seen_by, surroundings
from xinshu.ties.register import SOURCE

STEPS = (1, 2, 3, 4)
ROWS = 200  # of the table on one page; the workbook has them all
ENTRIES = 200
STRUCK = 30


@signed_in
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """Draw the firm's ties, list them, and say what follows."""
    member = member_of(request)
    enterprise = _read(request, reference)
    form, found, steps = _asked(request, enterprise, member)
    own = found.centre.key == key_of(enterprise.organisation)
    seen = analyse(found)
    rows = found.ties_within(steps)
    offered = proposals(member.organisation, seen) if own and member.can(LIMITS) else []
    context = {
        "enterprise": enterprise, "found": found, "own": own, "form": form, "steps": steps, "seen": seen,
        "steps_options": [(n, _("看 %(n)s 层") % {"n": n}) for n in STEPS],
        "exports": member.can("enterprises.export") or member.can("enterprises.edit"),
        "picture": drawn(found, seen, steps) if rows else None, "rows": rows[:ROWS], "more": max(0, len(rows) - ROWS),
        "words_of": words_of, "editable": can_enter(enterprise, member), "offers_correction": actions.offers_correction,
        "struck": seen.struck[:STRUCK], "more_struck": max(0, len(seen.struck) - STRUCK),
        "the_rule": str(THE_RULE) % (),
        "further": len(found.levels) - 1 > steps, "offered": offered, "settled": bool(offered) and settled(offered),
        "asked_register": _last_call(enterprise, member), "before": form.is_bound and min(form.days()) < today(),
    }  # fmt: skip
    return render(request, "ties/show.html", context, status=form.status)


def _asked(request: HttpRequest, enterprise: Enterprise, member: Member) -> tuple[AsOfForm, Surroundings, int]:
    """Return the days asked for, what stood then around the chosen middle, and how many steps are shown."""
    days = {name: request.GET.get(name, "") for name in ("true", "known")}
    form = AsOfForm(days if any(days.values()) else None)
    ties = seen_by(member, *form.days())
    own = found_node(enterprise.organisation) or Node(
        key=key_of(enterprise.organisation), kind=Node.Kind.FIRM, name=enterprise.organisation.name, pk=0,
        organisation=enterprise.organisation,
    )  # fmt: skip
    found = surroundings(own, ties)
    wanted = request.GET.get("centre", "")
    chosen = next((node for node in found.nodes.values() if node.reference == wanted), None)
    if chosen is not None and chosen != own:
        found = surroundings(chosen, ties)
    steps = number_in(request.GET.get("steps", ""))
    return form, found, steps if steps in STEPS else 2


def _read(request: HttpRequest, reference: str) -> Enterprise:
    """Return the firm asked for; a look at another organisation's ties is remembered."""
    member = member_of(request)
    enterprise = enterprise_for(member, reference)
    if enterprise.organisation_id != member.organisation_id:
        looked_at("tie.read", enterprise, by=member, at=now())
    return enterprise


def _last_call(enterprise: Enterprise, member: Member) -> SourceCall | None:
    """Return how the own house's last question to the register went."""
    calls = SourceCall.objects.filter(
        source=SOURCE.code, key=enterprise.organisation.uscc or "-", owner=member.organisation
    )
    return calls.order_by("-at", "-pk").first()


@needs("enterprises.export", "enterprises.edit")
def export(request: HttpRequest, reference: str) -> FileResponse:
    """The table as Excel, all of it."""
    member = member_of(request)
    enterprise = _read(request, reference)
    _form, found, steps = _asked(request, enterprise, member)
    made = export_ties(enterprise, found.ties_within(steps), by=member, at=now())
    name = _("%(name)s 关联关系.xlsx") % {"name": enterprise.organisation.name[:60]}
    return FileResponse(BytesIO(made.content), as_attachment=True, filename=name)


@signed_in
def path(request: HttpRequest, reference: str) -> HttpResponse:
    """The shortest way from the firm to another one, each step with its evidence."""
    member = member_of(request)
    enterprise = _read(request, reference)
    text = request.GET.get("q", "").replace("\0", "").strip()[:120]
    form, found, _steps = _asked(request, enterprise, member)
    named = _named(found, text) if text else []
    steps: list[dict[str, Any]] | None = None
    if len(named) == 1:
        way = shortest_path(found.graph, found.centre.pk, named[0].pk)
        steps = None if way is None else [
            {"here": found.nodes[step.here], "there": found.nodes[step.there], "tie": found.ties[step.tie.key],
             "words": words_of(found.ties[step.tie.key])}
            for step in way
        ]  # fmt: skip
    context = {
        "enterprise": enterprise, "form": form, "q": text, "named": named, "steps": steps, "longest": LONGEST,
        "cut": found.cut,
    }  # fmt: skip
    return render(request, "ties/path.html", context, status=form.status)


def _named(found: Surroundings, text: str) -> list[Node]:
    """Return whom the person means among what is tied to the firm: by reference or code, by name, by part of a name."""
    others = [node for node in found.nodes.values() if node.pk != found.centre.pk]
    code = normalise(text)
    for tells in (
        lambda node: node.reference == text or (node.code and node.code == code),
        lambda node: node.name == text,
        lambda node: len(text) >= 2 and text in node.name,
    ):
        if chosen := [node for node in others if tells(node)]:
            return sorted(chosen, key=lambda node: (len(node.name), node.pk))[:20]
    return []


@signed_in
def history(request: HttpRequest, reference: str) -> HttpResponse:
    """Every entry about the firm: told, corrected, withdrawn, by whom and when."""
    member = member_of(request)
    enterprise = _read(request, reference)
    node = found_node(enterprise.organisation)
    rows = history_of(node, member, ENTRIES + 1) if node else []
    context = {
        "enterprise": enterprise, "rows": rows[:ENTRIES], "more": len(rows) > ENTRIES, "words_of": words_of,
    }  # fmt: skip
    return render(request, "ties/history.html", context)


@require_POST
@signed_in
def ask(request: HttpRequest, reference: str) -> HttpResponse:
    """Have the register asked."""
    member = member_of(request)
    actions.ask_register(enterprise_for(member, reference), by=member, at=now())
    messages.success(request, _("已提交查询，登记机关通常在一分钟内答复，结果会通知您。"))
    return redirect("ties:show", reference)


@require_POST
@needs(LIMITS)
def settle_group(request: HttpRequest, reference: str) -> HttpResponse:
    """Count the customers of one group into one group of the books."""
    member = member_of(request)
    enterprise = enterprise_for(member, reference)
    _form, found, _steps = _asked(request, enterprise, member)
    group = take_into_books(member.organisation, proposals(member.organisation, analyse(found)), by=member, at=now())
    messages.success(request, _("已归入集团“%(name)s”，已用额度一并计入集团限额。") % {"name": group.name})
    return redirect("books:group", group.reference)
