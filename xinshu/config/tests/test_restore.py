"""The whole way by the commands an operator types: an installation is backed up, lost, and brought back over itself."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from xinshu.config.environment import ROOT
from xinshu.operations.backups.databases import Server


class Installation:
    """One of its own, in a folder of its own, driven by manage.py alone."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.server: Server | None = None
        if connection.vendor == "postgresql":
            here = Server.of(connection.settings_dict)
            self.server = here.named(f"{here.name}_own")
            self.server.command("CREATE DATABASE {}", self.server.name)

    def manage(self, *words: str) -> subprocess.CompletedProcess[str]:
        told = {
            "XINSHU_DATA": str(self.folder),
            "XINSHU_ENV": "test",
            "DJANGO_SETTINGS_MODULE": "xinshu.config.settings",
        }
        told["XINSHU_DATABASE_URL"] = self.server.url if self.server else ""
        command = [sys.executable, str(ROOT / "manage.py"), *words]
        return subprocess.run(command, env={**os.environ, **told}, capture_output=True, text=True, check=False)

    def entries(self) -> list[str]:
        code = "from xinshu.ledger.models import Entry; print([e.kind for e in Entry.objects.order_by('pk')])"
        return self.manage("shell", "--no-imports", "-c", code).stdout.strip().splitlines()[-1:]

    def gone(self) -> None:
        if self.server is None:
            return
        with self.server.named("postgres").connect() as connected:
            query = "SELECT datname FROM pg_database WHERE datname LIKE %s"
            names = [name for (name,) in connected.execute(query, [f"{self.server.name}%"])]
        for name in names:
            self.server.command("DROP DATABASE {}", name)


@pytest.fixture
def own(transactional_db: None, tmp_path: Path) -> Any:
    installation = Installation(tmp_path / "data")
    yield installation
    installation.gone()


def test_what_was_lost_comes_back_and_the_ledger_says_so(own: Installation, tmp_path: Path) -> None:
    assert own.manage("migrate", "--verbosity=0").returncode == 0
    first = json.loads(own.manage("backup", str(tmp_path / "one.tar"), "--json").stdout)
    assert own.manage("work", "--once").returncode == 0
    second = json.loads(own.manage("backup", str(tmp_path / "two.tar"), "--json").stdout)
    assert (first["sealed"], second["sealed"]) == (0, 1)

    refused = own.manage("restore", str(tmp_path / "two.tar"))
    restored = own.manage("restore", str(tmp_path / "two.tar"), "--replace")

    assert refused.returncode == 1
    assert "--replace" in refused.stderr
    assert restored.returncode == 0, restored.stderr
    assert "核验通过：已封存 1 条" in restored.stdout
    assert second["root"] in restored.stdout
    assert "原有的保留在" in restored.stdout
    assert own.entries() == ["['backup.made', 'backup.restored']"]
    assert own.manage("work", "--once").returncode == 0
    assert "核验通过：已封存 2 条" in own.manage("verify", "--full").stdout
