"""`manage.py demo`: fill the invented city 云州市 with organisations, people, projects and two years of guarantees.

The city is one transaction: an interrupted run leaves nothing behind and the next one starts afresh.
"""

import time
from argparse import ArgumentParser
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import F

from xinshu.accounts.actions.registration import Wish, register
from xinshu.accounts.demo import DEMO_ORIGIN, PASSWORD, DemoOrganisation, Kind, create_demo_levels, read_at
from xinshu.accounts.models import Organisation
from xinshu.admission.demo import create_demo_admission
from xinshu.billing.demo import build_billing
from xinshu.certification.demo import create_demo_certification, create_demo_proofs
from xinshu.claims.demo import build_claims
from xinshu.collecting.demo import create_demo_sources
from xinshu.core import clock
from xinshu.credit.demo import create_demo_credit
from xinshu.documents.demo import files_read_later
from xinshu.documents.searching.keeping import keep_what_is_told
from xinshu.documents.tasks import look_for_unread_files
from xinshu.exchange.demo import create_demo_supervision
from xinshu.exchange.projects.demo import create_demo_projects
from xinshu.guarantees.demo.awards import create_demo_awards
from xinshu.guarantees.demo.city import build_city
from xinshu.insights.demo import create_demo_insights
from xinshu.integrations.demo import create_demo_systems
from xinshu.ledger.worker import drain
from xinshu.messaging.demo import make_templates
from xinshu.messaging.models import Notice
from xinshu.messaging.planning import nothing_older
from xinshu.portal.demo import create_demo_bulletins
from xinshu.rules.demo import create_demo_rules
from xinshu.scoring.demo import create_demo_models
from xinshu.subscriptions.demo import create_demo_subscriptions
from xinshu.ties.demo import create_demo_ties
from xinshu.watch.demo import create_demo_watch

WAITING = (
    # who waits for the operator's decision, and for how many hours
    (DemoOrganisation("云州启明建设有限公司", Kind.ENTERPRISE, "91", "MADEM090"), "秦书远", "qinshuyuan", 3),
    (DemoOrganisation("云州市教育基建服务中心", Kind.INSTITUTION, "12", "MBDEM090"), "温如言", "wenruyan", 96),
)
NEWS_FOR = timedelta(days=3)  # older notices count as read: a bell that says 300 tells nothing


class Command(BaseCommand):
    help = "Fill the demo city. `manage.py reset_demo` empties it first."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--if-empty", action="store_true", help="do nothing when there is anything already")
        parser.add_argument("--past", type=int, default=60, help="how many cases lie behind us")

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.PRODUCTION:
            raise CommandError("生产环境不写入演示数据：演示账号的密码是公开的 · production refuses the demo city.")
        if Organisation.objects.exists():
            if options["if_empty"]:
                return
            raise CommandError(
                "数据库里已有机构，没有写入演示数据。要重建演示城市，请运行 manage.py reset_demo · "
                "there are organisations already; nothing was changed."
            )
        begun, at = time.monotonic(), clock.now()
        with transaction.atomic():
            build_city(at, self._say, past=options["past"])
            build_claims(at)
            build_billing(at)
            make_templates(at)
            create_demo_systems(at)
            create_demo_supervision(at)
            create_demo_projects(at)
            create_demo_bulletins(at)
            create_demo_awards(at)
            create_demo_sources(at)
            create_demo_rules(at)
            create_demo_models(at)
            create_demo_credit(at)
            create_demo_watch(at)
            create_demo_admission(at)
            create_demo_insights(at)
            create_demo_subscriptions(at)
            create_demo_certification(at)
            create_demo_ties(at)
            create_demo_levels(at)
            create_demo_proofs(at)
            for number, (wanted, person, username, hours) in enumerate(WAITING):
                side = "applicant" if wanted.kind == Kind.ENTERPRISE else "beneficiary"
                phone = f"1230000{7001 + number}"
                wish = Wish(side, wanted.kind, wanted.name, wanted.uscc, person, phone, username)
                then = at - timedelta(hours=hours)
                register(wish, PASSWORD, agreed=True, opened=read_at(then), origin=DEMO_ORIGIN, at=then)
        self._say("消息与存证")
        with nothing_older(at - NEWS_FOR), files_read_later():
            drain()
        keep_what_is_told(at)
        look_for_unread_files(clock.today(), at)
        Notice.objects.unread().filter(at__lt=at - NEWS_FOR).update(read_at=F("at"))
        self._say(f"演示城市已写入，用时 {time.monotonic() - begun:.0f} 秒 · the demo city is ready.")

    def _say(self, line: str) -> None:
        self.stdout.write(f"  · {line}")
        self.stdout.flush()
