"""留存: what is older than its period is cleared by two people; what was there stays proven, who cleared it is told."""

import json
import subprocess
import sys
from datetime import date, timedelta
from io import BytesIO

import pytest
import python_calamine
from django.apps import apps
from django.urls import reverse

from xinshu.core.actors import SYSTEM
from xinshu.core.clock import moment
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.ledger import reactions, redacting
from xinshu.ledger.evidence import examine
from xinshu.ledger.keys import platform_key, witness_key
from xinshu.ledger.kinds import expirable, may_expire
from xinshu.ledger.models import Entry, Redaction, RetentionRule, Tombstone
from xinshu.ledger.queries import evidence_of
from xinshu.ledger.retaining import (
    approve_redaction,
    approve_rule,
    cut_off,
    due,
    propose_redaction,
    propose_rule,
    refuse,
    withdraw,
)
from xinshu.ledger.sealing import seal
from xinshu.ledger.tasks import clear_as_approved
from xinshu.ledger.tests.conftest import tamper
from xinshu.ledger.tests.test_log_lines import VERIFIER, verified
from xinshu.ledger.tests.test_views import member, signed_in  # noqa: F401
from xinshu.ledger.verification import verify
from xinshu.ledger.worker import drain

pytestmark = pytest.mark.django_db
KIND = "guarantee.read"
SECRET = "云州恒达路桥"


@pytest.fixture
def people(member):  # noqa: F811
    return member("auditor"), member("secadmin")


@pytest.fixture
def old(happens, at):
    """Five reads from four years ago and one from yesterday, sealed; the machine's clock said so, too."""
    first = [happens(KIND, at=at - timedelta(days=1500 - n), name=SECRET, n=n) for n in range(5)]
    happens("test.issued", at=at - timedelta(days=1500), amount=1)
    happens(KIND, at=at - timedelta(days=1), name=SECRET, n=5)
    return first


@pytest.fixture
def aged(old, at, monkeypatch):
    """`old`, written down when it happened."""
    from xinshu.core.sm import hmac_sm3
    from xinshu.ledger.canonical import without_id
    from xinshu.ledger.keys import entry_key
    from xinshu.ledger.recording import Entry as Recorded

    assert Recorded is Entry
    for entry in Entry.objects.all():
        entry.recorded_at = entry.at
        tamper("UPDATE ledger_entry SET recorded_at = at, mac = %s WHERE id = %s",
               hmac_sm3(entry_key(), without_id(entry.parts)), entry.pk)  # fmt: skip
    seal(at)
    monkeypatch.setitem(reactions.by_name, "clear", reactions.Reaction("clear", clear_as_approved, together=False))
    monkeypatch.setitem(reactions.by_kind, "redaction.approved", [reactions.by_name["clear"]])
    return [Entry.objects.get(pk=entry.pk) for entry in old]


@pytest.fixture
def rule(people, at):
    auditor, second = people
    return approve_rule(propose_rule(KIND, 36, "个人信息保护法第五十六条", by=auditor, at=at), by=second, at=at)


def cleared(rule, people, at):
    auditor, second = people
    redaction = approve_redaction(propose_redaction(rule, by=auditor, at=at), by=second, at=at)
    drain(at)
    seal(at)
    redaction.refresh_from_db()
    return redaction


@pytest.mark.req("EP-38", "CS-60")
def test_what_is_too_old_is_cleared_and_everything_still_verifies(aged, rule, people, at, capsys):
    from django.core.management import call_command

    before = {entry.pk: evidence_of(entry) for entry in aged}

    redaction = cleared(rule, people, at)

    assert (redaction.state, redaction.cleared) == ("done", 5)
    rows = Entry.objects.filter(pk__in=before).order_by("pk")
    assert [(row.data, row.actor_label, bytes(row.salt), row.kind, row.at) for row in rows] == [
        ({}, "", b"", KIND, entry.at) for entry in aged
    ]
    assert Entry.objects.filter(data__name=SECRET).count() == 1  # yesterday's
    report = verify(full=True)
    assert (report.genuine, report.redacted, report.waiting) == (True, 5, 0)
    call_command("verify")
    assert "5 条的内容已到期清除" in capsys.readouterr().out
    for evidence in before.values():  # what was handed out when it was there still holds
        assert examine(json.dumps(evidence).encode()).genuine


def test_the_tombstone_says_who_when_and_by_which_rule_and_is_proven_itself(aged, rule, people, at, tmp_path):
    cleared(rule, people, at)

    evidence = evidence_of(Entry.objects.get(pk=aged[0].pk))

    told = evidence["tombstone"]["entry"]
    auditor, second = people
    assert (told["kind"], told["data"]["rule"], told["data"]["months"]) == ("ledger.redacted", rule.reference, 36)
    assert (told["data"]["proposed_by"], told["data"]["approved_by"]) == (auditor.actor_label, second.actor_label)
    assert told["at"].startswith("2026-11-21")
    text = json.dumps(evidence, ensure_ascii=False)
    assert SECRET not in text
    assert examine(text.encode()).genuine
    path = tmp_path / "evidence.json"
    path.write_text(text, encoding="utf-8")
    keys = ["--platform-key", platform_key().public_hex, "--witness-key", witness_key().public_hex]
    done = subprocess.run([sys.executable, VERIFIER, path, *keys], capture_output=True, text=True, check=False)
    assert (done.returncode, "已到期清除" in done.stdout) == (0, True), done.stdout
    for wrong in ({"leaf": "00" * 32}, {"tombstone": evidence_of(Entry.objects.get(kind="retention.approved"))}):
        assert not examine(json.dumps({**evidence, **wrong}).encode()).genuine
    assert not examine(json.dumps({**evidence, "entry": {**evidence["entry"], "kind": "test.other"}}).encode()).genuine


HAND = {
    "cleared by hand": "UPDATE ledger_entry SET data = '{}', actor_label = '', salt = %s WHERE id = %s",
    "changed after clearing": "UPDATE ledger_entry SET subject_id = 999 + length(%s) WHERE id = %s",
}


@pytest.mark.parametrize("what", HAND)
def test_what_no_two_people_cleared_is_found(aged, rule, people, at, what):
    if what != "cleared by hand":
        cleared(rule, people, at)
    tamper(HAND[what], b"", aged[2].pk)

    finding = verify().finding

    assert (finding.kind, finding.entry) == ("altered", aged[2].pk)


def test_a_tombstone_made_up_beside_the_ledger_does_not_count(aged, rule, people, at):
    other = Entry.objects.get(kind="retention.approved")
    tamper("UPDATE ledger_entry SET data = '{}', actor_label = '', salt = %s WHERE id = %s", b"", aged[0].pk)
    Tombstone.objects.create(entry_id=aged[0].pk, told=other)

    assert verify().finding.entry == aged[0].pk


def test_an_altered_entry_is_not_cleared_away(aged, rule, people, at):
    tamper("UPDATE ledger_entry SET actor_label = '别人' WHERE id = %s", aged[3].pk)
    auditor, second = people
    redaction = approve_redaction(propose_redaction(rule, by=auditor, at=at), by=second, at=at)

    with pytest.raises(redacting.NotAsSealed, match=f"#{aged[3].pk}"):
        redacting.carry_out(redaction.pk, at)

    assert not Tombstone.objects.exists()
    assert Entry.objects.get(pk=aged[3].pk).actor_label == "别人"


def test_interrupted_it_goes_on_where_it_stopped(aged, rule, people, at, monkeypatch):
    monkeypatch.setattr(redacting, "BATCH", 2)
    auditor, second = people
    redaction = approve_redaction(propose_redaction(rule, by=auditor, at=at), by=second, at=at)
    redacting._one_batch(redaction.pk, at)

    assert redacting.carry_out(redaction.pk, at) == 3
    assert redacting.carry_out(redaction.pk, at) == 0

    redaction.refresh_from_db()
    assert (redaction.state, redaction.cleared, Tombstone.objects.count()) == ("done", 5, 5)
    seal(at)
    assert verify().redacted == 5


def test_it_takes_two_people_and_the_right_ones(people, aged, at):
    auditor, second = people
    with pytest.raises(NotPermitted):
        propose_rule(KIND, 36, "依据", by=second, at=at)
    asked = propose_rule(KIND, 36, "依据", by=auditor, at=at)
    for nobody in (auditor, SYSTEM):
        with pytest.raises(NotPermitted):
            approve_rule(asked, by=nobody, at=at)
    with pytest.raises(NotNow):
        propose_rule(KIND, 60, "依据", by=auditor, at=at)
    rule = approve_rule(asked, by=second, at=at)
    redaction = propose_redaction(rule, by=auditor, at=at)
    with pytest.raises(NotPermitted):
        approve_redaction(redaction, by=auditor, at=at)
    with pytest.raises(NotNow):
        propose_redaction(rule, by=auditor, at=at)
    with pytest.raises(Invalid):
        refuse(redaction, reason=" ", by=second, at=at)
    refuse(redaction, reason="先归档", by=second, at=at)
    again = propose_redaction(rule, by=auditor, at=at)
    withdraw(again, by=auditor, at=at)
    drain(at)
    assert not Tombstone.objects.exists()


def test_a_newer_rule_takes_the_place_of_the_one_before(people, rule, aged, at):
    auditor, second = people
    waiting = propose_redaction(rule, by=auditor, at=at)

    approve_rule(propose_rule(KIND, 60, "依据", by=auditor, at=at), by=second, at=at)

    assert list(RetentionRule.objects.order_by("pk").values_list("state", flat=True)) == ["superseded", "active"]
    with pytest.raises(NotNow):
        approve_redaction(waiting, by=second, at=at)


@pytest.mark.parametrize(
    ("kind", "months", "basis"),
    [("guarantee.issued", 600, "依据"), (KIND, 35, "依据"), (KIND, 36, " "), (KIND, 1201, "x")],
)
def test_what_rests_on_entries_and_too_short_periods_are_refused(people, at, kind, months, basis):
    with pytest.raises(Invalid):
        propose_rule(kind, months, basis, by=people[0], at=at)


def test_what_is_secret_waits_or_was_dated_back_is_not_due(old, rule, at):
    seal(at)

    assert due(rule, cut_off(rule, at), at).count() == 0  # written today, whatever day it says


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 11, 21), 36, date(2023, 11, 21)),
        (date(2026, 8, 31), 6, date(2026, 2, 28)),
        (date(2026, 1, 5), 1, date(2025, 12, 5)),
    ],
)
def test_the_period_is_counted_in_calendar_months(day, months, expected):
    assert cut_off(RetentionRule(months=months), moment(day, 9)) == moment(expected)


def test_no_kind_can_expire_sooner_than_the_law_allows():
    may_expire(6, "test.kind")

    assert min(expirable().values()) >= 6
    assert expirable()[KIND] == expirable()["file.read"] == 36


# ── pages ──


def test_on_the_pages_from_rule_to_cleared_log(aged, signed_in, at, tmp_path, client):  # noqa: F811
    from django.test import Client

    Member = apps.get_model("accounts", "Member")
    auditor = signed_in("auditor")
    made = auditor.post(
        reverse("ledger:retention"), {"kind": KIND, "months": "36", "basis": "个人信息保护法第五十六条"}
    )
    second = Client()
    own = Member.objects.get(user__username="auditor")
    other = Member.objects.create(
        user=type(own.user).objects.create_user("secadmin", "long-and-odd-42", name="周正"),
        organisation=own.organisation,
        roles=["secadmin"],
    )
    second.force_login(other.user)
    session = second.session
    session["member"] = other.pk
    session.save()

    assert auditor.post(f"{made['Location']}approve/").status_code == 403
    page = second.get(made["Location"]).content.decode()
    assert "批准启用" in page
    assert second.post(f"{made['Location']}approve/", {"version": "1"}).status_code == 302
    assert "5 条已到期" in auditor.get(reverse("ledger:retention")).content.decode()
    asked = auditor.post(reverse("ledger:clear", args=[RetentionRule.objects.get().reference]))
    assert second.post(f"{asked['Location']}approve/").status_code == 302
    drain()
    seal(at)

    assert Redaction.objects.get().state == "done"
    assert "清除 5 条" in second.get(reverse("ledger:retention")).content.decode()
    page = auditor.get(reverse("ledger:log"), {"kind": KIND}).content.decode()
    assert (page.count("按留存 36 个月的规则清除"), page.count(SECRET)) == (5, 1)
    sheet = auditor.post(reverse("ledger:log_export") + f"?kind={KIND}").content
    rows = python_calamine.load_workbook(BytesIO(sheet)).get_sheet_by_index(0).to_python()
    assert [row[3] for row in rows[3:]] == ["已到期清除"] * 5
    assert "周正" in rows[3][5]
    text = b"".join(auditor.post(reverse("ledger:log_lines") + f"?kind={KIND}").streaming_content).decode()
    assert json.loads(text.splitlines()[-1])["cleared"] == 5
    assert verified(text, tmp_path).returncode == 0
    assert auditor.get(reverse("ledger:log_evidence", args=[aged[0].pk])).json()["format"] == "xinshu-tombstone/1"


@pytest.mark.parametrize(
    "wrong", [{"kind": ""}, {"kind": "x", "months": "y"}, {"kind": KIND, "months": "1", "basis": "x"}]
)
def test_a_form_that_does_not_hold_is_shown_again(signed_in, wrong):  # noqa: F811
    response = signed_in("auditor").post(reverse("ledger:retention"), wrong)

    assert response.status_code == 422
    assert not RetentionRule.objects.exists()


@pytest.mark.parametrize("role", ["operator", "sysadmin", "applicant"])
def test_nobody_else_comes_in(signed_in, role):  # noqa: F811
    browser = signed_in(role)

    assert browser.get(reverse("ledger:retention")).status_code == 403
    assert browser.post(reverse("ledger:retention"), {"kind": KIND, "months": "36", "basis": "x"}).status_code == 403
    assert browser.get("/log/retention/rules/ABCDEFGHJKMN/").status_code == 403


def test_what_is_not_there_is_not_found(signed_in):  # noqa: F811
    browser = signed_in("auditor")

    assert browser.get("/log/retention/rules/ABCDEFGHJKMN/").status_code == 404
    assert browser.get("/log/retention/nothing/ABCDEFGHJKMN/").status_code == 404
    assert browser.post("/log/retention/rules/ABCDEFGHJKMN/clear/").status_code == 404
