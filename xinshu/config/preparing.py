"""Bring a data folder to the point where it can be served: tables, and in a demo the city."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management import call_command, get_commands
from django.core.management.base import CommandError
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from xinshu.accounts.models import Member, Organisation
from xinshu.accounts.roles import ROLES
from xinshu.core.clock import now
from xinshu.documents.templates import install_defaults
from xinshu.operations.folded import applied_here, stopped_half_way

Say = Callable[[str], None]
_HALF_WAY = (
    "这个数据库停在迁移合并以前的半路（{names}），本版本没有中间的步骤。什么都没有改动。\n"
    "演示数据可以用 make demo 重新写入；别的数据请先用当时的版本升级到合并之前。\n"
    "This database stands half-way before migrations were folded (decision 58). Nothing was changed. "
    "`make demo` fills a demo anew; other data is first brought up to the fold with the version of its day."
)
DEMO_PASSWORD = "xinshu-demo"  # noqa: S105  (made public on purpose; production refuses demo accounts)
DEMO_ACCOUNTS = tuple(ROLES)  # the demo has one account per role, named for it


def prepare(say: Say) -> None:
    """Migrate, and fill the demo city on the first run. Two of these never work in one data folder at once."""
    settings.DATA.mkdir(parents=True, exist_ok=True)
    with held(settings.DATA / "prepare.lock", wait=True):
        if _unfinished().exists():
            say("上次写入演示城市时中断，现在重新写入 · filling the demo city was interrupted: starting it afresh.")
            erase()
        if half := stopped_half_way(applied_here()):
            raise CommandError(_HALF_WAY.format(names=", ".join(half)))
        if _to_migrate():
            call_command("migrate", verbosity=0, interactive=False)
        install_defaults(at=now())  # letters as this release lays them out; before anybody's first one tells of itself
        if settings.DEMO and "demo" in get_commands() and not Organisation.objects.exists():
            say("首次启动，正在写入演示城市“云州市” · first run: filling the demo city ...")
            _unfinished().touch()
            call_command("demo", if_empty=True)
            _unfinished().unlink()
        connection.close()


def reset(say: Say) -> None:
    """Delete the demo's database and files and fill the city again.

    Raises CommandError outside a demo, and while Xinshu is running on this data folder.
    """
    if not settings.DEMO:
        raise CommandError("XINSHU_ENV 不是 demo，不做任何删除 · only a demo can be reset; nothing was deleted.")
    settings.DATA.mkdir(parents=True, exist_ok=True)
    with held(settings.DATA / "running.lock"):
        erase()
    prepare(say)


def erase() -> None:
    """Delete all tables of this project, all kept files, and what the witness remembers of them. Keys stay."""
    if not settings.DEMO:
        raise CommandError("Only a demo may be erased.")
    connection.close()
    if connection.vendor == "sqlite":
        for ending in ("", "-wal", "-shm", "-journal"):
            Path(f"{settings.DATABASES['default']['NAME']}{ending}").unlink(missing_ok=True)
    else:
        # Only our own tables: the database may hold other things too.
        tables = {*connection.introspection.django_table_names(only_existing=True), "django_migrations"}
        with connection.cursor() as cursor:
            for table in sorted(tables):
                cursor.execute(f"DROP TABLE IF EXISTS {connection.ops.quote_name(table)} CASCADE")
    for folder in (settings.FILES_ROOT, settings.WITNESS_ROOT):
        shutil.rmtree(folder, ignore_errors=True)
    _unfinished().unlink(missing_ok=True)


def demo_accounts() -> list[tuple[str, str, str]]:
    """Return (account, roles, organisation) of those demo accounts that exist, in the order of a case's life."""
    members = {
        member.user.username: member
        for member in Member.objects.acting().filter(user__username__in=DEMO_ACCOUNTS).order_by("-pk")
    }
    return [
        (name, members[name].role_names, members[name].organisation.name) for name in DEMO_ACCOUNTS if name in members
    ]


@contextmanager
def held(path: Path, *, wait: bool = False, shared: bool = False) -> Iterator[None]:
    """Hold a lock file while the block runs. Raises CommandError when somebody holds it and `wait` is false."""
    with path.open("w") as lock:
        try:
            import fcntl
        except ImportError:  # no POSIX locks on this system
            yield
            return
        try:
            fcntl.flock(lock, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | (0 if wait else fcntl.LOCK_NB))
        except OSError as problem:
            raise CommandError(
                f"信枢正在使用 {path.parent}。请先在它的窗口按 Ctrl-C 停止，再重试。\n"
                f"Xinshu is running on {path.parent}: stop it first (Ctrl-C), then try again. Nothing was changed."
            ) from problem
        yield


def _to_migrate() -> bool:
    executor = MigrationExecutor(connection)
    return bool(executor.migration_plan(executor.loader.graph.leaf_nodes()))


def _unfinished() -> Path:
    return Path(settings.DATA) / "demo-unfinished"
