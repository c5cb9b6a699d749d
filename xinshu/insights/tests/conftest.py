"""The city of the guarantees' tests, with a house whose customer has a history worth favouring."""

from datetime import timedelta
from decimal import Decimal

import pytest

from xinshu.accounts.models import Organisation
from xinshu.core.clock import local_day
from xinshu.credit.models import Record
from xinshu.guarantees.favour.actions import publish_plan, write_plan
from xinshu.guarantees.favour.tiers import Tier
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.tests.city import City
from xinshu.guarantees.tests.conftest import _no_figures_kept, browser_of, city, clock, files  # noqa: F401

LADDER = (
    Tier("A", "A 级", Decimal("0.20"), 0, honoured=50, years=5),
    Tier("B", "B 级", Decimal("0.10"), 0, honoured=20, years=2),
)


class House:
    """One guarantor, its people and a good customer: a released guarantee, two in force, a score, a published plan."""

    def __init__(self, city: City) -> None:  # noqa: F811
        self.city, self.at = city, city.at + timedelta(hours=1)
        self.one = city.released()
        self.in_force = [city.in_force(), city.in_force()]
        self.firm: Organisation = city.applicant.organisation
        self.house: Organisation = city.guarantor
        Record.objects.update_or_create(
            organisation=self.firm, side="applicant", defaults={"score": 820, "on": local_day(city.at)}
        )
        self.manager, self.writer, self.signer = city.manager, city.reviewer, city.signer

    def plan(self) -> None:
        drafted = write_plan(LADDER, local_day(self.city.at), by=self.writer, at=self.city.at)
        publish_plan(drafted, by=self.signer, at=self.city.at)

    def another(self, **columns: object) -> Guarantee:
        """Copy a guarantee of the house, changed as told: figures need rows, not their stories."""
        made = Guarantee.objects.get(pk=self.in_force[0].pk)
        made.pk, made.reference, made.number, made.letter = None, f"R{Guarantee.objects.count():011d}", None, None
        made.number = f"NO{made.reference}"
        for name, value in columns.items():
            setattr(made, name, value)
        made.save(force_insert=True)
        return made


@pytest.fixture
def house(city: City) -> House:  # noqa: F811
    return House(city)
