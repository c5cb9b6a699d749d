"""`manage.py vendor`: copy what the browser needs out of node_modules."""

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from xinshu.web.vendor import ROOT, collect_vendor


class Command(BaseCommand):
    help = "Copy the front-end files that pages use from node_modules into static/vendor."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--root", type=Path, default=ROOT, help="folder that holds node_modules")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            copies = collect_vendor(options["root"])
        except FileNotFoundError as missing:
            raise CommandError(str(missing)) from missing
        self.stdout.write(f"{len(copies)} front-end files in place")
