"""Alerts: acknowledged, handled with what was done, or set aside as noise with the reason."""

from datetime import datetime
from typing import Any

from django.db import transaction

from xinshu.accounts.models import Member
from xinshu.core.clock import local_day
from xinshu.ledger.recording import record
from xinshu.watch.lifecycle import ALERT
from xinshu.watch.models import Alert
from xinshu.work.deadlines import calendar_of


@transaction.atomic
def acknowledge_alert(alert: Alert, *, by: Member, at: datetime) -> Alert:
    """Take note of an alert: it is being handled."""
    days = ALERT.states["acknowledged"].working_days or 1
    alert = _act(alert, "acknowledge", by=by, at=at, due_on=calendar_of(alert.house_id).add(local_day(at), days).on)
    record("watch_alert.acknowledged", alert, by=by, at=at)
    return alert


@transaction.atomic
def handle_alert(alert: Alert, *, reason: str, by: Member, at: datetime) -> Alert:
    """End an alert with what was done about it."""
    alert = _act(alert, "handle", by=by, at=at, outcome=reason)
    record("watch_alert.handled", alert, by=by, at=at, reason=reason)
    return alert


@transaction.atomic
def set_alert_aside(alert: Alert, *, reason: str, by: Member, at: datetime) -> Alert:
    """End an alert that was none: it no longer counts in the firm's level."""
    alert = _act(alert, "set_aside", by=by, at=at, outcome=reason)
    record("watch_alert.set_aside", alert, by=by, at=at, reason=reason)
    return alert


def _act(alert: Alert, action: str, *, by: Member, at: datetime, **changes: Any) -> Alert:
    alert = Alert.objects.locked(alert)
    step = ALERT.step(action, alert, by)
    return alert.change(step, changed_at=at, **changes)
