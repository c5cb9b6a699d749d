"""What scripts/fleet.py tells its processes: machines apart, one of them enough, nothing sent twice."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from types import ModuleType

import pytest

from xinshu.config.environment import ROOT


@pytest.fixture
def fleet(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    spec = importlib.util.spec_from_file_location("xinshu_fleet", ROOT / "scripts/fleet.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "xinshu_fleet", module)  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


def test_machines_share_keys_database_redis_and_storage_and_nothing_else(fleet: ModuleType, tmp_path: Path) -> None:
    keys = {name: "00" * size for name, size in fleet.KEYS.items()}

    one, other = (fleet.environment(tmp_path, name, fleet.Ports(), "postgres://x/y", keys) for name in fleet.MACHINES)

    assert {name for name in one if one[name] != other[name]} == {"XINSHU_DATA", "XINSHU_PORT", "XINSHU_LIVE_PORT"}
    assert one["XINSHU_STORAGE"] == "s3"
    ports = {one["XINSHU_PORT"], one["XINSHU_LIVE_PORT"], other["XINSHU_PORT"], other["XINSHU_LIVE_PORT"]}
    assert len(ports) == 4


def test_nginx_knows_every_process_passes_over_a_dead_one_and_repeats_no_post(
    fleet: ModuleType, tmp_path: Path
) -> None:
    text = fleet.nginx_configuration(tmp_path, fleet.Ports(9000))

    for port in (9010, 9011, 9012, 9013):
        assert f"server 127.0.0.1:{port} max_fails=1 fail_timeout=2s;" in text
    assert "proxy_next_upstream error timeout http_502 http_503;" in text
    assert "location = /live { proxy_pass http://xinshu_live; proxy_buffering off;" in text
    program = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin")
    if program is None:
        pytest.skip("nginx is not installed: its own check of the configuration is left out")
    (tmp_path / "nginx").mkdir()
    (tmp_path / "nginx.conf").write_text(text)
    done = subprocess.run(
        [program, "-t", "-c", str(tmp_path / "nginx.conf"), "-e", str(tmp_path / "log")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_a_missing_program_is_named_with_its_package(
    fleet: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(fleet, "_program", lambda name: None)

    assert {"redis-server", "nginx-light"} <= set(fleet.missing())
    with pytest.raises(fleet.CannotStart, match="nginx-light"), fleet.running(fleet.Ports()):
        pass
