"""Stories of firms that prove who they are: cleared by the machine, judged by an operator, sent back, revoked."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from xinshu.accounts.models import Member, Organisation
from xinshu.certification import actions
from xinshu.certification.checks import Known
from xinshu.certification.demo import papers_of
from xinshu.certification.models import Certification, Item
from xinshu.certification.registry import Elements, NoWord, Word, register
from xinshu.certification.tests.conftest import AT, NUMBER, Submitting
from xinshu.certification.tests.test_checks import ALL
from xinshu.core.clock import moved_to, today
from xinshu.core.refusals import Changed, Invalid, NotNow, NotPermitted
from xinshu.documents.models import File
from xinshu.enterprises.queries import record_of
from xinshu.ledger.models import Entry
from xinshu.ledger.worker import drain
from xinshu.messaging.models import Notice

LATER = AT + timedelta(hours=1)


def _read(firm: Organisation) -> dict[str, dict[str, str]]:
    return {
        "licence": {"legal_name": firm.name, "uscc": firm.uscc or "", "legal_representative": "李新禾"},
        "representative": {"name": "李新禾", "number": NUMBER},
        "authorisation": {"legal_name": firm.name},
    }


def _cleared(row: Certification) -> Certification:
    return actions.conclude(row, Known(Word(ALL, active=True), read=_read(row.organisation)), at=LATER)


def _referred(row: Certification) -> Certification:
    return actions.conclude(row, Known(Word(ALL, active=True)), at=LATER)


def _judged(row: Certification, by: Member, *, reject: str = "") -> Certification:
    for item in Item:
        row = actions.judge(row, item, accept=item != reject, reason="印章看不清", by=by, at=LATER)
    return row


@pytest.mark.req("FS-32")
def test_a_firm_whose_papers_all_agree_is_certified_without_a_person(submitted: Submitting, clerk: Member) -> None:
    row = _cleared(submitted())
    drain(at=LATER)

    clerk.organisation.refresh_from_db()
    assert (row.state, row.decided_by, clerk.organisation.verified) == ("approved", None, True)
    record = {view.code: view for view in record_of(clerk.organisation, today())}
    assert record["legal_representative"].value == "李新禾"
    assert record["legal_representative"].source_code == "licence"
    assert Notice.objects.filter(member=clerk, text__contains="自动通过").count() == 1


@pytest.mark.req("FS-32")
def test_digital_papers_that_say_what_was_typed_clear_a_firm_by_themselves(clerk: Member) -> None:
    row = actions.submit(clerk.organisation, papers_of(clerk.organisation, "李新禾", AT), by=clerk, at=AT)
    with moved_to(AT + timedelta(minutes=1)):
        drain(at=AT + timedelta(minutes=1))

    row.refresh_from_db()
    assert {one.check_code: one.words for one in row.findings.exclude(result="agrees")} == {}
    assert row.state == "approved"


@pytest.mark.req("FS-32", "FS-52")
def test_what_a_machine_cannot_tell_is_judged_item_by_item_and_a_refusal_names_reasons(
    submitted: Submitting, clerk: Member, operator: Member
) -> None:
    row = _referred(submitted())
    with pytest.raises(NotNow):
        actions.approve(row, by=operator, at=LATER)
    with pytest.raises(Invalid):
        actions.judge(row, Item.LICENCE, accept=False, reason=" ", by=operator, at=LATER)

    row = actions.send_back(_judged(row, operator, reject=Item.AUTHORISATION), by=operator, at=LATER)
    drain(at=LATER)

    assert row.state == "returned"
    assert not Organisation.objects.get(pk=clerk.organisation_id).verified
    assert Entry.objects.get(kind="certification.returned").data["items"] == {"authorisation": "印章看不清"}
    assert Notice.objects.filter(member=clerk, text__contains="信用信息查询授权书").exists()


def test_after_a_return_only_what_is_wrong_is_handed_in_again(submitted: Submitting, operator: Member) -> None:
    row = _referred(submitted())
    actions.send_back(_judged(row, operator, reject=Item.AUTHORISATION), by=operator, at=LATER)
    kept = row.licence_file.blob_id
    new = SimpleUploadedFile("新授权书.pdf", b"%PDF-1.4\n% new\nstartxref\n0\n%%EOF\n")

    again = submitted(at=LATER, number="", files={Item.AUTHORISATION: new})

    assert (again.licence_file.blob_id, again.number) == (kept, NUMBER)
    assert again.authorisation_file.name == "新授权书.pdf"
    files = [again.licence_file_id, again.id_file_id, again.authorisation_file_id]
    assert set(File.objects.filter(pk__in=files).values_list("subject_id", flat=True)) == {again.pk}


def test_a_code_that_another_organisation_has_goes_to_a_person(submitted: Submitting, clerk: Member) -> None:
    taken = clerk.organisation.uscc
    Organisation.objects.filter(pk=clerk.organisation_id).update(uscc=None)
    Organisation.objects.create(name="另一家", kind="enterprise", uscc=taken)
    clerk.organisation.refresh_from_db()

    row = _cleared(submitted(uscc=taken))

    assert row.state == "reviewing"
    assert row.findings.get(check_code="code").result == "differs"


def test_another_person_brings_a_number_of_their_own(submitted: Submitting, clerk: Member) -> None:
    actions.withdraw(submitted(), by=clerk, at=LATER)

    with pytest.raises(Invalid) as refused:
        submitted(at=LATER, representative="李新和", number="")
    assert "number" in refused.value.fields


def test_an_operator_certifies_and_may_revoke_with_a_reason(
    submitted: Submitting, clerk: Member, operator: Member
) -> None:
    row = actions.approve(_judged(_referred(submitted()), operator), by=operator, at=LATER)
    assert Organisation.objects.get(pk=clerk.organisation_id).verified

    with pytest.raises(Invalid):
        actions.revoke(row, reason="", by=operator, at=LATER)
    actions.revoke(row, reason="执照已被吊销", by=operator, at=LATER)

    assert not Organisation.objects.get(pk=clerk.organisation_id).verified


def test_a_new_certification_replaces_the_one_in_force(submitted: Submitting) -> None:
    former = _cleared(submitted())
    _cleared(submitted(at=LATER, representative="李新禾"))

    assert Certification.objects.get(pk=former.pk).state == "replaced"


def test_one_is_open_at_a_time_and_can_be_taken_back(submitted: Submitting, clerk: Member) -> None:
    row = submitted()
    with pytest.raises(NotNow):
        submitted()
    actions.withdraw(row, by=clerk, at=LATER)
    assert submitted().state == "checking"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"legal_name": "云州"}, "legal_name"),
        ({"uscc": "91330100MA2H12345X"}, "uscc"),
        ({"representative": ""}, "representative"),
        ({"number": "110105194912310021"}, "number"),
        ({"number": ""}, "number"),
        ({"files": {}}, "licence"),
        ({"files": {"licence": SimpleUploadedFile("a.exe", b"MZ")}}, "representative"),
    ],
)
def test_papers_that_cannot_be_right_are_refused_at_their_fields(
    submitted: Submitting, changes: dict[str, object], field: str
) -> None:
    with pytest.raises(Invalid) as refused:
        submitted(**changes)
    assert field in refused.value.fields
    assert not Certification.objects.exists()


def test_nobody_judges_the_own_firm_and_strangers_have_no_part(
    submitted: Submitting, clerk: Member, operator: Member
) -> None:
    row = _referred(submitted())
    clerk.roles = ["applicant", "operator"]
    with pytest.raises(NotPermitted):
        actions.judge(row, Item.LICENCE, accept=True, by=clerk, at=LATER)
    with pytest.raises(NotPermitted):
        actions.withdraw(row, by=operator, at=LATER)
    with pytest.raises(NotPermitted):
        actions.submit(clerk.organisation, None, by=operator, at=LATER)  # type: ignore[arg-type]


def test_who_decides_on_what_has_moved_is_told(submitted: Submitting, operator: Member) -> None:
    row = _referred(submitted())
    actions.judge(row, Item.LICENCE, accept=True, by=operator, at=LATER)
    with pytest.raises(Changed):
        actions.judge(row, Item.LICENCE, accept=False, reason="看错了", by=operator, at=LATER)


def test_the_number_lies_encrypted_and_is_shown_covered(submitted: Submitting) -> None:
    row = Certification.objects.get(pk=submitted().pk)

    assert NUMBER.encode() not in bytes(row.id_number)
    assert (row.number, row.id_masked) == (NUMBER, "110105********002X")
    assert NUMBER not in str(list(Entry.objects.values_list("data", flat=True)))


def test_the_worker_asks_the_register_and_a_silent_one_ends_with_a_person(submitted: Submitting) -> None:
    quick = submitted(legal_name="云州断线建设有限公司")
    with moved_to(AT + timedelta(minutes=1)):
        drain(at=AT + timedelta(minutes=1))
    assert Certification.objects.get(pk=quick.pk).state == "checking"

    with moved_to(AT + timedelta(minutes=30)):
        drain(at=AT + timedelta(minutes=30))
    row = Certification.objects.get(pk=quick.pk)
    assert row.state == "reviewing"
    assert row.findings.get(check_code="person").words == "登记机关超时没有答复"


@pytest.mark.parametrize(
    ("name", "element", "agrees", "active"),
    [
        ("云州新禾建设有限公司", "representative", True, True),
        ("云州试错建设有限公司", "representative", False, True),
        ("云州注销建设有限公司", "name", True, False),
    ],
)
def test_the_sandbox_speaks_as_the_provider_does(name: str, element: str, agrees: bool, active: bool) -> None:
    asked = register()
    assert asked is not None

    word = asked.compare(Elements(name, "91990100MADEM00K08", "李新禾", NUMBER))

    assert (word.agrees[element], word.active) == (agrees, active)


def test_a_wrong_signature_is_no_word(settings) -> None:
    asked = register()
    assert asked is not None
    asked.settings = {**asked.settings, "secret_key": "another"}  # type: ignore[attr-defined]
    with pytest.raises(NoWord, match="SignatureFailure"):
        asked.compare(Elements("云州新禾建设有限公司", "", "", ""))
