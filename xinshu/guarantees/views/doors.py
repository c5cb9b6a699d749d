"""How a page comes by a guarantee: only through what exists for its member."""

from django.http import HttpRequest
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.clock import now
from xinshu.core.refusals import Invalid, Unknown
from xinshu.guarantees.models import Guarantee

RELATED = ("applicant", "guarantor", "beneficiary", "project", "manager__user", "tariff", "letter__file")


def member_of(request: HttpRequest) -> Member:
    """Return the member behind a request that a guard has let in."""
    member: Member = request.member  # type: ignore[attr-defined]
    return member


def guarantee_for(member: Member, reference: str) -> Guarantee:
    """Return the guarantee with this reference. Raises Unknown when there is none, or none for this member."""
    found = Guarantee.objects.visible_to(member, now()).filter(reference=reference).select_related(*RELATED).first()
    if found is None:
        raise Unknown(_("没有找到这笔保函。"), advice=_("编号可能不完整，或者它不属于您所在的机构。"))
    return found


def as_seen(guarantee: Guarantee, request: HttpRequest) -> Guarantee:
    """Give the case the version that the person had before them, so that a stale page is refused.

    Raises Invalid when the form carries none.
    """
    try:
        guarantee.version = int(request.POST["version"])
    except (KeyError, ValueError) as error:
        raise Invalid(_("页面内容不完整，没有执行。"), advice=_("请刷新页面后再试。")) from error
    return guarantee
