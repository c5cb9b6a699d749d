"""What the search for enterprises brings of guarantees: those an enterprise applied for, and papers of one's own."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from xinshu.accounts.models import Member
from xinshu.core.money import yuan
from xinshu.enterprises.models import Enterprise
from xinshu.enterprises.search.related import (
    MOST,
    Finder,
    Hit,
    Related,
    newest_of_each,
    register_finder,
    register_related,
)
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.models import Attachment, Guarantee
from xinshu.guarantees.queries import Filters, page_of_register


def guarantees_of(enterprises: Sequence[Enterprise], member: Member, at: datetime) -> dict[int, list[Hit]]:
    """Return the newest guarantees of each enterprise that exist for `member` (开标前保密: visible_to)."""
    by_house = {one.organisation_id: one.pk for one in enterprises}
    newest = (
        Guarantee.objects.visible_to(member, at)
        .filter(applicant__in=by_house)
        .annotate(place=newest_of_each("applicant"))
        .filter(place__lte=MOST)
        .select_related("project")
        .order_by("-pk")
    )
    found: dict[int, list[Hit]] = {}
    for one in newest:
        found.setdefault(by_house[one.applicant_id], []).append(_hit(one))
    return found


def _hit(one: Guarantee) -> Hit:
    words = [one.number or "", yuan(one.amount) if one.amount else "", str(LIFECYCLE.states[one.state].label)]
    title = f"{one.get_kind_display()} · {one.project.name}"
    return Hit(title, " · ".join(word for word in words if word), reverse("guarantees:detail", args=[one.reference]))


def found_guarantees(asked: str, member: Member, at: datetime) -> list[Hit]:
    """Return the guarantees meant, as the register finds them: number, parties, project; last changed first."""
    return [_hit(one) for one in page_of_register(member, at, Filters(q=asked), 1, MOST)]


def papers_of(enterprises: Sequence[Enterprise], member: Member, at: datetime) -> dict[int, list[Hit]]:
    """Return the newest papers of each enterprise's guarantees with `member`'s own house, which may read them all."""
    by_house = {one.organisation_id: one.pk for one in enterprises}
    mine = Guarantee.objects.visible_to(member, at).filter(applicant__in=by_house, guarantor=member.organisation_id)
    newest = (
        Attachment.objects.filter(guarantee__in=mine.order_by().values("pk"))
        .annotate(place=newest_of_each("guarantee__applicant"))
        .filter(place__lte=MOST)
        .select_related("file", "guarantee")
        .order_by("-pk")
    )
    found: dict[int, list[Hit]] = {}
    for one in newest:
        url = reverse("documents:file", args=[one.file.reference])
        found.setdefault(by_house[one.guarantee.applicant_id], []).append(Hit(one.title, one.file.name, url))
    return found


register_related("guarantees", Related(_("保函"), "doc", guarantees_of))
register_related("papers", Related(_("申请材料"), "inbox", papers_of))
register_finder(
    "guarantees",
    Finder(_("保函"), found_guarantees, lambda q: f"{reverse('guarantees:list')}?{urlencode({'q': q})}"),
)
