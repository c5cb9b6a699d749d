"""What an applicant had done by a moment, in numbers: the same for a score of today and for a case of years ago."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as lazy

from xinshu.credit.kinds import APPLICANT, KINDS
from xinshu.credit.models import Behaviour
from xinshu.guarantees.models import Guarantee
from xinshu.scoring.facts import Known, register_facts

FACTS = (
    Known("earlier_guarantees", lazy("此前在本机构的保函笔数"), lazy("笔"), lazy("保函台账")),
    Known("good_conduct", lazy("此前守信行为次数"), lazy("次"), lazy("信用库")),
    Known("bad_conduct", lazy("此前失信行为次数"), lazy("次"), lazy("信用库")),
)
register_facts(*FACTS)


@dataclass(frozen=True)
class Deed:
    """A behaviour as it is kept: a correction names what it takes the place of; one without a kind revokes."""

    pk: int
    kind: str
    recorded_at: datetime
    corrects: int | None


def counts(issues: Iterable[datetime], deeds: Iterable[Deed], at: datetime) -> dict[str, float]:
    """Return the facts as they were known right before the moment `at`: what was recorded later is not looked at."""
    known = [deed for deed in deeds if deed.recorded_at < at]
    corrected = {deed.corrects for deed in known}
    stands = [KINDS[deed.kind] for deed in known if deed.kind in KINDS and deed.pk not in corrected]
    return {
        "earlier_guarantees": float(sum(issued < at for issued in issues)),
        "good_conduct": float(sum(kind.good for kind in stands)),
        "bad_conduct": float(sum(not kind.good for kind in stands)),
    }


def deeds_of(house: int) -> QuerySet[Behaviour]:
    """Return what a house may count of applicants: what happened in its own business, and what was entered for all."""
    return Behaviour.objects.filter(Q(house=house) | Q(house=None), record__side=APPLICANT)


def counted_now(guarantee: Guarantee, at: datetime) -> dict[str, float]:
    """Return the facts of an application at the moment `at`."""
    issued = Guarantee.objects.filter(guarantor=guarantee.guarantor_id, applicant=guarantee.applicant_id,
                                      issued_at__isnull=False).exclude(pk=guarantee.pk)  # fmt: skip
    rows = deeds_of(guarantee.guarantor_id).filter(record__organisation=guarantee.applicant_id)
    deeds = [Deed(*row) for row in rows.values_list("pk", "kind", "recorded_at", "corrects")]
    return counts([one for one in issued.values_list("issued_at", flat=True) if one is not None], deeds, at)
