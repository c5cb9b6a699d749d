"""A guarantor, an enterprise that asks it for guarantees, and cases to reserve a line for."""

from collections.abc import Callable
from datetime import datetime

import pytest

from xinshu.accounts.models import Organisation, User
from xinshu.core.clock import CHINA

AT = datetime(2026, 11, 20, 10, 0, tzinfo=CHINA)


@pytest.fixture
def guarantor(db: None) -> Organisation:
    return Organisation.objects.create(name="云州融信融资担保有限公司", kind=Organisation.Kind.GUARANTOR)


@pytest.fixture
def applicant(db: None) -> Organisation:
    return Organisation.objects.create(name="云州恒达路桥工程有限公司", kind=Organisation.Kind.ENTERPRISE)


@pytest.fixture
def case(db: None) -> Callable[[int], User]:
    """Any row can be what a reservation is for; the books know nothing of guarantees."""

    def make(number: int) -> User:
        return User(pk=number)

    return make
