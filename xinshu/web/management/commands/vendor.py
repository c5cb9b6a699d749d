"""`manage.py vendor`: copy what the browser needs out of node_modules."""

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from xinshu.web.vendor import collect_vendor


class Command(BaseCommand):
    help = "Copy the front-end files that pages use from node_modules into static/vendor."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            copies = collect_vendor(settings.ROOT)
        except FileNotFoundError as missing:
            raise CommandError(str(missing)) from missing
        self.stdout.write(f"{len(copies)} front-end files in place")
