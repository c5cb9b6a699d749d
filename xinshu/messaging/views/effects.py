"""推送效果: what became of what was told, per topic and channel, week by week. For the operator's people."""

import io

from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET

from xinshu.accounts.requests import member_of
from xinshu.core.clock import CHINA, now
from xinshu.core.doors import needs
from xinshu.ledger.exports import Column, export_sheet
from xinshu.messaging.effects import Effect, effects, totals, weeks_until
from xinshu.messaging.forms import EffectsForm
from xinshu.messaging.topics import TOPICS

FIGURES = (
    ("told", lazy("产生")), ("sent", lazy("发出")), ("delivered", lazy("送达")), ("read", lazy("已读")),
    ("opened", lazy("打开")), ("business", lazy("促成申请")),
)  # fmt: skip


@require_GET
@needs("messaging.manage")
def show(request: HttpRequest) -> HttpResponse:
    """Sums per topic and channel over the weeks asked for, and the weeks themselves."""
    member, at = member_of(request), now()
    asked = EffectsForm(request.GET).asked()
    weeks = weeks_until(at, asked["weeks"])
    rows = effects(member, weeks, at, asked["topic"])
    by_week = [
        (
            week,
            [sum(getattr(row, figure) for row in rows if row.week == week) for figure in ("sent", "read", "business")],
        )
        for week in weeks
    ]
    context = {
        "asked_for": asked, "topics": TOPICS, "figures": FIGURES, "rows": totals(rows), "since": weeks[0],
        "weeks": [(f"{week.astimezone(CHINA):%m-%d}", told) for week, told in by_week],
        "choices": [(str(number), _("%(n)d 周") % {"n": number}) for number in EffectsForm.WEEKS],
    }  # fmt: skip
    return render(request, "messaging/effects.html", context)


@require_GET
@needs("messaging.manage")
def export(request: HttpRequest) -> FileResponse:
    """Download them week by week."""
    member, at = member_of(request), now()
    asked = EffectsForm(request.GET).asked()
    rows = effects(member, weeks_until(at, asked["weeks"]), at, asked["topic"])
    made = export_sheet(
        _("推送效果"), COLUMNS, rows, kind="message.effects_exported", subject=member.organisation, by=member, at=at,
        query=request.GET.urlencode()[:500],
    )  # fmt: skip
    name = _("推送效果-%(when)s.xlsx") % {"when": at.astimezone(CHINA).strftime("%Y%m%d-%H%M")}
    return FileResponse(io.BytesIO(made.content), as_attachment=True, filename=name)


def _figure(name: str, label: object) -> Column:
    return Column(label, 10, "messaging.Message.channel", lambda row: getattr(row, name))  # type: ignore[arg-type]


COLUMNS = (
    Column(lazy("周（周一）"), 12, "messaging.Message.channel", lambda row: _monday(row)),
    Column(lazy("主题"), 14, "messaging.Notice.topic", lambda row: row.topic_label),
    Column(lazy("渠道"), 12, "messaging.Message.channel", lambda row: row.channel_label or _("页面")),
    *(_figure(name, label) for name, label in FIGURES),
)


def _monday(row: Effect) -> str:
    return f"{row.week.astimezone(CHINA):%Y-%m-%d}" if row.week else ""
