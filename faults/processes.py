"""Commands of Xinshu as processes of their own, on the test's database and files: to be killed without warning."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection

from xinshu.config.environment import ROOT

PATIENCE, LOOK = 90.0, 0.003  # seconds
LEASE = "1.5"  # seconds until the deliveries of a killed worker go to the next one


def environment(data: Path) -> dict[str, str]:
    """Return what a process needs to work on this test's database, under its keys, with files and witness in `data`."""
    database = settings.DATABASES["default"]
    url = f"sqlite:///{connection.settings_dict['NAME']}"
    if connection.vendor == "postgresql":
        url = "postgres://{USER}:{PASSWORD}@{HOST}:{PORT}/{name}".format(
            **database | {"HOST": str(database["HOST"]).replace("/", "%2F")}, name=connection.settings_dict["NAME"]
        )
    keys = ("SECRET_KEY", "FILE_KEY", "LEDGER_KEY", "CHECKPOINT_KEY", "WITNESS_KEY", "SEAL_KEY")
    return {
        **os.environ,
        **{f"XINSHU_{name}": getattr(settings, name) for name in keys},
        "DJANGO_SETTINGS_MODULE": "xinshu.config.settings_test",
        "XINSHU_DATA": str(data),
        "XINSHU_DATABASE_URL": url,
        "XINSHU_WORK_LEASE": LEASE,
        "PYTHONUNBUFFERED": "1",
    }


def share(data: Path, test_settings: Any) -> None:
    """Let this process and those that it starts keep their files, seals and witness in the one folder `data`."""
    pki = Path(test_settings.DATA) / "pki"
    if pki.exists():
        shutil.copytree(pki, data / "pki", dirs_exist_ok=True)
    test_settings.DATA = data
    test_settings.FILES_ROOT, test_settings.WITNESS_ROOT = data / "files", data / "witness"


@contextmanager
def running(data: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    """Run `manage.py ARGUMENTS` while the block runs; whatever is left of it afterwards is killed."""
    log = (data / "log").open("a+")
    process = subprocess.Popen(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment(data),
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=log,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        log.close()


def said(data: Path) -> str:
    """Return all that the processes in `data` have printed."""
    return (data / "log").read_text(errors="replace")


def until(is_so: Callable[[], bool], wait: Callable[[float], object], patience: float = PATIENCE) -> None:
    """Look again and again until `is_so`; raises AssertionError when patience has run out."""
    looks = int(patience / LOOK)
    for _look in range(looks):
        if is_so():
            return
        wait(LOOK)
    raise AssertionError("it did not come to that")
