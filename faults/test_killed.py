"""Killed at any moment (kill -9): nothing is lost, nothing happens twice, the books balance, the ledger verifies."""

import json
import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from django.db.models import Sum

from faults.processes import running, said, share, until
from xinshu.accounts.models import Member
from xinshu.books.audit import drifted, imbalance
from xinshu.books.lines import line_of
from xinshu.books.models import Transfer
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import now
from xinshu.core.refusals import Changed, NotNow
from xinshu.documents.blobs import read_blob
from xinshu.documents.models import SealedDocument
from xinshu.documents.verification import examine
from xinshu.guarantees.actions.issuance import issue_guarantee
from xinshu.guarantees.actions.payment import request_payment
from xinshu.guarantees.models import PARTIES, Guarantee, Payment
from xinshu.guarantees.tests.city import City
from xinshu.ledger.models import Delivery, Entry
from xinshu.ledger.sealing import seal
from xinshu.ledger.verification import verify
from xinshu.ledger.worker import drain
from xinshu.messaging.models import Notice

pytestmark = [pytest.mark.django_db(transaction=True)]
AWARDS = 25
ONCE = ("guarantee.drafted", "guarantee.submitted", "guarantee.approved", "payment.requested", "payment.confirmed",
        "guarantee.issued", "guarantee.delivered")  # fmt: skip


@pytest.fixture
def data(tmp_path: Path, settings) -> Path:
    share(tmp_path, settings)
    return tmp_path


@pytest.fixture
def notices(tmp_path: Path) -> Path:
    """Award notices of invented lots, won by four invented firms."""
    file = tmp_path / "awards.jsonl"
    lines = [
        {
            "id": f"N{number}", "title": f"云州市第{number}号泵站工程中标公告", "published": "2026-11-02",
            "region_code": "990103",
            "labels": {
                "标段(包)编号": f"KILL-{number:03d}", "标段(包)名称": f"云州市第{number}号泵站工程",
                "招标人": f"云州市第{number % 3}水务中心", "中标人": f"云州杀不死{'甲乙丙丁'[number % 4]}建设有限公司",
                "中标价(元)": f"{1_000_000 + number * 10_001}.37", "履约期限(天)": "180",
            },
        }
        for number in range(AWARDS)
    ]  # fmt: skip
    file.write_text("\n".join(json.dumps(line, ensure_ascii=False) for line in lines))
    return file


def nothing_lost_nothing_twice(expected: int) -> None:
    """Fail unless every case came to its letter exactly once, and books and ledger agree with that."""
    cases = list(Guarantee.objects.select_related(*PARTIES, "letter__file__blob"))
    assert Counter(case.state for case in cases) == {"in_force": expected}
    assert len({case.number for case in cases}) == expected
    subjects = {case.pk: case for case in cases}

    told = Counter(Entry.objects.filter(subject_type="guarantees.guarantee").values_list("subject_id", "kind"))
    assert {(pk, kind): told[pk, kind] for pk in subjects for kind in ONCE} == {
        (pk, kind): 1 for pk in subjects for kind in ONCE
    }
    assert Counter(Payment.objects.values_list("guarantee", "state")) == {(pk, "confirmed"): 1 for pk in subjects}
    sealed = SealedDocument.objects.filter(subject_type="guarantees.guarantee")
    assert Counter(sealed.values_list("subject_id", flat=True)) == dict.fromkeys(subjects, 1)
    for case in cases:
        content = read_blob(case.letter.file.blob)
        assert examine(content).genuine
        assert examine(content).sealed == case.letter

    moved = Counter(Transfer.objects.exclude(subject_id=None).values_list("subject_id", "debit__unit", "state"))
    assert moved == {(pk, unit, "posted"): 1 for pk in subjects for unit in ("LINE", "CNY")}
    assert imbalance() == {}
    assert drifted() == []
    for case in {case.applicant_id: case for case in cases}.values():
        faces = Guarantee.objects.filter(applicant=case.applicant).aggregate(sum=Sum("amount"))["sum"]
        assert (line_of(case.guarantor, case.applicant).occupied, line_of(case.guarantor, case.applicant).reserved) == (
            faces,
            0,
        )

    assert set(Delivery.objects.values_list("state", flat=True)) <= {"done"}
    assert not [key for key, times in Counter(Notice.objects.values_list("member", "key")).items() if times > 1]
    seal(now())
    report = verify(full=True)
    assert report.genuine, report.finding
    assert report.waiting == 0


def moments(seed: int, kills: int, entries: int) -> Iterator[tuple[int, float]]:
    """Yield when to kill: after how many entries, and how many seconds later, the same for the same seed."""
    dice = random.Random(seed)
    for after in sorted(dice.sample(range(1, entries), kills)):
        yield after, dice.random() * 0.03


@pytest.mark.parametrize("seed", [1, 2])
def test_an_import_killed_again_and_again_ends_as_if_nothing_had_been(data, notices, seed):
    wait, alive = threading.Event().wait, 0

    for after, later in moments(seed, kills=4, entries=AWARDS * 12):
        with running(data, "import_awards", str(notices), "--issue") as batch:
            until(lambda after=after, batch=batch: Entry.objects.count() >= after or batch.poll() is not None, wait)
            wait(later)
            alive += batch.poll() is None
    with running(data, "import_awards", str(notices), "--issue") as batch:
        assert batch.wait(120) == 0, said(data)
    drain()

    assert alive >= 3  # it was killed at work, not found dead
    result = json.loads(said(data).strip().splitlines()[-1])
    assert (result["read"], result["errors"], result["refused"]) == (AWARDS, 0, 0), said(data)
    nothing_lost_nothing_twice(AWARDS)


class People:
    """An applicant who pays and a signer who signs as soon as they may, whatever the machines are doing."""

    def __init__(self, city: City) -> None:
        self.applicant: Member = city.applicant
        self.signer: Member = city.signer

    def act(self) -> bool:
        """Do what waits for them; return whether every case has come to its letter."""
        waiting = list(Guarantee.objects.exclude(state="in_force").select_related(*PARTIES))
        for case in waiting:
            try:
                if case.state == "fee_due" and not case.payments.exists():
                    request_payment(case, channel="sandbox", account="6000-0004", by=self.applicant, at=now())
                if case.state == "to_issue":
                    issue_guarantee(case, by=self.signer, at=now())
            except (Changed, NotNow):
                pass
        return not waiting


def test_a_worker_killed_again_and_again_loses_nothing_and_does_nothing_twice(data, settings):
    city = City(now())
    for _case in range(12):
        city.submitted()
    people, wait = People(city), threading.Event().wait
    done_already = Delivery.objects.filter(state="done").count()

    for after, later in moments(3, kills=4, entries=40):
        with running(data, "work"):
            until(
                lambda after=after: (
                    people.act() or Delivery.objects.filter(state="done").count() >= done_already + after
                ),
                wait,
            )
            wait(later)
    with running(data, "work"):
        until(lambda: people.act() and not Delivery.objects.exclude(state="done").exists(), wait)

    nothing_lost_nothing_twice(12)


def test_two_workers_at_once_do_each_delivery_once(data):
    city = City(now())
    for _case in range(12):
        city.submitted()
    people, wait = People(city), threading.Event().wait

    with ExitStack() as both:
        for _worker in range(2):
            both.enter_context(running(data, "work"))
        until(lambda: people.act() and not Delivery.objects.exclude(state="done").exists(), wait)

    nothing_lost_nothing_twice(12)
    assert len({worker for worker in Delivery.objects.values_list("leased_by", flat=True) if worker}) == 2
    assert SYSTEM.actor_key in set(Entry.objects.values_list("actor_key", flat=True))
