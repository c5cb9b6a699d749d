"""What follows in the ledger itself: a verification that somebody asked for, a clearing that was approved."""

from xinshu.core.clock import now
from xinshu.ledger.models import Entry, Verification
from xinshu.ledger.reactions import reacts_to
from xinshu.ledger.redacting import carry_out
from xinshu.ledger.verification import verify


@reacts_to("ledger.verification_requested", together=False)  # reads for long: it must not hold SQLite's one writer
def verify_as_requested(entry: Entry) -> None:
    """Recompute the ledger and keep the finding for the operations page."""
    report = verify(full=True)
    Verification.objects.filter(pk=entry.subject_id).update(
        finished_at=now(),
        genuine=report.genuine,
        sealed=report.sealed,
        waiting=report.waiting,
        finding=report.finding.text if report.finding else "",
        entry_number=report.finding.entry if report.finding else None,
    )


@reacts_to("redaction.approved", together=False)  # its own small transactions; run again it goes on
def clear_as_approved(entry: Entry) -> None:
    """Clear the content of entries whose period has passed."""
    carry_out(entry.subject_id, now())
