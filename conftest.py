"""What every test stands on: a database of its own and a fixed moment to hand in."""

import gc
import os
from collections.abc import Callable, Iterator
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from xinshu.config.tests import on_postgresql
from xinshu.config.tests.migrated import migrated_copy

if TYPE_CHECKING:
    from django.test import Client
    from xdist.scheduler import LoadScopeScheduling

    from xinshu.accounts.models import Member

RUN = os.environ["XINSHU_TEST_RUN"]  # set with the data folder in xinshu/config/settings_test.py


TOGETHER = ("journeys/", "faults/test_killed.py", "faults/test_database_dies.py")  # one city; one machine to kill on


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> "LoadScopeScheduling | None":
    """Keep what must run together on one worker. pytest-xdist's own groups (3.8) do nothing under pytest 9.2."""
    if config.getvalue("dist") != "loadgroup":
        return None
    from xdist.scheduler import LoadScopeScheduling

    class Together(LoadScopeScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return next((place for place in TOGETHER if nodeid.startswith(place)), nodeid)

    return Together(config, log)


@pytest.fixture(scope="session")
def at() -> datetime:
    """The moment at which tests act unless they say otherwise: 2026-11-21 10:40 in China, a Saturday."""
    from xinshu.core.clock import moment

    return moment(date(2026, 11, 21), 10, 40)


@pytest.fixture
def sign_in() -> Callable[["Member"], "Client"]:
    """Sign somebody in, in a browser of their own."""
    from xinshu.accounts.tests.browsers import signed_in

    return signed_in


@pytest.fixture(autouse=True)
def _types_as_shipped() -> Iterator[None]:
    """Let no test find the types of guarantee that another one has activated: the register lies in memory."""
    yield
    from xinshu.guarantees.kinds import KINDS

    if KINDS.stamp:
        KINDS.show((), "")


@pytest.fixture(scope="session")
def django_db_modify_db_settings(worker_id: str) -> None:
    """Name the test database after this run and worker, so that two runs on one PostgreSQL do not meet."""
    from django.conf import settings
    from django.db import connection

    _without_djangos_own_permissions()

    database = settings.DATABASES["default"]
    name = f"test_{database['NAME']}_{RUN}_{worker_id}"
    told = dict(database.get("TEST", {}))
    if on_sqlite():
        name = str(migrated_copy(Path(settings.DATA) / "test.sqlite3"))  # the folder is this worker's alone
    else:
        told["TEMPLATE"] = on_postgresql.migrated_template()
        connection.ops.sql_flush = partial(on_postgresql.deleting, connection)  # type: ignore[method-assign]
    database["TEST"] = {**told, "NAME": name}


def pytest_collection_finish(session: pytest.Session) -> None:
    """Let the collector of garbage leave what stays to the end alone: every model, module and test there is."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)


def pytest_unconfigure(config: pytest.Config) -> None:
    """Remove the template of this run from PostgreSQL when the last worker has ended."""
    if not hasattr(config, "workerinput") and "postgres" in os.environ.get(on_postgresql.URL, ""):
        on_postgresql.drop_template()


def _without_djangos_own_permissions() -> None:
    """Spare every test that commits the six hundred rows that Django would write anew; Xinshu's rights are its own."""
    from django.contrib.contenttypes.management import create_contenttypes
    from django.db.models.signals import post_migrate

    assert post_migrate.disconnect(dispatch_uid="django.contrib.auth.management.create_permissions")
    assert post_migrate.disconnect(create_contenttypes)


@pytest.fixture(scope="session")
def django_db_keepdb(django_db_keepdb: bool) -> bool:
    """Let Django take the copy of the migrated database for its own; it goes with the worker's folder."""
    return django_db_keepdb or on_sqlite()


def on_sqlite() -> bool:
    from django.conf import settings

    return bool(settings.DATABASES["default"]["ENGINE"] == "django.db.backends.sqlite3")
