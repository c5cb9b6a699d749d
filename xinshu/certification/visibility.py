"""Who may read what a firm handed in: its own people, and who reviews.

The identity card only who hands it in, and who reviews.
"""

from datetime import datetime

from xinshu.accounts.models import Member
from xinshu.certification.models import REVIEW, Certification
from xinshu.documents.models import File
from xinshu.documents.visibility import keep_unsearched, may_read


@may_read("certification.certification", own=True)
def of_certification(file: File, member: Member, at: datetime) -> bool:
    """Say whether the certification that the file was handed in with exists for `member`, and whether it is no card."""
    found = Certification.objects.visible_to(member).filter(pk=file.subject_id or 0)
    if not (member.can("enterprises.edit") or member.can(REVIEW)):
        found = found.exclude(id_file=file)
    return found.exists()


keep_unsearched(Certification)  # identity cards and who acts for whom: read by the check alone
