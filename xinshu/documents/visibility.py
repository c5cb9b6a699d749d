"""Who may read a file: its owner's members, and whoever the context that owns the case lets in."""

from collections.abc import Callable
from datetime import datetime

from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.refusals import Unknown
from xinshu.documents.models import File

Reader = Callable[[File, Member, datetime], bool]
_readers: dict[str, Reader] = {}


def may_read(subject_type: str) -> Callable[[Reader], Reader]:
    """Register who else, besides the owner's members, may read files of cases of this type ("guarantees.guarantee")."""

    def register(reader: Reader) -> Reader:
        if _readers.get(subject_type, reader) is not reader:
            raise ValueError(f"files of {subject_type} already have a rule")
        _readers[subject_type] = reader
        return reader

    return register


def is_visible(file: File, member: Member, at: datetime) -> bool:
    """Say whether this file exists for this member at this moment."""
    if file.owner_id == member.organisation_id:
        return True
    reader = _readers.get(file.subject_type)
    return reader is not None and reader(file, member, at)


def file_for(reference: str, member: Member, at: datetime) -> File:
    """Return the file with this reference. Raises Unknown when there is none, or none for this member."""
    file = File.objects.select_related("blob", "owner").filter(reference=reference).first()
    if file is None or not is_visible(file, member, at):
        raise Unknown(_("没有找到这个文件。"), advice=_("地址可能不完整，或者文件不属于您所在的机构。"))
    return file
