"""A firm that nobody has certified, its clerk, an operator, and the papers that it hands in."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from xinshu.accounts.models import Member, Organisation
from xinshu.accounts.tests.conftest import NOW, code, member_with
from xinshu.certification.actions import Papers, submit
from xinshu.certification.models import Certification, Item
from xinshu.documents.tests.conftest import PDF

AT = NOW
NUMBER = "11010519491231002X"


@pytest.fixture
def clerk(db: None) -> Member:
    firm = Organisation.objects.create(name="云州新禾建设有限公司", kind="enterprise", uscc=code(1))
    return member_with("applicant", username="clerk", organisation=firm)


@pytest.fixture
def operator(db: None) -> Member:
    return member_with("operator", username="opera")


def papers(firm: Organisation, **changes: object) -> Papers:
    """Return papers in order; without a file where `changes` says None."""
    files = {item: SimpleUploadedFile(f"{item.label}.pdf", PDF) for item in Item}
    told = Papers(firm.name, firm.uscc or "", "李新禾", NUMBER, None, None, date(2026, 1, 1), date(2027, 1, 1), files)
    return replace(told, **changes)  # type: ignore[arg-type]


Submitting = Callable[..., Certification]


@pytest.fixture
def submitted(clerk: Member) -> Submitting:
    """Return how a certification is handed in."""

    def hand_in(at: datetime = AT, **changes: object) -> Certification:
        return submit(clerk.organisation, papers(clerk.organisation, **changes), by=clerk, at=at)

    return hand_in
