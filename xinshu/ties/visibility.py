"""Who may read the paper behind a tie: whoever sees the tie."""

from datetime import datetime

from xinshu.accounts.models import Member
from xinshu.documents.models import File
from xinshu.documents.visibility import may_read
from xinshu.ties.models import Tie


@may_read("ties.tie")
def of_tie(file: File, member: Member, at: datetime) -> bool:
    """Say whether the tie that the file proves exists for `member`."""
    return Tie.objects.visible_to(member).filter(file=file).exists()
