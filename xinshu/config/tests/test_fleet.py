"""What scripts/fleet.py tells its processes: machines apart, one of them enough, nothing sent twice."""

import importlib.util
import shutil
import socket
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from xinshu.config.environment import ROOT

NGINX = shutil.which("nginx", path="/usr/sbin:/usr/bin:/usr/local/sbin")


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
        assert f"server 127.0.0.1:{port} backup max_fails=0;" in text  # with all down the last living one is asked
    assert "proxy_next_upstream error timeout;" in text  # 503 says that the database is away, not the process
    assert "location = /live { proxy_pass http://xinshu_live; proxy_buffering off;" in text
    if NGINX is None:
        pytest.skip("nginx is not installed: its own check of the configuration is left out")
    (tmp_path / "nginx").mkdir()
    (tmp_path / "nginx.conf").write_text(text)
    done = subprocess.run(
        [NGINX, "-t", "-c", str(tmp_path / "nginx.conf"), "-e", str(tmp_path / "log")],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr


@contextmanager
def only_web_process(port: int, answers: list[int]) -> Iterator[None]:
    """Answer each request with the next of `answers`, the last one for good; 0: hang up without an answer."""

    class Process(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            status = answers.pop(0) if len(answers) > 1 else answers[0]
            if not status:
                self.close_connection = True
                return
            self.send_response(status)
            self.send_header("Content-Length", "0")
            self.end_headers()

        do_POST = do_GET

        def log_message(self, *_words: Any) -> None:
            return

    server = ThreadingHTTPServer(("127.0.0.1", port), Process)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


@contextmanager
def nginx(fleet: ModuleType, folder: Path, ports: Any) -> Iterator[None]:
    (folder / "nginx").mkdir()
    place = folder / "nginx.conf"
    place.write_text(fleet.nginx_configuration(folder, ports))
    command = [NGINX or "", "-c", str(place), "-e", str(folder / "log"), "-g", "daemon off;"]
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            while not fleet._taken(ports.front):
                assert process.poll() is None, (folder / "log").read_text()
                threading.Event().wait(0.02)
            yield
        finally:
            process.terminate()


def free_ports(fleet: ModuleType) -> Any:
    while True:
        with socket.create_server(("127.0.0.1", 0)) as one:
            ports = fleet.Ports(one.getsockname()[1])
        if ports.first < 65_000 and not any(fleet._taken(port) for port in ports.all):
            return ports


@pytest.mark.skipif(NGINX is None, reason="nginx is not installed")
@pytest.mark.parametrize(
    ("method", "answers", "seen"),
    [
        ("GET", [503, 200], [503, 200, 200]),  # the database is away for a moment: the words come through, then work
        ("POST", [503, 200], [503, 200, 200]),
        ("GET", [0, 200], [200, 200, 200]),  # harmless to repeat: repeated, even by the same process
        ("POST", [0, 200], [502, 200, 200]),  # may have been done: told to the person, never repeated
    ],
)
def test_the_only_living_web_process_is_asked_again_at_once_whatever_it_said(
    fleet: ModuleType, tmp_path: Path, method: str, answers: list[int], seen: list[int]
) -> None:
    ports = free_ports(fleet)

    def status() -> int:
        asking = urllib.request.Request(f"http://127.0.0.1:{ports.front}/", method=method)
        try:
            with urllib.request.urlopen(asking, timeout=20) as answer:
                return int(answer.status)
        except urllib.error.HTTPError as error:
            error.close()
            return error.code

    with only_web_process(ports.web("a"), answers), nginx(fleet, tmp_path, ports):
        assert [status() for _time in seen] == seen


def test_ports_of_another_fleet_are_not_taken_over(fleet: ModuleType, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleet, "missing", list)
    ports = free_ports(fleet)

    with (
        only_web_process(ports.web("b"), [200]),
        pytest.raises(fleet.CannotStart, match=str(ports.web("b"))),
        fleet.running(ports),
    ):
        pass


def test_a_missing_program_is_named_with_its_package(
    fleet: ModuleType, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(fleet, "_program", lambda name: None)

    assert {"redis-server", "nginx-light"} <= set(fleet.missing())
    with pytest.raises(fleet.CannotStart, match="nginx-light"), fleet.running(fleet.Ports()):
        pass
