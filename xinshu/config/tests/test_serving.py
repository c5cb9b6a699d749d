"""Stories of `make run`: ports, children that die, children that will not, and a supervisor that is killed."""

import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from xinshu.config.environment import ROOT
from xinshu.config.serving import CannotServe, Child, Supervisor, answers, check_port, free_ports, pause_after

HOST = "127.0.0.1"
IDLE = "import sys, time; open(sys.argv[1], 'w').close(); time.sleep(60)"
STUBBORN = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN); " + IDLE


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    with socket.create_server((HOST, 0)) as server:
        yield server


def supervised(tmp_path: Path, program: str) -> tuple[Supervisor, Path, list[str]]:
    mark, said = tmp_path / "started", []
    supervisor = Supervisor([Child("web", [sys.executable, "-c", program, str(mark)])], said.append, patience=0.3)
    return supervisor, mark, said


def test_a_port_in_use_is_refused_in_both_languages_with_the_variable_to_set(listener: socket.socket) -> None:
    port = listener.getsockname()[1]

    with pytest.raises(CannotServe) as refusal:
        check_port(HOST, port, "XINSHU_PORT")

    assert f"端口 {port} 已被其他程序占用" in str(refusal.value)
    assert f"Port {port} is in use" in str(refusal.value)
    assert "XINSHU_PORT=" in str(refusal.value)


def test_a_neighbours_port_is_passed_over_and_two_in_a_row_are_found(listener: socket.socket) -> None:
    port = listener.getsockname()[1]

    one = free_ports(HOST, port)
    two = free_ports(HOST, port, 2, taken={one})
    before = free_ports(HOST, port - 1, 2)

    assert one != port
    assert not {port, one} & {two, two + 1}
    assert port not in (before, before + 1)
    check_port(HOST, one, "XINSHU_LIVE_PORT")
    check_port(HOST, two + 1, "XINSHU_SANDBOX_PORT")


def test_the_last_port_of_all_is_not_passed() -> None:
    assert free_ports(HOST, 65_535, 2) < 65_535


def test_a_child_that_the_rest_can_do_without_ends_nothing(tmp_path: Path) -> None:
    supervisor, mark, said = supervised(tmp_path, IDLE)
    supervisor.children.append(Child("sandbox", [sys.executable, "-c", "raise SystemExit(1)"], vital=False))
    try:
        supervisor.start()
        assert supervisor.children[1].process is not None
        supervisor.children[1].process.wait()

        supervisor.wait_until(mark.exists, 20)
        supervisor.tend()

        assert said == ["sandbox ended (exit code 1); starting it again ..."]
    finally:
        supervisor.stop()


def test_a_port_that_was_just_left_is_free_again(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    client = socket.create_connection((HOST, port))
    accepted, _address = listener.accept()
    accepted.close()  # our side closes first, so the connection lingers in TIME_WAIT
    client.close()
    listener.close()

    check_port(HOST, port, "XINSHU_PORT")


def test_nobody_listening_is_no_answer(listener: socket.socket) -> None:
    port = listener.getsockname()[1]
    listener.close()

    assert not answers(port, "/healthz")


@pytest.mark.parametrize(("failures", "seconds"), [(1, 1), (2, 2), (3, 4), (5, 16), (6, 30), (1000, 30)])
def test_the_pause_before_a_restart_grows_to_half_a_minute(failures: int, seconds: float) -> None:
    assert pause_after(failures) == seconds


def test_a_child_that_dies_is_started_again_after_its_pause(tmp_path: Path) -> None:
    supervisor, mark, said = supervised(tmp_path, IDLE)
    [child] = supervisor.children
    try:
        supervisor.start()
        supervisor.wait_until(mark.exists, 20)
        assert child.process is not None
        first = child.process
        child.signal(signal.SIGKILL)
        first.wait()

        supervisor.tend()
        waiting = child.process
        child.due = 0.0
        supervisor.tend()

        assert said == ["web ended (killed by SIGKILL); starting it again ..."]
        assert waiting is None
        assert child.process is not None
        assert child.process.pid != first.pid
    finally:
        supervisor.stop()


def test_a_child_that_ends_while_starting_is_reported_and_not_waited_for(tmp_path: Path) -> None:
    supervisor, mark, _said = supervised(tmp_path, "raise SystemExit(7)")
    try:
        supervisor.start()

        with pytest.raises(CannotServe, match="web exit code 7"):
            supervisor.wait_until(mark.exists, 20)
    finally:
        supervisor.stop()


@pytest.mark.parametrize(("program", "code"), [(IDLE, -signal.SIGTERM), (STUBBORN, -signal.SIGKILL)])
def test_stopping_asks_first_and_kills_what_will_not_stop(tmp_path: Path, program: str, code: int) -> None:
    supervisor, mark, _said = supervised(tmp_path, program)
    supervisor.start()
    supervisor.wait_until(mark.exists, 20)

    supervisor.stop()

    [child] = supervisor.children
    assert child.process is not None
    assert child.process.returncode == code


def test_children_end_with_a_supervisor_that_is_killed() -> None:
    child = (
        "import time; from xinshu.config.children import die_with_parent; die_with_parent();"
        "print('up', flush=True); time.sleep(60)"
    )
    parent = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {child!r}])"
    process = subprocess.Popen([sys.executable, "-c", parent], stdout=subprocess.PIPE, cwd=ROOT)
    assert process.stdout is not None
    assert process.stdout.readline() == b"up\n"

    process.kill()

    assert process.stdout.read() == b""  # the pipe closes only when parent and child have both ended
    process.wait()
    process.stdout.close()
