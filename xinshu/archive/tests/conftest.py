"""The city of the guarantees' tests, its clock and browsers, with the archive on top."""

import sys
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings as real

from xinshu.guarantees.models import PARTIES, Guarantee
from xinshu.guarantees.tests.city import City
from xinshu.guarantees.tests.conftest import _no_figures_kept, browser_of, city, clock, files  # noqa: F401
from xinshu.ledger.sealing import seal
from xinshu.ledger.worker import drain

sys.path.insert(0, str(Path(real.BASE_DIR) / "tools"))  # the script stands alone: nobody imports it but these tests


@pytest.fixture(autouse=True)
def _witness_of_its_own(settings, tmp_path: Path) -> None:
    settings.WITNESS_ROOT = tmp_path / "witness"


@pytest.fixture
def sealed_case(city: City) -> Callable[..., Guarantee]:  # noqa: F811
    """Return a maker of guarantees with their real letters, told and sealed in the ledger."""

    def make(kind: str = "performance", **facts: object) -> Guarantee:
        made = city.in_force(kind, sealed=True, **facts)
        return fresh(made, city)

    return make


def fresh(case: Guarantee, city: City) -> Guarantee:  # noqa: F811
    """Let follow what follows, seal it, and return the case as it stands."""
    drain(city.at + timedelta(days=2))
    seal(city.at)
    return Guarantee.objects.select_related(*PARTIES, "letter__file__blob", "letter__organisation").get(pk=case.pk)
