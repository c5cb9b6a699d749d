"""`manage.py reconcile`: compare books, groups and cases now; exit code 1 when anything differs."""

import sys
from typing import Any

from django.core.management.base import BaseCommand

from xinshu.books.models import Difference
from xinshu.books.reconciliation import KINDS_OF_DIFFERENCE, reconcile
from xinshu.core.clock import now


class Command(BaseCommand):
    help = "Reconcile the books: balances with transfers, groups with members, holds with cases."

    def handle(self, *args: Any, **options: Any) -> None:
        run = reconcile(now())
        self.stdout.write(f"账户 {run.accounts}，流水 {run.transfers}，业务 {run.cases}，差异 {run.differences}")
        for row in Difference.objects.filter(gone_at=None).order_by("pk"):
            kind = KINDS_OF_DIFFERENCE.get(row.kind, row.kind)
            self.stdout.write(f"{kind} {row.about}：账上 {row.stands}，应为 {row.should}")
        if run.differences:
            sys.exit(1)
