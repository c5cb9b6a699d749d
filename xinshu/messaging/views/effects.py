"""推送效果: what became of what was told, per topic and channel, week by week, person by person.

The operator sees it of all institutions, the head of a house of its own people.
"""

import io
from typing import Any

from django.core.paginator import Paginator
from django.http import FileResponse, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_GET

from xinshu.accounts.requests import member_of
from xinshu.core.clock import CHINA, now
from xinshu.core.doors import needs
from xinshu.core.refusals import NotPermitted
from xinshu.ledger.exports import Column, export_sheet
from xinshu.messaging.effects import ALL, EXPORT, OF_PEOPLE, OWN, Asked, effects, readers, totals, weeks_until
from xinshu.messaging.forms import EffectsForm
from xinshu.messaging.topics import TOPICS

FIGURES = (
    ("told", lazy("产生")), ("sent", lazy("发出")), ("delivered", lazy("送达")), ("read", lazy("已读")),
    ("opened", lazy("打开")), ("followed", lazy("跟进")), ("business", lazy("促成申请")), ("issued", lazy("促成出函")),
)  # fmt: skip
WEEKLY = ("sent", "read", "followed", "business", "issued")
PEOPLE = 20


@require_GET
@needs(ALL, OWN)
def show(request: HttpRequest) -> HttpResponse:
    """Sums per topic and channel over the weeks asked for, the weeks themselves, and the people or institutions."""
    asked, typed = _asked(request)
    rows, people = effects(asked), readers(Asked(asked.member, asked.weeks, asked.at, asked.topic))
    by_week = [
        (
            f"{week.astimezone(CHINA):%m-%d}",
            [sum(getattr(row, one) for row in rows if row.week == week) for one in WEEKLY],
        )
        for week in asked.weeks
    ]
    member = member_of(request)
    context = {
        "asked_for": typed, "topics": TOPICS, "figures": FIGURES, "rows": totals(rows), "since": asked.weeks[0],
        "weeks": by_week, "weekly": [label for code, label in FIGURES if code in WEEKLY],
        "choices": [(str(number), _("%(n)d 周") % {"n": number}) for number in EffectsForm.WEEKS],
        "page": Paginator(people, PEOPLE).get_page(request.GET.get("page")),
        "person_figures": [(code, label) for code, label in FIGURES if code in OF_PEOPLE],
        "chosen": next((one for one in people if one.key == asked.who), None),
        "by_house": asked.by_house, "may_export": member.can(ALL) or member.can(EXPORT),
    }  # fmt: skip
    return render(request, "messaging/effects.html", context)


@require_GET
@needs(ALL, OWN)
def export(request: HttpRequest) -> FileResponse:
    """Download them week by week, or (`people`) person by person."""
    asked, _typed = _asked(request)
    member = member_of(request)
    if not (member.can(ALL) or member.can(EXPORT)):
        raise NotPermitted(_("您没有导出推送效果的权限。"), advice=_("需要导出的，请联系本机构管理员开通。"))
    people = "people" in request.GET
    name = (_("各机构推送效果") if asked.by_house else _("各人推送效果")) if people else _("推送效果")
    made = export_sheet(
        name, PEOPLE_COLUMNS if people else COLUMNS, readers(asked) if people else effects(asked),
        kind="message.effects_exported", subject=member.organisation, by=member, at=asked.at,
        query=request.GET.urlencode()[:500],
    )  # fmt: skip
    stamped = f"{name}-{asked.at.astimezone(CHINA):%Y%m%d-%H%M}.xlsx"
    return FileResponse(io.BytesIO(made.content), as_attachment=True, filename=stamped)


def _asked(request: HttpRequest) -> tuple[Asked, dict[str, Any]]:
    typed, at = EffectsForm(request.GET).asked(), now()
    weeks = weeks_until(at, typed["weeks"])
    return Asked(member_of(request), weeks, at, typed["topic"], typed["who"] or None), typed


def _figure(name: str, label: object) -> Column:
    return Column(label, 10, "messaging.Message.channel", lambda row: getattr(row, name))  # type: ignore[arg-type]


COLUMNS = (
    Column(lazy("周（周一）"), 12, "messaging.Message.channel", lambda row: _monday(row)),
    Column(lazy("主题"), 14, "messaging.Notice.topic", lambda row: row.topic_label),
    Column(lazy("渠道"), 12, "messaging.Message.channel", lambda row: row.channel_label or _("页面")),
    *(_figure(name, label) for name, label in FIGURES),
)
PEOPLE_COLUMNS = (
    Column(lazy("姓名或机构"), 30, "accounts.Organisation.name", lambda row: row.name),
    *(_figure(name, label) for name, label in FIGURES if name in OF_PEOPLE),
    Column(lazy("阅读率 %"), 10, "messaging.Message.channel", lambda row: row.share("read")),
    Column(lazy("出函率 %"), 10, "messaging.Message.channel", lambda row: row.share("issued")),
)


def _monday(row: Any) -> str:
    return f"{row.week.astimezone(CHINA):%Y-%m-%d}" if row.week else ""
