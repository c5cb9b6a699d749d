"""Who may read a file that answers a question: the firm's own people; the house, once the sheet is handed in."""

from datetime import datetime

from django.urls import reverse

from xinshu.accounts.models import Member
from xinshu.admission.models import Sheet
from xinshu.documents.models import File
from xinshu.documents.visibility import belongs_to, may_read


@may_read("admission.sheet")
def of_sheet(file: File, member: Member, at: datetime) -> bool:
    """Say whether `member` may read an answer that is a file."""
    sheet = Sheet.objects.visible_to(member).filter(pk=file.subject_id or 0).first()
    return sheet is not None and (sheet.firm_id == member.organisation_id or sheet.state == "handed_in")


belongs_to(
    Sheet,
    lambda member, at: Sheet.objects.visible_to(member).select_related("version_asked", "firm"),
    lambda sheet: (str(sheet), reverse("admission:sheet", args=[sheet.reference])),
)
