"""The log as JSON Lines: every line proves itself, offline too; secrets stay shut; the export is itself recorded."""

import json
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from xinshu.core.clock import now
from xinshu.ledger.evidence import examine
from xinshu.ledger.keys import platform_key, witness_key
from xinshu.ledger.log import Search
from xinshu.ledger.log_lines import lines
from xinshu.ledger.models import Entry
from xinshu.ledger.queries import evidence_of
from xinshu.ledger.sealing import seal
from xinshu.ledger.tests.test_views import member, signed_in  # noqa: F401

pytestmark = pytest.mark.django_db
VERIFIER = Path(__file__).parents[1] / "offline" / "verify_evidence.py"


def exported(browser, query=""):
    response = browser.post(reverse("ledger:log_lines") + query)
    assert response.streaming
    return b"".join(response.streaming_content).decode()


def verified(text, tmp_path):
    path = tmp_path / "log.jsonl"
    path.write_text(text, encoding="utf-8")
    keys = ["--platform-key", platform_key().public_hex, "--witness-key", witness_key().public_hex]
    return subprocess.run(
        [sys.executable, str(VERIFIER), str(path), *keys], capture_output=True, text=True, check=False
    )


@pytest.mark.req("EP-38")
def test_every_line_is_evidence_of_its_entry_and_the_export_is_recorded(signed_in, happens, at, tmp_path):  # noqa: F811
    for number in range(300):
        happens("test.issued", number=number)
    seal(at)
    browser = signed_in("auditor")

    text = exported(browser, "?kind=test.issued")

    *evidence, summary = [json.loads(line) for line in text.splitlines()]
    assert [line["entry"]["data"]["number"] for line in evidence] == list(range(299, -1, -1))
    first = Entry.objects.order_by("pk").first()
    assert evidence[-1] == evidence_of(first)
    assert examine(json.dumps(evidence[150]).encode()).genuine
    assert (summary["rows"], summary["secret"], summary["not_sealed_yet"]) == (300, 0, 0)
    export = Entry.objects.get(kind="ledger.exported")
    assert (export.data["form"], export.data["searched"]["kind"]) == ("jsonl", "test.issued")
    done = verified(text, tmp_path)
    assert done.returncode == 0
    assert "300 条记录" in done.stdout


@pytest.mark.parametrize("wrong", ["altered", "left out"])
def test_offline_an_altered_or_missing_line_is_named(signed_in, happens, at, tmp_path, wrong):  # noqa: F811
    for number in range(20):
        happens("test.issued", amount=number)
    seal(at)
    parts = exported(signed_in("auditor"), "?kind=test.issued").splitlines()
    if wrong == "altered":
        parts[7] = parts[7].replace('"amount":12', '"amount":92')
    else:
        del parts[7]

    done = verified("\n".join(parts) + "\n", tmp_path)

    assert done.returncode == 1
    assert ("第 8 行" if wrong == "altered" else "不完整") in done.stdout


def test_what_is_secret_or_not_sealed_yet_is_counted_and_not_told(happens, at):
    happens("test.open")
    happens("test.secret", sealed_until=now() + timedelta(days=1), bidder="云州恒达")
    seal(at)
    happens("test.later")

    text = "".join(lines(Search(), now()))

    assert "云州恒达" not in text
    assert "test.secret" not in text
    assert json.loads(text.splitlines()[-1]) | {"checkpoint": ""} == {
        "format": "xinshu-log/1",
        "checkpoint": "",
        "rows": 1,
        "cleared": 0,
        "secret": 1,
        "not_sealed_yet": 1,
    }


def test_before_there_is_a_checkpoint_the_export_says_that_nothing_is_sealed(happens):
    happens()

    (only,) = "".join(lines(Search(), now())).splitlines()

    assert json.loads(only)["not_sealed_yet"] == 1


def test_it_reads_in_chunks_with_few_queries(happens, at):
    for _number in range(60):
        happens()
    seal(at)

    with CaptureQueriesContext(connection) as asked:
        assert len(list(lines(Search(), now()))) == 61

    assert len(asked) <= 8


@pytest.mark.parametrize("role", ["applicant", "operator", "sysadmin", "secadmin"])
def test_the_wrong_role_takes_nothing_away(signed_in, happens, role):  # noqa: F811
    happens()
    before = Entry.objects.count()

    assert signed_in(role).post(reverse("ledger:log_lines")).status_code == 403
    assert Entry.objects.count() == before


def test_filters_that_make_no_sense_lead_back(signed_in):  # noqa: F811
    assert signed_in("auditor").post(reverse("ledger:log_lines") + "?since=x").status_code == 302
