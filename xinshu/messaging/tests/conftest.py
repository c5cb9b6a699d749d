"""Two members of one firm and one of another."""

import pytest

from xinshu.accounts.middleware import CHOSEN
from xinshu.accounts.models import Member, Organisation, User
from xinshu.core.clock import moment, today


@pytest.fixture
def at():
    return moment(today(), 9)


@pytest.fixture
def firm(db):
    return Organisation.objects.create(name="云州恒达路桥工程有限公司", kind=Organisation.Kind.ENTERPRISE)


def _member(organisation, username, *roles):
    user = User.objects.create_user(username, "xinshu-demo", name=username)
    return Member.objects.create(user=user, organisation=organisation, roles=list(roles))


@pytest.fixture
def clerk(firm):
    return _member(firm, "clerk", "applicant")


@pytest.fixture
def colleague(firm):
    return _member(firm, "colleague", "beneficiary")


@pytest.fixture
def stranger(db):
    other = Organisation.objects.create(name="江北宏远市政建设有限公司", kind=Organisation.Kind.ENTERPRISE)
    return _member(other, "stranger", "applicant")


@pytest.fixture
def page_of(client):
    """Sign somebody in; return the browser."""

    def sign_in(member):
        client.force_login(member.user)
        session = client.session
        session[CHOSEN] = member.pk
        session.save()
        return client

    return sign_in
