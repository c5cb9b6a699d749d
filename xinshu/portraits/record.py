"""Chapters from the record: what the register and the firm say, what contradicts, what has changed."""

from datetime import date, datetime, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.models import Member
from xinshu.core.clock import local_day
from xinshu.enterprises.fields import CONTACT, FIELDS
from xinshu.enterprises.models import Enterprise, RecordField
from xinshu.enterprises.queries import (
    MISSING,
    STALE,
    FieldView,
    record_of,
    rivals_of,
    shown,
    source_words,
)
from xinshu.portraits.chapters import LEFT, RIGHT, Chapter, Event, Said, Sentence, register_chapter

YEARS_BACK = 3  # how far the time line goes back into the record


def registration(enterprise: Enterprise, _member: Member, at: datetime) -> Said:
    """Say what the record holds, field by field, what is missing or has grown old, and how old the firm is."""
    on = local_day(at)
    views = [view for view in record_of(enterprise.organisation, on) if view.field.part != CONTACT]
    page = reverse("enterprises:detail", args=[enterprise.reference])
    sentences = [_sentence(view, page, on) for view in views if view.value]
    missing = [view.label for view in views if view.state == MISSING and view.required]
    stale = [view.label for view in views if view.state == STALE]
    advice = [_("请企业补充：%(fields)s。") % {"fields": "、".join(missing)}] if missing else []
    advice += [_("已过更新周期，请核对：%(fields)s。") % {"fields": "、".join(stale)}] if stale else []
    verified = enterprise.organisation.verified
    figures, events = _founded(next(view for view in views if view.code == "established_on"), on)
    tag = ("ok", _("已认证")) if verified else ("warn", _("未认证"))
    return Said(sentences, figures=figures, events=events, advice=advice, tags=[tag])


def _founded(view: FieldView, on: date) -> tuple[list[dict[str, Any]], list[Event]]:
    """Return the age of a firm as a figure, and its beginning as an event; nothing where the day is not known."""
    if not view.value:
        return [], []
    day = date.fromisoformat(view.value)
    years = max((on - day).days // 365, 0)
    figure = {"label": _("成立"), "value": years, "unit": _("年"), "details": [("", day.isoformat())]}
    return [figure], [Event(day, _("企业成立"), "", "ok", view.source)]


def _sentence(view: FieldView, page: str, on: date) -> Sentence:
    text = _("%(label)s：%(value)s") % {"label": view.label, "value": view.shown}
    if view.state == STALE:
        text = _("%(text)s（已过更新周期）") % {"text": text}
    as_of = local_day(view.recorded_at) if view.recorded_at else on  # who registered stands there now
    told = {"source": view.source, "name": view.verified_by}
    source = _("%(source)s，%(name)s已核实") % told if view.verified_by else view.source
    return Sentence(text, source, as_of, page, "warn" if view.state == STALE else "")


def contradictions(enterprise: Enterprise, _member: Member, at: datetime) -> Said | None:
    """Say what stands beside the record and nobody has decided on."""
    rivals = rivals_of(enterprise, record_of(enterprise.organisation, local_day(at)))
    if not rivals:
        return None
    page = reverse("enterprises:detail", args=[enterprise.reference])
    sentences = [
        Sentence(
            _("%(label)s：%(source)s是%(value)s，资料中是%(standing)s") % {
                "label": rival.view.label, "source": rival.source, "value": rival.shown, "standing": rival.view.shown,
            },
            rival.source, local_day(rival.version.recorded_at), page, "danger",
        )
        for rival in rivals
    ]  # fmt: skip
    return Said(sentences, advice=[_("有 %(n)s 处资料互相矛盾，请先核对原件再决定。") % {"n": len(rivals)}],
                tags=[("danger", _("资料有矛盾"))])  # fmt: skip


def changes(enterprise: Enterprise, _member: Member, at: datetime) -> Said | None:
    """Say what has changed in the record: for the time line."""
    on = local_day(at)
    since = on - timedelta(days=365 * YEARS_BACK)
    rows = RecordField.objects.standing().filter(
        enterprise=enterprise, code__in=[field.code for field in FIELDS.values() if field.part != CONTACT],
        recorded_at__lte=at, valid_from__lte=on,
    ).order_by("code", "valid_from", "pk")  # fmt: skip
    events, before = [], dict[str, str]()
    for row in rows:
        was, before[row.code] = before.get(row.code, ""), row.value
        if was and row.value and row.value != was and row.valid_from >= since:
            events.append(_event(row, was))
    return Said(events=events) if events else None


def _event(row: RecordField, was: str) -> Event:
    field = FIELDS[row.code]
    text = _("%(was)s → %(now)s") % {"was": shown(field, was), "now": shown(field, row.value)}
    tone = "warn" if row.code in ("legal_representative", "legal_name") else "info"
    return Event(row.valid_from, _("%(label)s变更") % {"label": field.label}, text, tone, source_words(row))


register_chapter(Chapter("registration", lazy("登记与资料"), 10, LEFT, registration))
register_chapter(Chapter("contradictions", lazy("资料矛盾"), 20, RIGHT, contradictions))
register_chapter(Chapter("changes", lazy("变更"), 30, RIGHT, changes))
