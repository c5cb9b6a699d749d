"""What the archive shows on a guarantee's page."""

from datetime import datetime

from xinshu.accounts.models import Member
from xinshu.archive.models import Dossier
from xinshu.archive.sides import GUARANTOR, side_of
from xinshu.guarantees.lifecycle import INSTRUMENT
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.panels import Panel, register_panel


@register_panel
def offline_proof(guarantee: Guarantee, member: Member, at: datetime) -> Panel | None:
    """Show where the proof file is and how it is checked, and the dossier of the guarantee."""
    if guarantee.letter_id is None or guarantee.state not in INSTRUMENT:
        return None
    dossiers = Dossier.objects.filter(guarantee=guarantee)
    context = {
        "case": guarantee,
        "dossier": dossiers.standing().first(),
        "making": dossiers.filter(sealed_at=None).exists(),
        "may_seal": side_of(guarantee, member) == GUARANTOR,
        "at": at,
    }
    return Panel("archive/_proof.html", context, beside=True)
