"""Members of every role, and how to sign them in."""

from functools import partial

import pytest
from django.core.cache import cache

from xinshu.accounts.models import Member, Organisation, User
from xinshu.accounts.tests.browsers import signed_in

KINDS = {
    "applicant": "enterprise", "manager": "guarantor", "director": "guarantor",
    "reviewer": "guarantor", "signer": "guarantor", "examiner": "guarantor", "finance": "guarantor",
    "beneficiary": "institution", "department": "department", "bank": "bank", "insurer": "insurer",
    "orgadmin": "enterprise",
    "operator": "operator", "sysadmin": "operator", "secadmin": "operator", "auditor": "operator",
}  # fmt: skip


@pytest.fixture(autouse=True)
def _no_figures_kept():
    cache.clear()


@pytest.fixture
def member_as(db):
    """Return a member in the given roles, in an organisation of the kind that such people come from."""

    def make(*roles, name="陈思远"):
        kind = KINDS[roles[0]]
        organisation, _new = Organisation.objects.get_or_create(name=f"云州{kind}有限公司", kind=kind)
        user = User.objects.create_user(f"{roles[0]}{User.objects.count()}", "xinshu-demo", name=name)
        return Member.objects.create(user=user, organisation=organisation, roles=list(roles))

    return make


@pytest.fixture
def page_of(client):
    """Sign somebody in, in the test's one browser."""
    return partial(signed_in, browser=client)
