"""`make bench`: run every bench/*.py that defines main(), each in a process and data folder of its own.

main() prints, or returns an iterable of, figures: one JSON object a line, each beside the limit it is held against.
`make bench ARGS="sealing"` runs only those named. A bench whose text names XINSHU_DATABASE_URL runs on SQLite and again
on a throw-away PostgreSQL (fsync on).
"""

import ast
import importlib
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from scripts.postgres import NoPostgres, throwaway

HERE = Path(__file__).resolve().parent


def names() -> list[str]:
    """Return the benches: modules of this folder with a main() of their own."""
    return sorted(path.stem for path in HERE.glob("[!_]*.py") if _has_main(path))


def run_here(name: str) -> None:
    """Run one bench in this process, Django set up."""
    import django

    django.setup()
    for figure in importlib.import_module(f"bench.{name}").main() or ():
        print(json.dumps(figure, ensure_ascii=False), flush=True)


def run_apart(name: str, database: str) -> int:
    """Run one bench in a process of its own, on an empty data folder; returns its exit code."""
    print(f"# {name} on {'PostgreSQL' if database else 'SQLite'}", file=sys.stderr, flush=True)
    with tempfile.TemporaryDirectory(prefix=f"xinshu-bench-{name}-") as data:
        environment = {
            **os.environ,
            "XINSHU_ENV": "demo",
            "XINSHU_DATA": data,
            "XINSHU_DATABASE_URL": database,
            "DJANGO_SETTINGS_MODULE": "xinshu.config.settings",
        }
        command = [sys.executable, "-m", "bench", "--here", name]
        return subprocess.run(command, cwd=HERE.parent, env=environment, stdin=subprocess.DEVNULL).returncode


def main(wanted: list[str]) -> int:
    """Run the wanted benches, all when none is named; 1 when any failed."""
    known = names()
    unknown = sorted(set(wanted) - set(known))
    if unknown:
        print(f"No such bench: {', '.join(unknown)}. There are: {', '.join(known)}.", file=sys.stderr)
        return 2
    with _postgres() as postgres:
        runs = [(name, database) for name in wanted or known for database in ("", *_also_on(name, postgres))]
        failed = [name for name, database in runs if run_apart(name, database)]
    if failed:
        print(f"failed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


@contextmanager
def _postgres() -> Iterator[str]:
    try:
        with throwaway(durable=True) as url:
            yield url
    except NoPostgres as reason:
        print(f"# without PostgreSQL: {reason}", file=sys.stderr)
        yield ""


def _also_on(name: str, postgres: str) -> list[str]:
    return [postgres] if postgres and "XINSHU_DATABASE_URL" in (HERE / f"{name}.py").read_text() else []


def _has_main(path: Path) -> bool:
    return any(isinstance(node, ast.FunctionDef) and node.name == "main" for node in ast.parse(path.read_text()).body)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--here"]:
        run_here(sys.argv[2])
    else:
        sys.exit(main(sys.argv[1:]))
