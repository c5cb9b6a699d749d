"""What every test stands on: a data folder of its own, cheap password hashing, a fixed moment to hand in."""

import atexit
import os
import shutil
import tempfile
from datetime import date, datetime

import pytest

# Before Django reads its settings. pytest-xdist's workers inherit the run's name and make a folder each.
RUN = os.environ.setdefault("XINSHU_TEST_RUN", f"{os.getpid():x}")
os.environ["XINSHU_ENV"] = "test"
os.environ["XINSHU_DATA"] = tempfile.mkdtemp(prefix=f"xinshu-test-{RUN}-")
atexit.register(shutil.rmtree, os.environ["XINSHU_DATA"], ignore_errors=True)


@pytest.fixture
def at() -> datetime:
    """The moment at which tests act unless they say otherwise: 2026-11-21 10:40 in China, a Saturday."""
    from xinshu.core.clock import moment

    return moment(date(2026, 11, 21), 10, 40)


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
