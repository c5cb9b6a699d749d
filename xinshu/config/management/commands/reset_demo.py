"""`manage.py reset_demo`: throw the demo city away and fill it again; refuses outside a demo."""

from typing import Any

from django.core.management.base import BaseCommand

from xinshu.config.preparing import reset


class Command(BaseCommand):
    help = "Delete the demo's database and files, then fill the city again."
    requires_system_checks: list[str] = []

    def handle(self, *args: Any, **options: Any) -> None:
        reset(self.stdout.write)
        self.stdout.write("演示城市已重置 · the demo city is as new.")
