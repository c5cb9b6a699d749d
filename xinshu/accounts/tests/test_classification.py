"""Classes of fields: every field has one; pages, exports and the ledger follow from it."""

from io import BytesIO
from typing import Any

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from xinshu.accounts.actions.emergency import begin_block
from xinshu.accounts.models import Block, Member
from xinshu.accounts.tests.conftest import NOW, PASSWORD, member_with
from xinshu.core import masking
from xinshu.core.classification import Level, class_of, classified, shown
from xinshu.ledger.models import Entry


def signed_in(member: Member) -> Client:
    client = Client()
    client.post("/sign-in/", {"username": member.user.username, "password": PASSWORD})
    return client


def sheet(response: Any) -> list[list[str]]:
    return CalamineWorkbook.from_filelike(BytesIO(response.content)).get_sheet_by_index(0).to_python()


def test_every_text_number_and_file_field_of_every_model_has_a_class() -> None:
    missing = [f"{model._meta.label}.{field.name}" for model, field, of in classified() if of is None]

    assert not missing, f"classification.py of the app wants to know: {missing}"


def test_what_opens_doors_is_core_and_what_names_people_is_sensitive() -> None:
    for model, field, of in classified():
        assert of is not None
        if field.name in {"password", "secret", "address_sealed", "session_key", "digest_key"}:
            assert of.level == Level.CORE, f"{model}.{field.name}"
        if field.name in {"phone", "contact_name"}:
            assert of.level == Level.SENSITIVE, f"{model}.{field.name}"
    assert class_of("accounts.User.password").level == Level.CORE
    with pytest.raises(KeyError):
        class_of("accounts.User.shoe_size")


@pytest.mark.parametrize(
    ("cover", "value", "covered"),
    [
        (masking.phone, "12300006021", "123****6021"),
        (masking.phone, "12345", "***"),
        (masking.person, "陈思远", "陈**"),
        (masking.actor, "陈思远（云州恒达路桥工程有限公司）", "陈**（云州恒达路桥工程有限公司）"),
        (masking.actor, "系统", "系统"),
        (masking.id_number, "330102199001011234", "330102********1234"),
        (masking.account, "6222000011112222333", "6222****2333"),
        (masking.address, "192.0.2.8", "192.0.*.*"),
        (masking.address, "2001:db8::1", "2001***"),
        (masking.login, "applicant", "a***"),
        (masking.login, "12300006021", "123****6021"),
        (masking.text, "电话 12300006021，证件 330102199001011234", "电话 123****6021，证件 330102****1234"),
        (masking.inside, {"a": ["12300006021", 7]}, {"a": ["123****6021", 7]}),
    ],
)
def test_values_are_covered_by_what_they_are(cover: Any, value: Any, covered: Any) -> None:
    assert cover(value) == covered


@pytest.mark.django_db
def test_core_values_are_shown_to_nobody_sensitive_ones_to_those_with_the_right(sysadmin: Member) -> None:
    secadmin = member_with("secadmin")

    assert [shown("accounts.User.phone", "12300006021", reader) for reader in (sysadmin, secadmin, None)] == [
        "12300006021", "123****6021", "123****6021",
    ]  # fmt: skip
    assert shown("accounts.User.password", "x", sysadmin) == "***"
    assert shown("accounts.Organisation.name", "云州", None) == "云州"


@pytest.mark.req("FS-81")
@pytest.mark.django_db
def test_pages_exports_and_log_follow_from_class_and_right(sysadmin: Member) -> None:
    person = member_with("applicant", kind="enterprise", username="somebody")
    secadmin = member_with("secadmin", username="secadmin")
    phone, covered = person.user.phone, masking.phone(person.user.phone)

    pages = [signed_in(one).get("/users/somebody/").content.decode() for one in (sysadmin, secadmin)]
    books = [signed_in(one).post("/users/export/?q=somebody") for one in (sysadmin, secadmin)]
    full, masked = [sheet(book) for book in books]

    assert (phone in pages[0], phone in pages[1], covered in pages[1]) == (True, False, True)
    assert [full[1][2], full[2][2], masked[2][:3]] == ["手机号", phone, [person.user.name[:1] + "**", "s***", covered]]
    entries = Entry.objects.filter(kind="users.exported").order_by("pk")
    assert [(e.data["rows"], e.data["covered"]) for e in entries] == [(1, []), (1, ["姓名", "手机号", "用户名"])]
    assert entries[0].data["fields"][:3] == ["姓名", "用户名", "手机号"]
    for book, entry, who in zip((full, masked), entries, (sysadmin, secadmin), strict=True):
        assert who.actor_label in book[0][0]
        assert entry.data["export"] in book[0][0]
    assert signed_in(person).post("/users/export/").status_code == 403
    listed = signed_in(secadmin).get("/data-classes/?level=4").content.decode()
    assert ("User.password" in listed, "User.phone" in listed) == (True, False)
    assert signed_in(person).get("/data-classes/").status_code == 403


@pytest.mark.django_db
def test_an_emergency_stop_holds_for_every_export(sysadmin: Member) -> None:
    secadmin, auditor = member_with("secadmin"), member_with("auditor", username="auditor")
    begin_block(Block.What.ALL_EXPORTS, None, reason="疑似泄露", by=secadmin, at=NOW)

    answers = [
        signed_in(sysadmin).post("/users/export/"),
        signed_in(auditor).post("/log/export/"),
        signed_in(auditor).post("/log/lines/"),
    ]

    assert [one.status_code for one in answers] == [403, 403, 403]
    assert not Entry.objects.filter(kind__in=("users.exported", "ledger.exported")).exists()
