"""Who may read the files of this context, besides their owner."""

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.credit.models import Appeal, ListEntry, Record
from xinshu.documents.models import File
from xinshu.documents.visibility import belongs_to, may_read


@may_read("credit.record")
def of_record(file: File, member: Member, at: datetime) -> bool:
    """Let in the subject and the operator to what proves a behaviour: others read what it says, not the paper."""
    found = Record.objects.visible_to(member).filter(pk=file.subject_id or 0).first()
    return found is not None and bool(found.sides_of(member))


@may_read("credit.listentry")
def of_list_entry(file: File, member: Member, at: datetime) -> bool:
    """Let in whose list it is, and the subject of an entry of the city's that holds or held."""
    found = ListEntry.objects.visible_to(member).filter(pk=file.subject_id or 0).first()
    return found is not None and (bool(found.sides_of(member)) or found.organisation_id == member.organisation_id)


@may_read("credit.appeal")
def of_appeal(file: File, member: Member, at: datetime) -> bool:
    """Let in those for whom the appeal exists: its subject and the operator."""
    return Appeal.objects.visible_to(member).filter(pk=file.subject_id or 0).exists()


belongs_to(
    Record,
    lambda member, at: Record.objects.visible_to(member).select_related("organisation"),
    lambda record: (
        _("%(firm)s的信用记录") % {"firm": record.organisation},
        reverse("credit:record", args=[record.reference]),
    ),
)
belongs_to(
    ListEntry,
    lambda member, at: ListEntry.objects.visible_to(member).select_related("organisation"),
    lambda entry: (str(entry), reverse("credit:list_entry", args=[entry.reference])),
)
belongs_to(
    Appeal,
    lambda member, at: Appeal.objects.visible_to(member).select_related("record__organisation"),
    lambda appeal: (
        _("%(firm)s的信用异议") % {"firm": appeal.record.organisation},
        reverse("credit:appeal", args=[appeal.reference]),
    ),
)
