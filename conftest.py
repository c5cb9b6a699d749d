"""What every test stands on: a database of its own and a fixed moment to hand in."""

import os
from collections.abc import Callable
from datetime import date, datetime
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from django.test import Client

    from xinshu.accounts.models import Member

RUN = os.environ["XINSHU_TEST_RUN"]  # set with the data folder in xinshu/config/settings_test.py


@pytest.fixture
def at() -> datetime:
    """The moment at which tests act unless they say otherwise: 2026-11-21 10:40 in China, a Saturday."""
    from xinshu.core.clock import moment

    return moment(date(2026, 11, 21), 10, 40)


@pytest.fixture
def sign_in() -> Callable[["Member"], "Client"]:
    """Sign somebody in, in a browser of their own."""
    from django.test import Client

    from xinshu.accounts.middleware import CHOSEN

    def sign_in(member: "Member") -> Client:
        browser = Client()
        browser.force_login(member.user)
        session = browser.session
        session[CHOSEN] = member.pk
        session.save()
        return browser

    return sign_in


@pytest.fixture(scope="session")
def django_db_modify_db_settings(worker_id: str) -> None:
    """Name the test database after this run and worker, so that two runs on one PostgreSQL do not meet."""
    from django.conf import settings

    database = settings.DATABASES["default"]
    if database["ENGINE"] != "django.db.backends.sqlite3":
        name = f"test_{database['NAME']}_{RUN}_{worker_id}"
    else:
        name = f"{settings.DATA}/test.sqlite3"  # the folder is this worker's alone
    database["TEST"] = {**database.get("TEST", {}), "NAME": name}
