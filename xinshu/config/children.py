"""The programs that `manage.py serve` keeps running: `python -m xinshu.config.children NAME PARENT`.

Each ends when the supervisor that started it is gone, however that one ended.
"""

import ctypes
import importlib
import multiprocessing
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from typing import Any

PDEATHSIG = 1  # Linux: prctl(PR_SET_PDEATHSIG)


def die_with_parent(parent: int | None = None) -> None:
    """Have this process told to stop (SIGTERM) as soon as its parent ends; stop at once if that has happened."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PDEATHSIG, signal.SIGTERM)
    else:
        threading.Thread(target=_watch, args=(os.getppid(),), daemon=True).start()
    if os.getppid() == 1 and os.getpid() != 1 and parent != 1:
        sys.exit(0)


def web_application() -> Callable[..., Any]:
    """Return the WSGI application inside one of granian's own workers."""
    die_with_parent()
    from xinshu.config.wsgi import application

    return application


def web(host: str, port: int) -> None:
    """Serve pages and API: one process per core, at most four unless XINSHU_WEB_PROCESSES says otherwise."""
    from granian.constants import Interfaces
    from granian.log import LogLevels
    from granian.server import Server

    if multiprocessing.get_start_method() == "fork":  # load once, let the processes share it
        importlib.import_module("xinshu.config.wsgi")
    Server(
        "xinshu.config.children:web_application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        factory=True,
        workers=int(os.environ.get("XINSHU_WEB_PROCESSES") or min(cores(), 4)),
        blocking_threads=4,  # each keeps a database connection; pages mostly wait for the same core
        backpressure=512,  # counts connections, idle keep-alive ones too: browsers hold six each
        websockets=False,
        respawn_failed_workers=True,
        workers_kill_timeout=3,
        log_level=LogLevels.warning,
    ).serve()


def live(host: str, port: int) -> None:
    """Serve the live streams."""
    from xinshu.messaging.live import serve

    serve(host, port)


def worker() -> None:
    """Run reactions and nightly rounds."""
    from django.core.management import execute_from_command_line

    execute_from_command_line(["manage.py", "work"])


def backup() -> None:
    """Make one backup after the other (XINSHU_BACKUP_FOLDER)."""
    from django.core.management import execute_from_command_line

    from xinshu.config.environment import backups

    kept = backups()
    assert kept is not None, "XINSHU_BACKUP_FOLDER is not set"
    folder, minutes, keep = kept
    folder.mkdir(parents=True, exist_ok=True)
    execute_from_command_line(["manage.py", "backup", str(folder), "--json", f"--every={minutes}", f"--keep={keep}"])


def sandbox() -> None:
    """Stand in for the providers of messages, in demos."""
    import django

    django.setup()
    from django.conf import settings

    from xinshu.config.channels import SANDBOX_PORT, sandbox_keys
    from xinshu.messaging.sandbox.server import serve
    from xinshu.messaging.views.callbacks import callback_address

    serve(sandbox_keys(), settings.DATA / "sandbox", SANDBOX_PORT, SANDBOX_PORT + 1, callback_address)


def cores() -> int:
    """Return how many cores this process may use."""
    return len(os.sched_getaffinity(0)) if sys.platform == "linux" else os.cpu_count() or 1


def main(name: str, parent: int) -> None:
    """Become the child `name` of the supervisor with process id `parent`."""
    die_with_parent(parent)
    from xinshu.config.environment import HOST, LIVE_PORT, PORT

    programs: dict[str, Callable[[], None]] = {
        "web": lambda: web(HOST, PORT),
        "live": lambda: live(HOST, LIVE_PORT),
        "worker": worker,
        "sandbox": sandbox,
        "backup": backup,
    }
    programs[name]()


def _watch(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os.kill(os.getpid(), signal.SIGTERM)


if __name__ == "__main__":
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "xinshu.config.settings")
    main(sys.argv[1], int(sys.argv[2]))
