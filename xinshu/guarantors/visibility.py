"""Who may read the scan of a qualification or a balance sheet: whoever may see what it was filed with."""

from datetime import datetime

from django.urls import reverse

from xinshu.accounts.models import Member
from xinshu.documents.models import File
from xinshu.documents.visibility import belongs_to, may_read
from xinshu.guarantors.models import NetAssets, Qualification


@may_read("guarantors.qualification")
def of_qualification(file: File, member: Member, at: datetime) -> bool:
    """Say whether `member` may see the qualification that the file belongs to."""
    return Qualification.objects.visible_to(member).filter(pk=file.subject_id or 0).exists()


@may_read("guarantors.netassets")
def of_net_assets(file: File, member: Member, at: datetime) -> bool:
    """Say whether `member` may see the net assets that the file belongs to."""
    return NetAssets.objects.visible_to(member).filter(pk=file.subject_id or 0).exists()


belongs_to(
    Qualification,
    lambda member, at: Qualification.objects.visible_to(member),
    lambda one: (one.get_kind_display(), reverse("guarantors:qualification", args=[one.reference])),
)
belongs_to(
    NetAssets,
    lambda member, at: NetAssets.objects.visible_to(member),
    lambda one: (one.source, reverse("guarantors:net_assets", args=[one.reference])),
)
