"""The nightly round: what only mattered for a quarter of an hour is forgotten."""

from datetime import date, datetime, timedelta

from xinshu.accounts.models import SignInAttempt
from xinshu.ledger.reactions import every_night


@every_night
def forget_old_sign_in_attempts(on: date, at: datetime) -> None:
    """Delete the counters of failed sign-ins that are older than a day; the ledger keeps the failures themselves."""
    SignInAttempt.objects.filter(last_failed_at__lt=at - timedelta(days=1)).delete()
