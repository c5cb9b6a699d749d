"""Who may read the files of a record: whoever may see the record itself."""

from datetime import datetime

from django.urls import reverse

from xinshu.accounts.models import Member
from xinshu.documents.models import File
from xinshu.documents.visibility import belongs_to, may_read
from xinshu.enterprises.models import Enterprise, RecordImport


@may_read("enterprises.enterprise")
def of_enterprise(file: File, member: Member, at: datetime) -> bool:
    """Say whether `member` may see the record that the file was kept with."""
    return Enterprise.objects.visible_to(member).filter(pk=file.subject_id or 0).exists()


@may_read("enterprises.recordimport")
def of_import(file: File, member: Member, at: datetime) -> bool:
    """Say whether `member` may see the import that the workbook was kept with."""
    return RecordImport.objects.visible_to(member).filter(pk=file.subject_id or 0).exists()


belongs_to(
    Enterprise,
    lambda member, at: Enterprise.objects.visible_to(member).select_related("organisation"),
    lambda one: (str(one.organisation), reverse("enterprises:detail", args=[one.reference])),
)
