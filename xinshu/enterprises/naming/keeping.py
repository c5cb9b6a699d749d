"""Keeping the names that firms have and had, under the keys by which `resolving.py` finds who is meant."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import F, QuerySet

from xinshu.accounts.models import Organisation
from xinshu.enterprises.models import KnownName, RecordField
from xinshu.enterprises.naming.parts import parts_of

NAMES = ("legal_name", "former_name")  # fields of the record that are names
NOT_FIRMS = (Organisation.Kind.PERSON, Organisation.Kind.OPERATOR)


def nameless() -> QuerySet[Organisation]:
    """Return the organisations whose present name is not kept."""
    kept = KnownName.objects.filter(former=False, name=F("organisation__name")).values("organisation")
    return Organisation.objects.exclude(kind__in=NOT_FIRMS).exclude(pk__in=kept)


@transaction.atomic
def keep_names(organisations: Iterable[Organisation]) -> None:
    """Write the names of these organisations anew: what they are called, and what stood in their record before."""
    firms = {one.pk: one for one in organisations if one.kind not in NOT_FIRMS}
    names: dict[int, dict[str, bool]] = {pk: {one.name: False} for pk, one in firms.items()}
    told = RecordField.objects.standing().filter(enterprise__organisation__in=firms, code__in=NAMES).exclude(value="")
    for pk, name in told.order_by("pk").values_list("enterprise__organisation", "value"):
        names[pk].setdefault(name, True)
    KnownName.objects.filter(organisation__in=firms).delete()
    KnownName.objects.bulk_create(
        (known_name(pk, name, former) for pk, mine in names.items() for name, former in mine.items()), batch_size=500
    )


def known_name(organisation: int, name: str, former: bool) -> KnownName:
    """Return one name under its keys, unsaved."""
    parts = parts_of(name)
    return KnownName(
        organisation_id=organisation, name=name, former=former, folded=parts.folded, core=parts.core, trade=parts.short
    )
