"""Who may read the files of a guarantee, besides their owner: registered with documents."""

from datetime import datetime

from xinshu.accounts.models import Member
from xinshu.documents.models import File
from xinshu.documents.visibility import may_read
from xinshu.guarantees.models import Guarantee


@may_read("guarantees.guarantee")
def reads_guarantee_file(file: File, member: Member, at: datetime) -> bool:
    """Let in applicant and guarantor to everything, others for whom the guarantee exists to the letter only."""
    assert file.subject_id is not None  # a file of a guarantee's case names the case
    guarantee = Guarantee.objects.visible_to(member, at).filter(pk=file.subject_id).select_related("letter").first()
    if guarantee is None:
        return False
    is_letter = guarantee.letter is not None and guarantee.letter.file_id == file.pk
    return is_letter or bool(guarantee.sides_of(member) & {"applicant", "guarantor"})
