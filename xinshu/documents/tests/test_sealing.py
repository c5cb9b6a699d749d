"""Stories: a seal that readers everywhere accept, made by the right signer, at the moment handed in."""

import io
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives.serialization import load_der_private_key
from django.core.exceptions import ImproperlyConfigured
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from xinshu.core.sm import sm3, verify_sm2
from xinshu.documents.blobs import read_blob
from xinshu.documents.models import SealedDocument
from xinshu.documents.sealing import keep_sealed, seal
from xinshu.documents.sealing.demo import DemoAuthority
from xinshu.documents.sealing.keys import authority
from xinshu.ledger.models import Entry


def judged(pdf: bytes, at):
    (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    context = ValidationContext(trust_roots=list(authority().roots), moment=at)
    return signature, validate_pdf_signature(signature, context)


def test_an_independent_reader_finds_the_signature_valid_stamped_and_final(letter, guarantor, at):
    sealed = seal(letter, guarantor, at=at)

    signature, status = judged(sealed.content, at)
    assert status.bottom_line
    assert status.coverage.name == "ENTIRE_FILE"
    assert status.timestamp_validity.timestamp == at.replace(microsecond=0)
    assert signature.docmdp_level.name == "NO_CHANGES"
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert signature.signer_cert.subject.native["organization_name"] == guarantor.name
    assert f"{signature.signer_cert.serial_number:x}" == sealed.certificate_serial


def test_the_page_below_the_signature_is_the_page_that_was_handed_in(letter, guarantor, at):
    assert seal(letter, guarantor, at=at).content.startswith(letter)


def test_nothing_in_a_sealed_letter_tells_another_day_than_the_one_handed_in(letter, guarantor, at):
    appended = seal(letter, guarantor, at=at).content[len(letter) :]

    assert b"/M (D\\07220261121104000" in appended or b"20261121" in appended
    assert b"ModDate" not in appended


def test_the_sm2_signature_is_over_the_sm3_of_the_whole_file(letter, guarantor, at):
    sealed = seal(letter, guarantor, at=at)

    digest = sm3(sealed.content)
    assert sealed.sm3 == digest.hex()
    assert verify_sm2(sealed.sm2_public, digest, bytes.fromhex(sealed.sm2_signature))
    assert not verify_sm2(sealed.sm2_public, sm3(letter), bytes.fromhex(sealed.sm2_signature))


def test_each_organisation_signs_with_keys_of_its_own(guarantor, firm):
    ours, theirs = authority().signer_of(guarantor), authority().signer_of(firm)

    assert ours.certificate.serial_number != theirs.certificate.serial_number
    assert ours.sm2_public != theirs.sm2_public
    assert authority().signer_of(guarantor) is ours


def test_keys_on_disk_are_wrapped_and_survive_a_restart(settings, tmp_path, guarantor):
    settings.DATA = tmp_path
    first = DemoAuthority().signer_of(guarantor)

    second = DemoAuthority().signer_of(guarantor)

    assert second.certificate.dump() == first.certificate.dump()
    assert second.sm2_public == first.sm2_public
    for path in (tmp_path / "pki").glob("*.json"):
        wrapped = bytes.fromhex(json.loads(path.read_text())["key"])
        with pytest.raises(ValueError, match=r"(?i)asn.?1|deserialize|pars"):
            load_der_private_key(wrapped, password=None)
        assert path.stat().st_mode & 0o077 == 0


def test_many_starting_at_once_agree_on_one_root(settings, tmp_path, guarantor):
    settings.DATA = tmp_path

    with ThreadPoolExecutor(6) as pool:
        signers = list(pool.map(lambda _: DemoAuthority().signer_of(guarantor), range(6)))

    assert len({signer.certificate.dump() for signer in signers}) == 1


def test_another_file_key_opens_no_keys(settings, tmp_path, guarantor):
    settings.DATA = tmp_path
    DemoAuthority()
    settings.FILE_KEY = "00" * 16

    with pytest.raises(ValueError, match="tag"):
        DemoAuthority()


def test_production_refuses_demo_keys(settings):
    settings.PRODUCTION = True

    with pytest.raises(ImproperlyConfigured, match="XINSHU_SEALING_AUTHORITY"):
        DemoAuthority()


def test_a_sealed_letter_is_kept_as_a_file_of_its_signer(letter, guarantor, at):
    sealed = seal(letter, guarantor, at=at)

    document = keep_sealed(sealed, name="履约保函.pdf", subject=guarantor, at=at)

    assert read_blob(document.file.blob) == sealed.content
    assert (document.file.owner, document.organisation, document.sealed_at) == (guarantor, guarantor, at)
    assert (document.pdf_sm3, document.subject_type, document.subject_id) == (
        sealed.sm3,
        "accounts.organisation",
        guarantor.pk,
    )
    assert Entry.objects.get(kind="file.kept").actor_key == "system"


def test_keeping_the_same_seal_twice_keeps_one(letter, guarantor, at):
    sealed = seal(letter, guarantor, at=at)

    first = keep_sealed(sealed, name="a.pdf", subject=None, at=at)
    second = keep_sealed(sealed, name="a.pdf", subject=None, at=at)

    assert first == second
    assert SealedDocument.objects.count() == 1
    assert Entry.objects.count() == 1


def test_keeping_a_letter_takes_few_statements(letter, guarantor, at, django_assert_max_num_queries):
    sealed = seal(letter, guarantor, at=at)

    with django_assert_max_num_queries(11):
        keep_sealed(sealed, name="a.pdf", subject=None, at=at)
