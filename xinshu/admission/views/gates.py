"""准入方案: the house's gates, one with its log of matches, the editor, matching a customer, exports."""

import io

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import FileResponse, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST

from xinshu.accounts.requests import MemberRequest
from xinshu.admission.actions.gates import Plan, edit_gate, match, put_on, take_off, write_gate
from xinshu.admission.lifecycle import EDIT, EXPORT, GATE, VIEW
from xinshu.admission.models import SUBJECTS, Gate, Match, Questionnaire
from xinshu.admission.purposes import PURPOSES
from xinshu.admission.queries import reading_of
from xinshu.admission.shelves import wares_of
from xinshu.admission.views.doors import customer_in, gate_of, house_of
from xinshu.core.clock import local_day, now
from xinshu.core.doors import needs
from xinshu.core.refusals import Invalid, Unknown
from xinshu.ledger.exports import Column, export_sheet
from xinshu.rules.engine.answers import OUTCOMES, TONES
from xinshu.rules.engine.deciding import CONDITIONS
from xinshu.rules.models import RuleSet
from xinshu.rules.running import fresh
from xinshu.web.posted import as_seen, reason_in
from xinshu.web.words import moment

PER_PAGE = 50
TYPED = ("product", "subject", "rule_set", "questionnaire", "shows_unmet")


@needs(VIEW)
def show_all(request: MemberRequest) -> HttpResponse:
    """Show the house's gates."""
    member = house_of(request)
    rows = Gate.objects.visible_to(member).select_related("rule_set", "questionnaire").order_by("product_name", "pk")
    if text := request.GET.get("q", "").replace("\0", "").strip()[:60]:
        rows = rows.filter(product_name__icontains=text)
    for name in ("subject", "state"):
        if value := request.GET.get(name, "").replace("\0", "")[:8]:
            rows = rows.filter(**{name: value})
    context = {
        "page": Paginator(rows, PER_PAGE).get_page(request.GET.get("page")),
        "subjects": list(SUBJECTS.items()), "words": SUBJECTS, "state_of": GATE.states,
        "states": [(state.code, state.label) for state in GATE.states.values()], "writes": member.can(EDIT),
    }  # fmt: skip
    return render(request, "admission/gates.html", context)


def _editor(request: MemberRequest, gate: Gate | None, typed: dict[str, str], errors: dict[str, str]) -> HttpResponse:
    member = house_of(request)
    purposes = {purpose.code: subject for subject, purpose in PURPOSES.items()}
    sets = RuleSet.objects.filter(owner=member.organisation, purpose__in=purposes, form=CONDITIONS).order_by("name")
    asked = Questionnaire.objects.filter(house=member.organisation, state="open").order_by("name")
    context = {
        "gate": gate, "typed": typed, "errors": errors, "subjects": list(SUBJECTS.items()),
        "wares": [
            (one.reference, f"{one.name}（{shelf.label}）") for shelf, one in wares_of(member.organisation, now())
        ],
        "sets": [(one.reference, f"{one.name}（{SUBJECTS[purposes[one.purpose]]}）") for one in sets],
        "questionnaires": [(one.reference, f"{one.name}（{SUBJECTS[one.subject]}）") for one in asked],
        "purposes": [(SUBJECTS[subject], code) for code, subject in purposes.items()],
        "seen": request.POST.get("version", str(gate.version))[:10] if gate else "",
    }  # fmt: skip
    return render(request, "admission/gate_edit.html", context, status=422 if errors else 200)


def _typed(request: MemberRequest) -> dict[str, str]:
    return {name: request.POST.get(name, "").replace("\0", "")[:60] for name in TYPED}


def _plan(typed: dict[str, str], request: MemberRequest) -> Plan:
    house = request.member.organisation
    asked = Questionnaire.objects.filter(house=house, reference=typed["questionnaire"]).first()
    return Plan(
        typed["product"], typed["subject"], RuleSet.objects.filter(owner=house, reference=typed["rule_set"]).first(),
        asked, bool(typed["shows_unmet"]),
    )  # fmt: skip


@needs(EDIT)
def new(request: MemberRequest) -> HttpResponse:
    """Write a gate."""
    member = house_of(request)
    if request.method != "POST":
        return _editor(request, None, {"subject": "firm", "shows_unmet": "on"}, {})
    typed = _typed(request)
    try:
        gate = write_gate(_plan(typed, request), by=member, at=now())
    except Invalid as refusal:
        return _editor(request, None, typed, refusal.fields or {"product": refusal.message})
    messages.success(request, _("准入方案已保存，请由另一人启用。"))
    return redirect("admission:gate", gate.reference)


@needs(EDIT)
def edit(request: MemberRequest, reference: str) -> HttpResponse:
    """Rewrite a gate that is not on."""
    gate, member = gate_of(request, reference), house_of(request)
    GATE.step("edit_gate", gate, member)
    if request.method != "POST":
        typed = {
            "product": gate.product, "subject": gate.subject, "rule_set": gate.rule_set.reference,
            "questionnaire": gate.questionnaire.reference if gate.questionnaire else "",
            "shows_unmet": "on" if gate.shows_unmet else "",
        }  # fmt: skip
        return _editor(request, gate, typed, {})
    typed = _typed(request) | {"product": gate.product, "subject": gate.subject}
    try:
        edit_gate(as_seen(gate, request), _plan(typed, request), by=member, at=now())
    except Invalid as refusal:
        return _editor(request, gate, typed, refusal.fields or {"rule_set": refusal.message})
    messages.success(request, _("准入方案已保存，请由另一人启用。"))
    return redirect("admission:gate", reference)


def _matches(request: MemberRequest, gate: Gate) -> QuerySet[Match]:
    rows = gate.matches.select_related("firm", "run__rule_version", "run__rule_set").order_by("-pk")
    if text := request.GET.get("q", "").replace("\0", "").strip()[:60]:
        rows = rows.filter(Q(firm__name__icontains=text) | Q(about__icontains=text))
    if outcome := request.GET.get("outcome", "").replace("\0", "")[:8]:
        rows = rows.filter(run__outcome=outcome)
    if cause := request.GET.get("cause", "").replace("\0", "")[:8]:
        rows = rows.filter(cause=cause)
    return rows


@needs(VIEW)
def show(request: MemberRequest, reference: str) -> HttpResponse:
    """Show a gate: what it asks, whether firms read what they miss, every match rule by rule."""
    gate, member = gate_of(request, reference), house_of(request)
    version = gate.rule_set.version_on(local_day(now()))
    page = Paginator(_matches(request, gate), PER_PAGE).get_page(request.GET.get("page"))
    possible = {row.action for row in GATE.possible(gate, member)}
    context = {
        "gate": gate, "state": GATE.states[gate.state], "subject": SUBJECTS[gate.subject],
        "version": version, "readings": fresh(version).readings if version else (),
        "author": member.user_id in gate.authors,
        "acts": [row for row in GATE.possible(gate, member) if row.action in ("put_on", "take_off")],
        "editable": "edit_gate" in possible, "matches_now": "match" in possible and gate.subject == "firm",
        "page": page, "rows": [(one, reading_of(one.run)) for one in page],
        "outcomes": OUTCOMES, "tones": TONES, "causes": Match.Cause.choices, "exports": member.can(EXPORT),
    }  # fmt: skip
    return render(request, "admission/gate.html", context)


COLUMNS = (
    Column(lazy("企业"), 34, "accounts.Organisation.name", lambda row: row[0].firm.name),
    Column(lazy("对象"), 20, "admission.Match.about", lambda row: row[0].about),
    Column(lazy("时间"), 18, "admission.Match.at", lambda row: moment(row[0].at, now())),
    Column(lazy("由谁核对"), 12, "admission.Match.cause", lambda row: str(row[0].get_cause_display())),
    Column(lazy("结论"), 10, "rules.Run.outcome", lambda row: str(OUTCOMES[row[0].run.outcome])),
    Column(lazy("条件"), 30, "rules.RuleVersion.content", lambda row: row[1].name),
    Column(lazy("读作"), 50, "rules.RuleVersion.content", lambda row: row[1].words),
    Column(
        lazy("答案"), 10, "rules.Run.result",
        lambda row: {True: _("符合"), False: _("不符合"), None: _("未知")}[row[1].truth],
    ),
    Column(lazy("本企业的情况"), 50, "rules.Run.facts", lambda row: row[1].own),
    Column(
        lazy("怎样满足"), 50, "admission.Match.cause",
        lambda row: "；".join([way.words for way in row[1].ways if not way.missing] + [w for w, _s in row[1].helps]),
    ),
)  # fmt: skip


@needs(EXPORT)
def export(request: MemberRequest, reference: str) -> FileResponse:
    """Download the matches, a line for each condition. It is recorded."""
    gate, member = gate_of(request, reference), house_of(request)
    lines = ((one, line) for one in _matches(request, gate) for line in reading_of(one.run).lines)
    sheet = export_sheet(_("准入核对"), COLUMNS, lines, kind="gate.exported", subject=gate, by=member, at=now())
    return FileResponse(io.BytesIO(sheet.content), as_attachment=True, filename=_("准入核对记录.xlsx"))


@require_POST
@needs(VIEW)
def act(request: MemberRequest, reference: str, action: str) -> HttpResponse:
    """Do one act of the lifecycle. The posted version is what the person saw."""
    gate, by, at = gate_of(request, reference), house_of(request), now()
    if action == "put_on":
        put_on(as_seen(gate, request), by=by, at=at)
        messages.success(request, _("已启用，企业申请前可以核对。"))
    elif action == "take_off":
        take_off(as_seen(gate, request), reason=reason_in(request), by=by, at=at)
        messages.success(request, _("已停用，已有的核对结果不变。"))
    elif action == "match":
        found = match(gate, customer_in(request.POST.get("firm", ""), by.organisation), by=by, at=at)
        told = _("%(firm)s：%(outcome)s")
        messages.success(request, told % {"firm": found.firm.name, "outcome": OUTCOMES[found.run.outcome]})
    else:
        raise Unknown(_("没有这项操作。"))
    return redirect("admission:gate", reference)
