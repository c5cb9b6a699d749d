"""How a page comes by a demand, an injunction or a recourse case: only through what exists for its member."""

from typing import Any, TypeVar

from django.http import HttpRequest
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.claims.models import PARTIES, Demand, Injunction, Recourse
from xinshu.core.clock import now
from xinshu.core.refusals import Unknown
from xinshu.documents.uploads import read_upload

Claimed = TypeVar("Claimed", Demand, Injunction, Recourse)


def demand_for(member: Member, reference: str) -> Demand:
    """Return the demand with this reference. Raises Unknown when there is none, or none for this member."""
    found = Demand.objects.visible_to(member, now()).filter(reference=reference)
    demand = found.select_related(*PARTIES, "previous", "notice", "recourse").first()
    if demand is None:
        raise Unknown(_("没有找到这笔索赔。"), advice=_("编号可能不完整，或者它不属于您所在的机构。"))
    return demand


def injunction_for(member: Member, reference: str) -> Injunction:
    """Return the injunction with this reference. Raises Unknown as `demand_for` does."""
    found = Injunction.objects.visible_to(member, now()).filter(reference=reference)
    injunction = found.select_related(*PARTIES, "file").first()
    if injunction is None or not injunction.sides_of(member):
        raise Unknown(_("没有找到这笔止付。"), advice=_("编号可能不完整，或者它不属于您所在的机构。"))
    return injunction


def recourse_for(member: Member, reference: str) -> Recourse:
    """Return the recourse case with this reference. Raises Unknown as `demand_for` does."""
    found = Recourse.objects.visible_to(member, now()).filter(reference=reference)
    case = found.select_related("creditor", "debtor", *(f"demand__{name}" for name in PARTIES)).first()
    if case is None:
        raise Unknown(_("没有找到这笔追偿。"), advice=_("编号可能不完整，或者它不属于您所在的机构。"))
    return case


def files_in(request: HttpRequest, name: str) -> list[tuple[str, bytes]]:
    """Return name and content of every file that was sent under `name`. Raises Invalid for one that is too large."""
    return [(str(upload.name), read_upload(upload)) for upload in _sent(request, name)]


def _sent(request: HttpRequest, name: str) -> list[Any]:
    return [upload for upload in request.FILES.getlist(name) if upload.name]
