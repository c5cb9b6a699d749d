"""`manage.py replay_rules`: make every kept run again and say which do not come out the same, byte for byte."""

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from xinshu.rules.models import Run
from xinshu.rules.replaying import replayed


class Command(BaseCommand):
    help = "Replay kept rule runs and compare them byte for byte. Exit code 1 when any differs."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("references", nargs="*", help="of runs; all when none is named")

    def handle(self, *args: Any, **options: Any) -> None:
        runs = Run.objects.filter(state="kept").select_related("rule_version__rule_set").order_by("pk")
        if options["references"]:
            runs = runs.filter(reference__in=options["references"])
        total = differing = 0
        for run in runs.iterator():
            total += 1
            again = replayed(run)
            if not again.proven:
                differing += 1
                why = "结论不同" if not again.same else "与总账的摘要不符"
                self.stdout.write(f"{run.reference}  {run.subject_name}  {why}")
        self.stdout.write(f"重放 {total} 次，{total - differing} 次逐字节一致 · {differing} of {total} differ.")
        if differing:
            raise CommandError(f"{differing} 次重放不一致。")
