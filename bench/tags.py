"""One round of a tag over BENCH_FIRMS (30,000) customers of one house: computed from two fields of the record, written,
computed again when nothing has changed. Runs on SQLite and, where there is one, on PostgreSQL (XINSHU_DATABASE_URL).
"""

import os
import time
from collections.abc import Iterator
from typing import Any

FIRMS = int(os.environ.get("BENCH_FIRMS", "30000"))
LIMIT = 10  # seconds: a round of the night has hundreds of tags before it
Figure = dict[str, Any]


def main() -> Iterator[Figure]:
    """Fill a fresh database with one house's customers, tag them; yield seconds."""
    from django.core.management import call_command
    from django.db import connection

    from xinshu.admission.actions.tags import Wanted, write_tag
    from xinshu.admission.models import Round
    from xinshu.admission.purposes import RATIO
    from xinshu.admission.rounds import run_round
    from xinshu.core.clock import now

    call_command("migrate", verbosity=0)
    member = fill()
    rule = {"join": "all", "conditions": [
        {"fact": "registered_capital", "op": "ge", "values": [3_000_000_000]},
        {"fact": RATIO, "op": "le", "values": ["60"]},
    ]}  # fmt: skip
    begun = time.perf_counter()
    tag = write_tag(Wanted("稳健企业", "", member, "daily", rule), by=member, at=now())
    first = time.perf_counter() - begun
    begun = time.perf_counter()
    run_round(tag, Round.Cause.HAND, by=member, at=now())
    again = time.perf_counter() - begun
    carried = tag.carriers.filter(until=None).count()
    for what, spent in (("first round", first), ("round without a change", again)):
        yield {"database": connection.vendor, "figure": f"{what} over {FIRMS:,} firms", "value": round(spent, 2),
               "unit": "s", "limit": LIMIT, "carried": carried}  # fmt: skip


def fill() -> Any:
    """Write the house, its customers and three fields of each; return its reviewer."""
    from django.db import transaction

    from xinshu.accounts.models import Member, Organisation, User
    from xinshu.core.clock import local_day, now
    from xinshu.enterprises.models import Enterprise, RecordField, Relation

    kinds, at = Organisation.Kind, now()
    house = Organisation.objects.create(name="云州融信融资担保有限公司", kind=kinds.GUARANTOR)
    user = User.objects.create_user("bench-reviewer", None, name="复审")
    member = Member.objects.create(user=user, organisation=house, roles=["reviewer"])
    with transaction.atomic():
        firms = Organisation.objects.bulk_create(
            (Organisation(name=f"云州第{n}建设有限公司", kind=kinds.ENTERPRISE) for n in range(FIRMS)), batch_size=5_000
        )
        records = Enterprise.objects.bulk_create((Enterprise(organisation=one) for one in firms), batch_size=5_000)
        Relation.objects.bulk_create(
            (Relation(guarantor=house, enterprise=one, manager=member, since=at) for one in records), batch_size=5_000
        )
        values = {"registered_capital": 400_000, "total_assets": 1_000_000, "total_liabilities": 900_000}
        RecordField.objects.bulk_create(
            (
                RecordField(enterprise=one, code=code, value=str(1_000_000 + n * size % 7_000_000_000),
                            source="licence", valid_from=local_day(at), recorded_at=at, recorded_by="system")
                for n, one in enumerate(records, 1) for code, size in values.items()
            ),
            batch_size=5_000,
        )  # fmt: skip
    return member
