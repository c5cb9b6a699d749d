"""What a firm's portrait says of the tags that the reader's house has put on it."""

from collections.abc import Sequence
from datetime import datetime

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.models import Member
from xinshu.admission.models import Carry, Tag
from xinshu.core.clock import local_day
from xinshu.enterprises.models import Enterprise
from xinshu.enterprises.search.sieves import Mark, Sieve, register_sieve
from xinshu.portraits.chapters import RIGHT, Chapter, Said, Sentence, register_chapter


def carried(enterprise: Enterprise, member: Member, _at: datetime) -> Said | None:
    """Say which tags the firm carries, since when."""
    mine = Tag.objects.visible_to(member)
    rows = Carry.objects.filter(tag__in=mine, firm=enterprise.organisation_id, until=None).select_related("tag")
    sentences = [
        Sentence(
            row.tag.name, _("标签规则") if row.tag.content else _("人工标注"), local_day(row.since),
            reverse("admission:tag", args=[row.tag.reference]),
        )
        for row in rows.order_by("-since", "-pk")
    ]  # fmt: skip
    return Said(sentences, tags=[("", line.text) for line in sentences]) if sentences else None


register_chapter(Chapter("tags", lazy("标签"), 25, RIGHT, carried))


def _carries(member: Member) -> QuerySet[Carry]:
    return Carry.objects.filter(tag__in=Tag.objects.visible_to(member), until=None)


def _marks(enterprises: Sequence[Enterprise], member: Member, _at: datetime) -> dict[int, list[Mark]]:
    by_house = {one.organisation_id: one.pk for one in enterprises}
    found: dict[int, list[Mark]] = {}
    for firm, name in _carries(member).filter(firm__in=by_house).order_by("tag").values_list("firm", "tag__name"):
        found.setdefault(by_house[firm], []).append(("", name))
    return found


register_sieve(
    "tag",
    Sieve(
        lazy("标签"), lazy("全部标签"),
        lambda member, at: list(Tag.objects.visible_to(member).order_by("name").values_list("reference", "name")[:60]),
        lambda code, member, at: Q(
            enterprise__organisation__in=_carries(member).filter(tag__reference=code).values("firm")
        ),
        _marks,
    ),
)  # fmt: skip
