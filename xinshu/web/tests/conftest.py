"""People for the tests of this floor, and the addresses that refuse."""

from collections.abc import Callable

import pytest
from django.conf import settings as project
from django.contrib.auth import login
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from django.test import Client

from xinshu.accounts.middleware import CHOSEN
from xinshu.accounts.models import Member, Organisation, User


@pytest.fixture(autouse=True)
def _own_addresses(settings):
    settings.ROOT_URLCONF = "xinshu.web.tests.addresses"
    settings.NAVIGATION = "xinshu.web.tests.addresses.NAVIGATION"


def join(username: str, *roles: str, kind: str = "guarantor", organisation: str = "云州融信融资担保有限公司") -> Member:
    """Return a new member with `roles` in `organisation`, made where missing."""
    house, _made = Organisation.objects.get_or_create(name=organisation, defaults={"kind": kind})
    user = User.objects.filter(username=username).first() or User.objects.create_user(username, "x", name="周启明")
    return Member.objects.create(user=user, organisation=house, roles=list(roles))


@pytest.fixture
def member_of() -> Callable[..., Member]:
    return join


@pytest.fixture
def browser_of() -> Callable[[Member], Client]:
    """Return a browser in which the member has signed in."""

    def signed_in(member: Member) -> Client:
        request = HttpRequest()
        request.session = SessionStore()
        login(request, member.user, backend="django.contrib.auth.backends.ModelBackend")
        request.session[CHOSEN] = member.pk
        request.session.save()
        client = Client(raise_request_exception=False)
        client.cookies[project.SESSION_COOKIE_NAME] = request.session.session_key
        return client

    return signed_in
