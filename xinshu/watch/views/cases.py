"""风险案件: the list with its export, one case with its evidence, what people do with it."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST

from xinshu.core.clock import now, today
from xinshu.core.doors import needs
from xinshu.core.refusals import Unknown
from xinshu.guarantees.models import Guarantee
from xinshu.ledger.exports import Column
from xinshu.watch.actions import cases as acts
from xinshu.watch.entries import CASE_WORDS
from xinshu.watch.forms import CaseFilters
from xinshu.watch.lifecycle import CASE, EXPORT, STOPPING, VIEW
from xinshu.watch.models import WatchCase
from xinshu.watch.patterns import ANOMALIES, GRADE_TONES, GRADES
from xinshu.watch.queries import cases, story_of
from xinshu.watch.views.doors import EXPORT_UP_TO, case_of, house_of, sheet, stamp
from xinshu.web.posted import as_seen, reason_in, seat_in
from xinshu.work.queries import progress_of

PAGE = 20
WITH_REASON = {
    "freeze": (acts.freeze_case, lazy("已冻结。解冻前不再受理和签发所涉企业的保函。")),
    "dismiss": (acts.dismiss_case, lazy("已排除，案件结束。")),
    "refer": (acts.refer_case, lazy("已移交，案件结束。")),
    "propose_thaw": (acts.propose_thaw, lazy("已申请解冻，等另一人复核。")),
}


@needs(VIEW)
def show_list(request: HttpRequest) -> HttpResponse:
    """List the house's cases, narrowed by the URL."""
    member = house_of(request)
    form = CaseFilters(request.GET)
    asked = form.asked()
    context = {
        "page": Paginator(cases(member, asked), PAGE).get_page(request.GET.get("page")),
        "form": form,
        "told": asked,
        "patterns": ANOMALIES,
        "grades": GRADES,
        "grade_tones": GRADE_TONES,
        "may_export": member.can(EXPORT),
        "today": today(),
    }
    return render(request, "watch/cases.html", context)


@needs(EXPORT)
def export(request: HttpRequest) -> FileResponse:
    """Download what the filters leave."""
    member, at = house_of(request), now()
    rows = cases(member, CaseFilters(request.GET).asked())[:EXPORT_UP_TO]
    return sheet(request, _("风险案件"), "watch_case.exported", COLUMNS, rows.iterator(chunk_size=1000), at)


COLUMNS = (
    Column(lazy("案件编号"), 16, "watch.WatchCase.reference", lambda row: row.reference),
    Column(lazy("企业"), 32, "accounts.Organisation.name", lambda row: row.firm.name),
    Column(lazy("监测项"), 18, "watch.WatchCase.pattern", lambda row: str(row.of.label)),
    Column(lazy("等级"), 8, "watch.WatchCase.grade", lambda row: str(GRADES[row.grade])),
    Column(lazy("状态"), 12, "watch.WatchCase.state", lambda row: row.standing.label),
    Column(lazy("责任人"), 12, "accounts.User.name", lambda row: row.responsible.user.name if row.responsible else ""),
    Column(lazy("立案"), 18, "watch.WatchCase.state", lambda row: stamp(row.opened_at)),
    Column(lazy("处置时限"), 12, "watch.WatchCase.state", lambda row: f"{row.due_on}" if row.due_on else ""),
    Column(lazy("结案"), 18, "watch.WatchCase.state", lambda row: stamp(row.ended_at)),
    Column(lazy("处置结果"), 40, "watch.WatchCase.outcome", lambda row: row.outcome),
)


@needs(VIEW)
def show(request: HttpRequest, reference: str) -> HttpResponse:
    """One case: what was found, the evidence with its guarantees, who does what, its story."""
    member, at = house_of(request), now()
    case = case_of(request, reference)
    evidence = list(case.evidence.select_related("firm").order_by("pk"))
    shown = Guarantee.objects.visible_to(member, at).filter(pk__in=[one.guarantee_id for one in evidence])
    known = {row.pk: row for row in shown.select_related("project")}
    progress = progress_of(case, member, at)
    rows = CASE.possible(case, member)
    may_sign = progress is not None and progress.may_sign
    context = {
        "case": case,
        "state": case.standing,
        "grade": GRADES[case.grade],
        "grade_tone": GRADE_TONES[case.grade],
        "evidence": [(one, known.get(one.guarantee_id or 0)) for one in evidence],
        "firms": list(dict.fromkeys(one.firm.name for one in evidence if one.firm is not None)),
        "acts": [row for row in rows if row.action not in ("thaw", "object") or may_sign],
        "progress": progress,
        "story": story_of(case, CASE_WORDS),
        "stopping": case.state in STOPPING,
        "today": today(),
    }
    return render(request, "watch/case.html", context)


@require_POST
@needs(VIEW)
def act(request: HttpRequest, reference: str, action: str) -> HttpResponse:
    """What people do with a case."""
    member, at = house_of(request), now()
    case: WatchCase = case_of(request, reference)
    if action in WITH_REASON:
        do, words = WITH_REASON[action]
        do(as_seen(case, request), reason=reason_in(request), by=member, at=at)
        messages.success(request, str(words))
    elif action == "take":
        acts.take_case(as_seen(case, request), by=member, at=at)
        messages.success(request, _("由您处置。"))
    elif action == "thaw":
        opinion = request.POST.get("opinion", "").strip()[:500]
        case = acts.thaw_case(as_seen(case, request), opinion=opinion, by=member, at=at, seat=seat_in(request))
        messages.success(request, _("已解冻。") if case.state == "thawed" else _("已签署，等下一位复核人。"))
    elif action == "object":
        acts.object_to_thaw(as_seen(case, request), reason=reason_in(request), by=member, at=at, seat=seat_in(request))
        messages.success(request, _("已记下您的意见，保持冻结。"))
    else:
        raise Unknown(_("没有这个操作。"))
    return redirect("watch:case", reference)
