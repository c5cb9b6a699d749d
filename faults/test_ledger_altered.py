"""Somebody with the database and the disk in hand changes what was recorded: it is found, named and not passed on."""

import json
from collections.abc import Callable
from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.db import connection
from django.urls import reverse

from faults.conftest import browser
from xinshu.core.sm import sm3
from xinshu.documents.blobs import read_blob
from xinshu.documents.storage import storage
from xinshu.guarantees.models import PARTIES, Guarantee
from xinshu.guarantees.tests.city import City
from xinshu.ledger.models import Entry
from xinshu.ledger.sealing import seal

COLUMNS = "kind, subject_type, subject_id, actor_key, actor_label, at, recorded_at, sealed_until, data, salt, mac"
JSON = "%s::jsonb" if connection.vendor == "postgresql" else "%s"


@pytest.fixture
def case(city: City, clock: None) -> Guarantee:
    """A guarantee with its real letter, all of its story sealed, beside another."""
    made = city.in_force(sealed=True, amount=123_456_700)
    city.released()
    seal(city.at + timedelta(minutes=30))
    return Guarantee.objects.select_related(*PARTIES, "letter__file__blob").get(pk=made.pk)


@pytest.fixture
def sql() -> Callable[..., None]:
    """Do with the database what nobody may do, past every door."""

    def run(statement: str, *values: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(statement, values)

    return run


def verified() -> tuple[int, str]:
    """Run `manage.py verify`; return its exit code and what it complained of."""
    complaint = StringIO()
    try:
        call_command("verify", stdout=StringIO(), stderr=complaint)
    except SystemExit as end:
        return int(end.code or 0), complaint.getvalue()
    return 0, complaint.getvalue()


def told(case: Guarantee, kind: str) -> Entry:
    return Entry.objects.get(subject_type="guarantees.guarantee", subject_id=case.pk, kind=kind)


def test_what_nobody_touched_verifies(case):
    assert verified() == (0, "")


ALTERATIONS = {
    "the amount": ("guarantee.issued", f"data = {JSON}", '{"amount": 1}'),
    "who approved": ("guarantee.approved", "actor_label = %s", "别人（别处）"),
    "when it was issued": ("guarantee.issued", "at = %s", "2026-11-01 00:00:00+00:00"),
    "which case it was": ("guarantee.delivered", "subject_id = subject_id + %s", 1),
    "what happened": ("guarantee.submitted", "kind = %s", "guarantee.withdrawn"),
    "since when others may know": ("guarantee.issued", "sealed_until = %s", "2020-01-01 00:00:00+00:00"),
}


@pytest.mark.req("EP-38")
@pytest.mark.parametrize("what", ALTERATIONS)
def test_an_altered_entry_is_named(case, sql, what):
    kind, change, value = ALTERATIONS[what]
    entry = told(case, kind)

    sql(f"UPDATE ledger_entry SET {change} WHERE id = %s", value, entry.pk)

    code, complaint = verified()
    assert code == 1
    assert f"#{entry.pk}" in complaint


def test_a_deleted_entry_is_named(case, sql):
    entry = told(case, "guarantee.approved")

    sql("DELETE FROM ledger_delivery WHERE entry_id = %s", entry.pk)
    sql("DELETE FROM ledger_entry WHERE id = %s", entry.pk)

    code, complaint = verified()
    assert code == 1
    assert f"#{entry.pk}" in complaint


def test_an_inserted_entry_is_named(case, sql):
    entry, number = told(case, "guarantee.issued"), Entry.objects.latest("pk").pk + 1

    sql(
        f"INSERT INTO ledger_entry (id, {COLUMNS}) SELECT %s, {COLUMNS} FROM ledger_entry WHERE id = %s",
        number,
        entry.pk,
    )

    code, complaint = verified()
    assert code == 1
    assert f"#{number}" in complaint


def test_a_released_guarantee_cannot_be_brought_back_by_deleting_its_release(city, case, sql):
    released = Guarantee.objects.get(state="released")
    entry = told(released, "guarantee.released")

    back = "state = 'in_force', available_amount = amount, lapsed_amount = 0"
    sql(f"UPDATE guarantees_guarantee SET {back} WHERE id = %s", released.pk)

    assert "真实有效" not in checked(released)
    sql("DELETE FROM ledger_delivery WHERE entry_id = %s", entry.pk)
    sql("DELETE FROM ledger_entry WHERE id = %s", entry.pk)
    assert verified()[0] == 1


def checked(case: Guarantee) -> str:
    """Return what the public is told who checks by number and code."""
    address = reverse("guarantees:verify_number", args=[case.number])
    return browser(None).get(address, {"code": case.verify_code}).content.decode()


ROWS = {
    "a higher amount": ("amount = 999999900, available_amount = 999999900, first_amount = 999999900", ()),
    "a later end": ("expires_on = '2030-01-01'", ()),
    "another beneficiary in what the letter says": (f"letter_values = {JSON}", ("beneficiary", "别人的中心")),
    "a longer promise in what the letter says": (f"letter_values = {JSON}", ("expires_on", "2030-01-01")),
}


@pytest.mark.parametrize("what", ROWS)
def test_a_row_changed_behind_the_platform_is_not_told_as_genuine(case, sql, what):
    assert "真实有效" in checked(case)
    change, said = ROWS[what]
    values = [json.dumps(case.letter_values | {said[0]: said[1]})] if said else []

    sql(f"UPDATE guarantees_guarantee SET {change} WHERE id = %s", *values, case.pk)

    assert "真实有效" not in checked(case)
    assert "核验没有通过" in checked(case)


# the letter on disk


def stored(case: Guarantee) -> Path:
    return next(path for path in storage().root.rglob(case.letter.file.blob.sm3) if path.is_file())


def downloaded(case: Guarantee, city: City) -> Any:
    return browser(city.applicant).get(reverse("documents:file", args=[case.letter.file.reference]))


@pytest.mark.parametrize("place", [0, 40, -1])
def test_a_letter_altered_on_disk_is_not_handed_out(city, case, place):
    assert downloaded(case, city).status_code == 200
    path = stored(case)
    content = bytearray(path.read_bytes())
    content[place] ^= 1

    path.write_bytes(bytes(content))

    refused = downloaded(case, city)
    assert refused.status_code == 409
    assert "完整性" in refused.content.decode()


def test_another_letter_put_in_its_place_on_disk_is_not_handed_out(city, case):
    other = city.in_force(sealed=True, by=city.rival)

    stored(case).write_bytes(
        stored(Guarantee.objects.select_related("letter__file__blob").get(pk=other.pk)).read_bytes()
    )

    assert downloaded(case, city).status_code == 409


def test_a_letter_that_is_gone_is_said_to_be_gone(city, case):
    stored(case).unlink()

    assert downloaded(case, city).status_code == 409


def shown(content: bytes) -> str:
    """Return what the public is told who uploads these bytes."""
    answer = browser(None).post("/verify/", {"letter": SimpleUploadedFile("函.pdf", content)})
    assert answer.status_code == 200
    return answer.content.decode()


def test_altered_bytes_are_not_genuine_however_little_was_altered(case):
    letter = read_blob(case.letter.file.blob)
    assert "真实有效" in shown(letter)

    for altered in (
        letter + b"\n",
        letter[:-1],
        letter.replace(b"/Title", b"/Titel", 1),
        letter[:1_000] + b" " + letter[1_001:],
    ):
        assert altered != letter
        assert "真实有效" not in shown(altered)


def test_a_forgery_that_was_entered_into_the_database_is_not_genuine(case, sql):
    forged = read_blob(case.letter.file.blob) + b"\n% forged"

    sql("UPDATE documents_sealeddocument SET pdf_sm3 = %s WHERE id = %s", sm3(forged).hex(), case.letter_id)

    assert "真实有效" not in shown(forged)
    assert "真实有效" not in checked(case)
