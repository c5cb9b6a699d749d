"""Stories of `make setup`: when the environment counts as ready, and when it must be made anew."""

import importlib.util
import os
import sys
from pathlib import Path
from types import ModuleType

import pytest

from xinshu.config.environment import ROOT


@pytest.fixture(scope="module")
def setup() -> ModuleType:
    spec = importlib.util.spec_from_file_location("xinshu_setup", ROOT / "scripts/setup.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def root(tmp_path: Path, setup: ModuleType) -> Path:
    """A folder in which everything has been set up."""
    root = tmp_path / "xinshu"
    for name in ("requirements", ".venv/bin", "node_modules", setup.VENDORED):
        (root / name).mkdir(parents=True)
    for name in ("requirements/dev.lock", "requirements/node.lock", "package.json", "package-lock.json", ".npmrc"):
        (root / name).write_text(f"contents of {name}")
    (root / ".venv/bin/python").symlink_to(sys.executable)
    setup._write_down(root, setup.python_inputs(root), setup.front_inputs(root))
    return root


def test_what_was_made_from_the_present_locks_is_ready(setup: ModuleType, root: Path) -> None:
    assert setup.is_ready(root)
    assert not setup.needs_fresh(root)


@pytest.mark.parametrize("name", ["requirements/dev.lock", "requirements/node.lock", "package-lock.json"])
def test_another_lock_is_installed_on_top(setup: ModuleType, root: Path, name: str) -> None:
    (root / name).write_text("something newer")

    assert not setup.is_ready(root)
    assert not setup.needs_fresh(root)


def test_an_environment_without_stamp_is_completed(setup: ModuleType, root: Path) -> None:
    (root / ".venv/xinshu-setup.json").unlink()

    assert not setup.is_ready(root)
    assert not setup.needs_fresh(root)


def test_a_damaged_stamp_counts_as_none(setup: ModuleType, root: Path) -> None:
    (root / ".venv/xinshu-setup.json").write_text('{"python": ')

    assert not setup.is_ready(root)


def test_an_interrupted_environment_is_made_anew(setup: ModuleType, root: Path) -> None:
    (root / ".venv/unfinished").touch()

    assert setup.needs_fresh(root)


def test_a_moved_folder_is_made_anew_because_a_venv_cannot_move(setup: ModuleType, root: Path) -> None:
    moved = root.rename(root.with_name("elsewhere"))

    assert not setup.is_ready(moved)
    assert setup.needs_fresh(moved)


def test_an_environment_whose_python_is_gone_is_made_anew(setup: ModuleType, root: Path) -> None:
    (root / ".venv/bin/python").unlink()
    (root / ".venv/bin/python").symlink_to(root / "removed-python")

    assert not setup.is_ready(root)
    assert setup.needs_fresh(root)


@pytest.mark.parametrize("name", ["node_modules", "xinshu/web/static/vendor"])
def test_missing_front_end_files_are_noticed(setup: ModuleType, root: Path, name: str) -> None:
    (root / name).rmdir()

    assert not setup.is_ready(root)


def test_a_second_setup_waits_for_the_first(setup: ModuleType, root: Path) -> None:
    fcntl = pytest.importorskip("fcntl")

    with setup.alone(root), (root / ".setup/lock").open("w") as second, pytest.raises(OSError):
        fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)

    with (root / ".setup/lock").open("w") as second:
        fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)


def test_a_failing_step_shows_its_last_lines(setup: ModuleType, tmp_path: Path) -> None:
    command = [sys.executable, "-c", "import sys; print('disk is full'); sys.exit(3)"]

    with pytest.raises(setup.Unable) as refusal:
        setup.run(command, tmp_path, {}, "the step failed")

    assert str(refusal.value) == "disk is full\nthe step failed (exit code 3)."


def test_the_machines_own_npm_is_preferred(setup: ModuleType, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    npm = root / "bin/npm"
    npm.parent.mkdir()
    npm.write_text("#!/bin/sh\nexit 0\n")
    npm.chmod(0o755)
    monkeypatch.setenv("PATH", f"{npm.parent}{os.pathsep}{os.environ['PATH']}")

    assert setup.npm_command(root) == npm
