"""What follows in the archive: states told without names, dossiers of what has ended, secrecy that lasts longer."""

from datetime import date, datetime, timedelta

from xinshu.archive.dossiers import ask_for_dossier, seal_dossier
from xinshu.archive.exporting import forget_expired, work_on
from xinshu.archive.models import Dossier
from xinshu.archive.proofs import NotYet, tell_state
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import now
from xinshu.guarantees.kinds import SECRET
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.models import Guarantee
from xinshu.ledger.models import Entry
from xinshu.ledger.reactions import Later, every_night, reacts_to
from xinshu.ledger.veils import veil

ENDED = ("guarantee.released", "guarantee.expired", "guarantee.exhausted")
AFTERWARDS = {  # what still comes to its end when the guarantee has ended: kind -> how its case leads to the guarantee
    **dict.fromkeys(("claim.paid", "claim.refused", "claim.withdrawn", "claim.overtime"), "demands"),
    "recourse.settled": "demands__recourse",
    **dict.fromkeys(("injunction.lifted", "injunction.lapsed"), "injunctions"),
}


@reacts_to("guarantee.released")
def tell_of_end(entry: Entry) -> None:
    """Say without names in which state a guarantee is by an act whose entry names people."""
    tell_state(Guarantee.objects.get(pk=entry.subject_id), now())


@reacts_to(*ENDED)
def archive_ended(entry: Entry) -> None:
    """Have a guarantee that has come to its end archived."""
    guarantee = Guarantee.objects.get(pk=entry.subject_id)
    if LIFECYCLE.states[guarantee.state].final:
        ask_for_dossier(guarantee, cause=Dossier.Cause.ENDED, by=SYSTEM, at=now())


@reacts_to(*AFTERWARDS)
def archive_afterwards(entry: Entry) -> None:
    """Seal another version of a guarantee that had ended when a claim, its recourse or an injunction ends."""
    found = Guarantee.objects.filter(**{AFTERWARDS[entry.kind]: entry.subject_id}).first()
    if found is not None and LIFECYCLE.states[found.state].final:
        ask_for_dossier(found, cause=Dossier.Cause.ENDED, by=SYSTEM, at=now())


@reacts_to("archive.asked", together=False)
def make_dossier(entry: Entry) -> None:
    """Seal a dossier that was asked for, as soon as the ledger has sealed what it proves."""
    dossier = Dossier.objects.get(pk=entry.subject_id)
    try:
        if dossier.sealed_at is None:
            seal_dossier(dossier, now())
    except NotYet as waiting:
        raise Later(now() + timedelta(seconds=2)) from waiting


@reacts_to("archive.export_asked", together=False)
def make_export(entry: Entry) -> None:
    """Make one part of an export, then let others have their turn; after a crash it goes on where the parts stand."""
    if work_on(entry.subject_id, now()):
        raise Later(now())


@every_night
def forget_exports(on: date, at: datetime) -> None:
    """Remove what was exported and has expired."""
    forget_expired(at)


@reacts_to("project.amended")
def keep_dossiers_secret_longer(entry: Entry) -> None:
    """Draw a veil over the dossiers of bid guarantees whose opening was put off."""
    if "opens_at" not in entry.data["changes"]:
        return
    found = Dossier.objects.filter(guarantee__project=entry.subject_id, guarantee__kind__in=SECRET)
    for dossier in found.select_related("guarantee__project"):
        until = dossier.guarantee.secret_until
        assert until is not None
        veil(dossier, until)
