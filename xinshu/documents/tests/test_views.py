"""Pages: who gets a file, and how it is handed over."""

from datetime import timedelta

import pytest
from django.urls import reverse

from xinshu.accounts.middleware import CHOSEN
from xinshu.core.clock import moved_to
from xinshu.documents import visibility
from xinshu.documents.tests.conftest import PDF
from xinshu.documents.uploads import keep_file
from xinshu.ledger.models import Entry
from xinshu.ledger.reads import reads


@pytest.fixture
def file(guarantor, manager, at):
    return keep_file(PDF, "合同 “甲”.pdf", guarantor, manager, at)


def enter(client, member) -> None:
    client.force_login(member.user)
    session = client.session
    session[CHOSEN] = member.pk
    session.save()


def get(client, member, file):
    enter(client, member)
    return client.get(reverse("documents:file", args=[file.reference]))


def test_a_stranger_is_asked_to_sign_in_whether_or_not_the_file_exists(client, file):
    real = client.get(f"/files/{file.reference}/")
    invented = client.get("/files/nothing-at-all/")

    assert (real.status_code, invented.status_code) == (302, 302)
    assert real["Location"].split("?")[0] == invented["Location"].split("?")[0]


def test_a_member_of_another_organisation_learns_nothing(client, clerk, file):
    other = get(client, clerk, file)
    invented = client.get("/files/nothing-at-all/")

    assert (other.status_code, invented.status_code) == (404, 404)


def test_the_owner_gets_the_bytes_and_the_browser_gets_no_ideas(client, manager, file):
    response = get(client, manager, file)

    assert (response.status_code, response.content) == (200, PDF)
    assert response["Content-Type"] == "application/pdf"
    assert response["X-Content-Type-Options"] == "nosniff"
    assert response["Content-Security-Policy"] == "sandbox; default-src 'none'"
    assert response["Cache-Control"] == "private, no-store"
    disposition = response["Content-Disposition"]
    assert disposition.startswith("attachment; ")
    assert "filename*=UTF-8''%E5%90%88%E5%90%8C%20%E2%80%9C%E7%94%B2" in disposition
    assert disposition.isascii()


def test_posting_to_a_file_is_no_act(client, manager, file):
    enter(client, manager)

    assert client.post(f"/files/{file.reference}/").status_code == 405


def test_a_context_above_lets_others_in(client, clerk, kept, at, monkeypatch):
    monkeypatch.setattr(visibility, "_readers", {})
    kept.file.subject_type = "guarantees.guarantee"
    kept.file.save(update_fields=["subject_type"])
    opening = at + timedelta(days=1)
    visibility.may_read("guarantees.guarantee")(lambda file, member, moment: member == clerk and moment >= opening)

    with moved_to(at):
        before = get(client, clerk, kept.file)
    with moved_to(opening):
        after = get(client, clerk, kept.file)

    assert (before.status_code, after.status_code) == (404, 200)
    assert Entry.objects.get(kind="file.read").actor_key == clerk.actor_key


def test_any_file_read_by_another_organisation_is_recorded_with_its_secrecy(
    client, clerk, manager, file, at, monkeypatch
):
    monkeypatch.setattr(visibility, "_readers", {})
    visibility.may_read("x.case")(lambda file, member, moment: member == clerk)
    file.subject_type, file.sealed_until = "x.case", at + timedelta(days=1)
    file.save(update_fields=["subject_type", "sealed_until"])
    reads.forget()

    with moved_to(at):
        for reader in (manager, clerk, clerk):
            assert get(client, reader, file).status_code == 200
    reads.flush()

    (entry,) = Entry.objects.filter(kind="file.read")
    assert (entry.actor_key, entry.sealed_until) == (clerk.actor_key, file.sealed_until)


def test_the_signer_reading_its_own_letter_is_not_worth_an_entry(client, manager, kept):
    response = get(client, manager, kept.file)

    assert response.status_code == 200
    assert not Entry.objects.filter(kind="file.read").exists()


def test_two_rules_for_one_kind_of_case_are_a_mistake(monkeypatch):
    monkeypatch.setattr(visibility, "_readers", {})
    visibility.may_read("x.case")(lambda file, member, moment: False)

    with pytest.raises(ValueError, match="already have a rule"):
        visibility.may_read("x.case")(lambda file, member, moment: True)


def test_a_file_whose_stored_bytes_were_changed_is_not_handed_out(client, manager, file, files):
    path = next(path for path in files.rglob("*") if path.is_file())
    path.write_bytes(path.read_bytes()[:-1] + b"\0")

    response = get(client, manager, file)

    assert response.status_code == 409
    assert PDF not in response.content
