"""A firm that keeps its own record, a house whose customer it is, a second house, and how ties are told."""

from collections.abc import Callable
from datetime import date, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from xinshu.accounts.models import Member, Organisation
from xinshu.accounts.tests.conftest import NOW, code, member_with
from xinshu.documents.tests.conftest import PDF
from xinshu.enterprises.actions import enterprise_of
from xinshu.enterprises.managers import take_customer
from xinshu.enterprises.models import Enterprise
from xinshu.ties.actions import Facts, Other, tell_tie
from xinshu.ties.models import Tie
from xinshu.ties.nodes import Person

AT = NOW
SINCE = date(2024, 1, 1)
OWNER = Person("祁述之", register_id="R1")
Telling = Callable[..., Tie]


@pytest.fixture
def firm(db: None) -> Organisation:
    return Organisation.objects.create(name="云州新禾建设有限公司", kind="enterprise", uscc=code(1))


@pytest.fixture
def enterprise(firm: Organisation) -> Enterprise:
    return enterprise_of(firm)


@pytest.fixture
def clerk(firm: Organisation) -> Member:
    return member_with("applicant", username="clerk", organisation=firm)


@pytest.fixture
def manager(enterprise: Enterprise) -> Member:
    house = Organisation.objects.create(name="云州融信融资担保有限公司", kind="guarantor", uscc=code(2))
    member = member_with("manager", username="manager", organisation=house)
    take_customer(enterprise.organisation, manager=member, by=member, at=AT)
    return member


@pytest.fixture
def other_manager(enterprise: Enterprise) -> Member:
    house = Organisation.objects.create(name="云州安诚融资担保有限公司", kind="guarantor", uscc=code(3))
    member = member_with("manager", username="other", organisation=house)
    take_customer(enterprise.organisation, manager=member, by=member, at=AT)
    return member


def paper() -> SimpleUploadedFile:
    return SimpleUploadedFile("章程.pdf", PDF)


def firm_other(number: int) -> Other:
    return Other(firm_name=f"云州第{number}建设有限公司", firm_code=code(number))


@pytest.fixture
def told(enterprise: Enterprise) -> Telling:
    """Return how a tie is told: an owner's 60 % unless said otherwise."""

    def tell(by: Member, at: datetime = AT, other: Other | None = None, **facts: object) -> Tie:
        from_other = bool(facts.pop("from_other", True))
        about = facts.pop("about", None)
        said = {"kind": "ownership", "share": 6_000, "valid_from": SINCE} | facts
        if said["kind"] != "ownership":
            said["share"] = None
        return tell_tie(
            enterprise, other or Other(person=OWNER), Facts(**said), from_other=from_other,  # type: ignore[arg-type]
            upload=paper(), label="公司章程", by=by, at=at, about=about,  # type: ignore[arg-type]
        )  # fmt: skip

    return tell
