"""The database's primary dies under load (kill -9), a standby takes over: what was accepted is there, work goes on.

Web process, worker and this process are told of all copies in one address and find the primary by themselves.
"""

import os
import subprocess
import sys
import threading
import urllib.request
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from django.db import Error, close_old_connections, connection

from faults import processes
from faults.test_killed import ONCE, People
from xinshu.books.audit import drifted, imbalance
from xinshu.config import environment
from xinshu.config.environment import ROOT
from xinshu.core.clock import now
from xinshu.documents.blobs import read_blob
from xinshu.guarantees.models import PARTIES, Guarantee
from xinshu.guarantees.tests.city import City
from xinshu.ledger.models import Delivery, Entry
from xinshu.ledger.sealing import seal
from xinshu.ledger.verification import verify

BEFORE, AFTER = 4, 4  # cases handed in before the kill and after it, at least


@pytest.fixture
def replicas(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Three copies of PostgreSQL with this test's tables; the connection of the test leads there meanwhile."""
    if connection.vendor != "postgresql":
        pytest.skip("a matter of PostgreSQL: scripts/postgres.py -- pytest faults/test_database_dies.py")
    monkeypatch.syspath_prepend(str(ROOT / "scripts"))
    import replicas as copies
    from postgres import NoPostgres, binaries

    try:
        program = binaries()
    except NoPostgres as reason:
        pytest.skip(f"no PostgreSQL on this machine to start copies of: {reason}")
    kept = dict(connection.settings_dict)
    with copies.replicated() as cluster:
        _copy_tables(program, kept, cluster.url)
        told = environment.database(cluster.url)
        connection.close()
        connection.settings_dict.update(told | {"OPTIONS": kept["OPTIONS"] | told["OPTIONS"]})
        try:
            yield cluster
        finally:
            connection.close()
            connection.settings_dict.update(kept)


def _copy_tables(program: Path, source: dict[str, Any], target: str) -> None:
    keys = {"HOST": "PGHOST", "PORT": "PGPORT", "USER": "PGUSER", "PASSWORD": "PGPASSWORD", "NAME": "PGDATABASE"}
    told = {**os.environ, **{name: str(source[key]) for key, name in keys.items() if source[key]}}
    dump = subprocess.run([program / "pg_dump", "--no-owner"], env=told, capture_output=True, check=True)
    psql = [program / "psql", "-q", "-v", "ON_ERROR_STOP=1", f"{target}?target_session_attrs=read-write"]
    subprocess.run(psql, input=dump.stdout, stdout=subprocess.DEVNULL, check=True)


@contextmanager
def child(name: str, data: Path, url: str, port: int) -> Iterator[None]:
    """Run one of Xinshu's processes, as `serve` would, while the block runs."""
    told = processes.environment(data) | {
        "XINSHU_DATABASE_URL": url, "XINSHU_PORT": str(port), "XINSHU_WEB_PROCESSES": "1",
    }  # fmt: skip
    with (data / "log").open("a") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "xinshu.config.children", name, str(os.getpid())],
            cwd=ROOT, env=told, stdin=subprocess.DEVNULL, stdout=log, stderr=log,
        )  # fmt: skip
    try:
        yield
    finally:
        process.terminate()
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def serves(port: int) -> bool:
    """Say whether the web process answers with a page and has its database."""
    try:
        for path in ("healthz", "verify/"):
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/{path}", timeout=20) as answer:
                answer.read()
    except OSError:
        return False
    return True


class Applicant:
    """Hands in one application after the other; accepted is what the action returned from."""

    def __init__(self, city: City) -> None:
        self.city, self.accepted, self.refused = city, list[Guarantee](), 0

    def act(self) -> None:
        close_old_connections()  # as before every request
        try:
            self.accepted.append(self.city.submitted())
        except Error:
            self.refused += 1


@pytest.mark.req("EP-43")
def test_the_primary_is_killed_and_every_accepted_act_is_on_the_standby(
    replicas: Any, tmp_path: Path, settings: Any
) -> None:
    processes.share(tmp_path, settings)
    city, wait, port = City(now()), threading.Event().wait, _free_port()
    _house, applicant, people = city.guarantor, Applicant(city), People(city)
    first, loaded = replicas.primary, threading.Event()

    def fail_over() -> None:
        loaded.wait()
        replicas.kill_primary()
        replicas.promote()

    failing = threading.Thread(target=fail_over)
    with child("web", tmp_path, replicas.url, port), child("worker", tmp_path, replicas.url, port):
        processes.until(lambda: serves(port), wait)
        failing.start()
        while len(applicant.accepted) < BEFORE:
            applicant.act()
        loaded.set()
        while failing.is_alive():
            applicant.act()
        kept = len(applicant.accepted)
        while len(applicant.accepted) < kept + AFTER:
            applicant.act()
        processes.until(lambda: serves(port), wait)
        references = [case.reference for case in applicant.accepted]
        cases = Guarantee.objects.filter(reference__in=references)
        processes.until(lambda: _finished(people, cases), wait)

    assert replicas.primary is not first
    assert applicant.refused  # it was killed at work
    assert Counter(cases.values_list("reference", "state")) == {(one, "in_force"): 1 for one in references}
    told = Counter(Entry.objects.filter(subject_type="guarantees.guarantee").values_list("subject_id", "kind"))
    expected = {(case.pk, kind): 1 for case in cases for kind in ONCE}
    assert {key: told[key] for key in expected} == expected
    for case in cases.select_related("letter__file__blob"):
        read_blob(case.letter.file.blob)
    assert (imbalance(), drifted()) == ({}, [])
    seal(now())
    report = verify(full=True)
    assert report.genuine, report.finding


def _finished(people: People, cases: Any) -> bool:
    """Do what waits for people; say whether all came to their letters and nothing is left to deliver."""
    people.act()
    left = cases.exclude(state="in_force").select_related(*PARTIES).exists()
    return not left and not Delivery.objects.exclude(state="done").filter(due_at__lte=now()).exists()


def _free_port() -> int:
    import replicas as copies

    return int(copies._free_ports(1)[0])
