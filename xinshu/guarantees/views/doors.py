"""How a page comes by a guarantee: only through what exists for its member."""

from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.clock import now
from xinshu.core.refusals import Unknown
from xinshu.guarantees.models import Guarantee

RELATED = (
    "applicant",
    "guarantor",
    "beneficiary",
    "project",
    "manager__user",
    "tariff",
    "letter__file",
    "terms",
    "wording",
)


def guarantee_for(member: Member, reference: str) -> Guarantee:
    """Return the guarantee with this reference. Raises Unknown when there is none, or none for this member."""
    found = Guarantee.objects.visible_to(member, now()).filter(reference=reference).select_related(*RELATED).first()
    if found is None:
        raise Unknown(_("没有找到这笔保函。"), advice=_("编号可能不完整，或者它不属于您所在的机构。"))
    return found
