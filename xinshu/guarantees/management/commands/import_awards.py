"""`manage.py import_awards FILE.jsonl.gz [--issue]`: award notices become projects, then guarantees."""

import gzip
import json
import sys
import time
from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.clock import now
from xinshu.core.money import parse_yuan
from xinshu.core.refusals import Refusal
from xinshu.guarantees.awards.importing import Desk, carry_through, performance_guarantee, take_in
from xinshu.guarantees.demo.cast import prepare_guarantors
from xinshu.ledger.sealing import seal
from xinshu.ledger.worker import drain
from xinshu.tenders.reading.labels import Unreadable, read_award


class Command(BaseCommand):
    """Read award notices (JSON Lines, plain or gzip), one line per notice."""

    help = __doc__

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)
        parser.add_argument(
            "--issue", action="store_true", help="carry a 10 %% performance guarantee through to its letter"
        )
        parser.add_argument("--manager", default="manager", help="user name of the guarantor's account manager")
        parser.add_argument("--signer", default="signer", help="user name of the guarantor's signer")
        parser.add_argument("--line", default="20000000", help="credit line in yuan granted to a new customer")

    def handle(self, *args: Any, **options: Any) -> None:
        started = time.monotonic()
        if not settings.PRODUCTION:
            prepare_guarantors(now(), admits_unverified=True)
        manager = self.member(options["manager"], "guarantees.apply")
        signer = self.member(options["signer"], "guarantees.issue")
        if manager.organisation_id != signer.organisation_id:
            raise CommandError(_("客户经理和签发人不在同一家保证人。"))
        desk = Desk(manager, signer, parse_yuan(options["line"]))
        counts = dict.fromkeys(("read", "projects", "issued", "refused", "errors"), 0)
        for number, line in enumerate(lines_of(options["file"]), 1):
            counts["read"] += 1
            self.take(number, line, desk, counts, issue=options["issue"])
            self.show_progress(counts)
        drain()
        seal(now())
        counts["seconds"] = round(time.monotonic() - started, 2)  # type: ignore[assignment]
        self.stdout.write(json.dumps(counts))

    def take(self, number: int, line: str, desk: Desk, counts: dict[str, int], *, issue: bool) -> None:
        """Take in one line; whatever is wrong with it is said in one line and counted."""
        where = _("第 %(number)d 行") % {"number": number}
        try:
            try:
                notice = json.loads(line)
            except (ValueError, RecursionError) as error:
                raise Unreadable(_("不是有效的 JSON")) from error
            if not isinstance(notice, dict):
                raise Unreadable(_("不是一条公告"))
            where = f"{where} {str(notice.get('title') or '')[:40]}"
            award = read_award(notice)
            project, new = take_in(award, desk)
        except (Unreadable, Refusal) as error:
            counts["errors"] += 1
            self.stdout.write(f"{where}　{_('未导入')}：{error}")
            return
        counts["projects"] += new
        if not issue:
            return
        try:
            counts["issued"] += carry_through(performance_guarantee(project, desk), desk)
        except Refusal as refusal:
            counts["refused"] += 1
            self.stdout.write(f"{where}　{_('未出函')}：{refusal}")

    def member(self, username: str, permission: str) -> Member:
        """Return the member who acts for a guarantor under this user name."""
        for member in Member.objects.filter(user__username=username, active=True).select_related(
            "user", "organisation"
        ):
            if member.organisation.kind in Organisation.ISSUERS and member.can(permission):
                return member
        raise CommandError(_("没有找到可以办理的保证人成员：%(name)s") % {"name": username})

    def show_progress(self, counts: dict[str, int]) -> None:
        """Keep a person at a terminal informed; a file gets only the lines that matter."""
        if sys.stderr.isatty():
            self.stderr.write(
                _("\r已读 %(read)d，新项目 %(projects)d，出函 %(issued)d，未出函 %(refused)d，未导入 %(errors)d")
                % counts,
                ending="",
            )
        elif counts["read"] % 50 == 0:
            self.stderr.write(_("已读 %(read)d，出函 %(issued)d") % counts)


def lines_of(path: Path) -> Iterator[str]:
    """Yield the lines of a file, gzip or plain, that hold anything. Raises CommandError when it cannot be read."""
    try:
        with (
            gzip.open(path, "rt", encoding="utf-8", errors="replace")
            if path.suffix == ".gz"
            else path.open(encoding="utf-8", errors="replace") as file
        ):
            yield from (line for line in file if line.strip())
    except (OSError, EOFError) as error:
        raise CommandError(_("文件读不出来：%(path)s（%(why)s）") % {"path": path, "why": error}) from error
