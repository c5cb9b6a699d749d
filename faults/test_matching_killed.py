"""Killed (kill -9) while an announcement is matched or its finders are told: everyone due hears of it, each once."""

import subprocess
import sys
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from faults.processes import environment, share, until
from xinshu.accounts.models import Member
from xinshu.accounts.tests.conftest import member_with
from xinshu.config.environment import ROOT
from xinshu.core.clock import now
from xinshu.ledger.models import Delivery, Entry
from xinshu.ledger.sealing import seal
from xinshu.ledger.verification import verify
from xinshu.messaging.models import Message, Notice
from xinshu.subscriptions.actions.subscriptions import Content, write_subscription
from xinshu.subscriptions.models import Compared, Hit
from xinshu.tenders.actions import intake

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.req("BH-14"), pytest.mark.req("BH-15")]
PEOPLE = 24


@pytest.fixture
def data(tmp_path: Path, settings) -> Path:
    share(tmp_path, settings)
    return tmp_path


@pytest.fixture
def people(data: Path) -> list[Member]:
    """Account managers who ask for roads, some of them twice, and an announcement of one that waits for the worker."""
    first = member_with("manager", kind="guarantor", username="road0")
    house = first.organisation
    people = [first, *(member_with("manager", username=f"road{n}", organisation=house) for n in range(1, PEOPLE))]
    for number, person in enumerate(people):
        for line in ("道路 施工", "海棠大道")[: 1 + number % 2]:
            write_subscription(Content(f"{line} {number}", line), by=person, at=now())
    told = intake.Delivery(
        "海棠大道道路工程施工招标公告",
        "项目名称：海棠大道道路工程\n编号：HT-1\n" + "本项目已具备招标条件，现公开招标。" * 4,
        published_at=now(),
    )
    intake.take_in(told, by=first, at=now(), entered_by=house)
    return people


@contextmanager
def working(data: Path) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "faults.matching_worker"]
    with (data / "log").open("a+") as log:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment(data), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=log,
            text=True,
        )  # fmt: skip
        try:
            yield process
        finally:
            process.kill()
            process.wait()
            assert process.stdout is not None
            process.stdout.close()


def heard(process: subprocess.Popen[str], line: str, times: int) -> None:
    """Listen until a worker has said `line` so often."""
    assert process.stdout is not None
    for _time in range(times):
        while (said := process.stdout.readline()) and said.strip() != line:
            pass
        assert said, "it ended"


def killed(data: Path, line: str) -> None:
    """Let a worker begin, and kill it when it has said `line` for half of the people."""
    with working(data) as worker:
        heard(worker, line, PEOPLE // 2)
        worker.kill()
        worker.wait()
    Delivery.objects.filter(state="waiting").update(leased_until=None)  # its lease runs out


def test_killed_while_matching_and_while_telling_everyone_due_hears_of_it_once(data, people):
    killed(data, "matched")
    assert (Hit.objects.count(), Notice.objects.count()) == (0, 0)
    killed(data, "told")
    assert Hit.objects.count() == PEOPLE * 3 // 2
    assert 0 < Notice.objects.count() < PEOPLE

    with working(data) as worker:
        heard(worker, "told", PEOPLE)
        until(lambda: not Delivery.objects.exclude(state="done").exists(), threading.Event().wait)

    assert Counter(Hit.objects.values_list("subscription__owner", flat=True)) == {
        person.pk: 1 + number % 2 for number, person in enumerate(people)
    }
    assert Counter(Notice.objects.values_list("member", flat=True)) == {person.pk: 1 for person in people}
    assert set(Counter(Message.objects.values_list("notice", "channel")).values()) <= {1}
    assert Compared.objects.get().matched == PEOPLE * 3 // 2
    assert Entry.objects.filter(kind="announcement.compared").count() == 1
    seal(now())
    assert verify(full=True).genuine
