"""What the views of this app share: who asks, for which record, and what they may do there."""

from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.refusals import NotPermitted, Unknown
from xinshu.enterprises.actions import may_enter
from xinshu.enterprises.models import Enterprise


def enterprise_for(member: Member, reference: str) -> Enterprise:
    """Return the record with this reference. Raises Unknown where it does not exist for `member`."""
    found = Enterprise.objects.visible_to(member).filter(reference=reference).select_related("organisation").first()
    if found is None:
        raise Unknown(_("没有找到这家企业的资料。"), advice=_("请核对地址，或从客户资料列表进入。"))
    return found


def can_enter(enterprise: Enterprise, member: Member) -> bool:
    """Say whether `member` may enter fields here: what the page offers."""
    try:
        may_enter(enterprise, member)
    except NotPermitted:
        return False
    return True


def number_in(text: str) -> int:
    """Return a posted whole number; 0 for anything else."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else 0
