"""A worker process for test_matching_killed.py: it says a line for each subscription matched and each person told."""

import threading
from collections.abc import Callable
from typing import Any

import django

if __name__ == "__main__":
    django.setup()

from django.core.management import call_command

from xinshu.subscriptions import tasks
from xinshu.subscriptions.actions import matches


def saying(line: str, act: Callable[..., Any]) -> Callable[..., Any]:
    """Return `act`, which says `line` when it is done and leaves time to kill this process there."""

    def said(*args: Any) -> Any:
        done = act(*args)
        print(line, flush=True)  # noqa: T201
        threading.Event().wait(0.005)
        return done

    return said


if __name__ == "__main__":
    matches.look = saying("matched", matches.look)
    tasks.tell = saying("told", tasks.tell)
    call_command("work", skip_checks=True)
