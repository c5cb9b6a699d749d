"""Stories: what an uploaded PDF turns out to be, however it was made."""

import io
import zlib

import pytest
from pyhanko.pdf_utils.generic import NumberObject, StreamObject
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pypdf import PdfReader, PdfWriter
from pypdf.generic import NameObject

from xinshu.documents import verification
from xinshu.documents.blobs import read_blob
from xinshu.documents.letters import render
from xinshu.documents.sealing import pades, seal
from xinshu.documents.sealing.demo import DemoAuthority
from xinshu.documents.sealing.keys import authority
from xinshu.documents.tests.conftest import PDF
from xinshu.documents.verification import differences, examine


@pytest.fixture
def original(kept) -> bytes:
    return read_blob(kept.file.blob)


def appended(pdf: bytes, change) -> bytes:
    """Return `pdf` with an incremental update, as an editor that keeps signatures would write it."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    change(writer, writer.root["/Pages"]["/Kids"][0])
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def turn(writer, page) -> None:
    page["/Rotate"] = NumberObject(90)
    writer.update_container(page)


def test_the_letter_itself_is_genuine(original, kept, guarantor, at):
    found = examine(original)

    assert found.genuine
    assert found.sealed == kept
    (signature,) = found.signatures
    assert (signature.signer, signature.timestamp, signature.holds) == (guarantor.name, at, True)


def test_a_record_whose_signature_was_swapped_does_not_make_a_letter_genuine(original, kept, firm, letter, at):
    other = seal(letter, firm, at=at)
    kept.sm2_public, kept.sm2_signature = other.sm2_public, other.sm2_signature
    kept.save(update_fields=["sm2_public", "sm2_signature"])

    assert not examine(original).genuine


def test_a_changed_byte_is_found(original):
    where = original.index(b"stream") + 40
    found = examine(original[:where] + bytes([original[where] ^ 1]) + original[where + 1 :])

    assert not found.genuine
    assert found.sealed is None
    assert not any(signature.holds or signature.intact for signature in found.signatures)


def test_a_rotated_page_is_found_although_the_signed_bytes_are_intact(original):
    found = examine(appended(original, turn))

    (signature,) = found.signatures
    assert (found.genuine, signature.holds, signature.intact, signature.whole) == (False, False, True, False)
    assert found.altered
    assert signature.finding == "签章之后又追加了内容。"


def test_text_written_over_the_page_afterwards_is_found(original):
    def write(writer, page) -> None:
        stamp = writer.add_object(StreamObject(stream_data=b"BT /F1 30 Tf 100 400 Td (9,999,999.00) Tj ET"))
        page["/Contents"] = stamp
        writer.update_container(page)

    (signature,) = examine(appended(original, write)).signatures
    assert not signature.holds


@pytest.mark.parametrize("tail", [b"\n", b"\0" * 100, b"%PDF-1.4 another"])
def test_bytes_behind_the_end_are_found(original, tail):
    found = examine(original + tail)

    assert not found.genuine
    assert not any(signature.holds for signature in found.signatures)


def test_a_copy_printed_anew_has_lost_its_seal(original):
    writer = PdfWriter()
    writer.append(PdfReader(io.BytesIO(original)), import_outline=False)
    writer.root_object.pop(NameObject("/AcroForm"), None)
    out = io.BytesIO()
    writer.write(out)

    found = examine(out.getvalue())

    assert not found.genuine
    assert not any(signature.holds for signature in found.signatures)
    assert found.number == "YZLY2026-7K4M2Q9R"


def test_a_letter_sealed_by_somebody_elses_authority_is_not_trusted(letter, guarantor, at, tmp_path, settings):
    kept, settings.DATA = settings.DATA, tmp_path
    stranger = DemoAuthority()
    settings.DATA = kept
    signer = stranger.signer_of(guarantor)

    found = examine(pades.sign(letter, signer, stranger.timestamps, name=guarantor.name, at=at))

    (signature,) = found.signatures
    assert signature.signer == guarantor.name
    assert (signature.intact, signature.trusted, signature.holds, signature.timestamp) == (True, False, False, None)
    assert not found.genuine
    assert not found.altered


def test_a_trusted_signature_with_an_untrusted_timestamp_does_not_hold(letter, guarantor, at, tmp_path, settings):
    ours = seal(letter, guarantor, at=at)
    signer = authority().signer_of(guarantor)
    kept, settings.DATA = settings.DATA, tmp_path
    stranger = DemoAuthority()
    settings.DATA = kept

    found = examine(pades.sign(letter, signer, stranger.timestamps, name=guarantor.name, at=at))

    assert examine(ours.content).signatures[0].holds
    assert not found.signatures[0].holds


def test_another_organisations_seal_on_our_text_names_that_organisation(letter, firm, at):
    (signature,) = examine(seal(letter, firm, at=at).content).signatures

    assert signature.signer == firm.name
    assert signature.holds


def test_a_forged_letter_shows_what_differs(version, values, kept):
    forged = render(version, values | {"amount": "9,862,000.00", "beneficiary": "云州某某公司"})

    found = examine(forged)

    assert (found.genuine, found.signatures, found.number) == (False, (), values["number"])
    assert [(d.label, d.issued, d.found) for d in differences(found, values)] == [
        ("受益人", values["beneficiary"], "云州某某公司"),
        ("金额", "4,862,000.00", "9,862,000.00"),
    ]


def bomb() -> bytes:
    """A PDF whose one page unpacks to 1.1 GB."""
    squeezer = zlib.compressobj(9)
    body = b"".join(squeezer.compress(b" " * (1 << 20)) for _ in range(1100)) + squeezer.flush()
    parts = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 9 9]/Contents 4 0 R>>",
        b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(body), body),
    ]
    out, places = b"%PDF-1.4\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(out))
        out += b"%d 0 obj %s endobj\n" % (number, part)
    table = b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return out + table + b"trailer <</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(out)


def encrypted(pdf: bytes) -> bytes:
    writer = PdfWriter(clone_from=PdfReader(io.BytesIO(pdf)))
    writer.encrypt("secret", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


@pytest.mark.django_db
@pytest.mark.parametrize(
    "content",
    [b"", b"hello", b"%PDF-", b"%PDF-1.7\n" + b"\xff" * 5000, PDF, b"MZ" + b"\0" * 99],
)
def test_what_is_no_letter_is_unreadable_and_never_an_error(content):
    found = examine(content)

    assert not found.genuine
    assert found.readable or found.problem


@pytest.mark.django_db
def test_a_pdf_made_to_exhaust_its_reader_is_given_up(monkeypatch):
    found = examine(bomb())

    assert not found.genuine
    assert found.text == ""


def test_a_pdf_with_a_password_is_said_to_have_one(letter, db):
    found = examine(encrypted(letter))

    assert (found.readable, found.problem) == (False, "文件加了密码，无法读取。")


@pytest.mark.django_db
def test_a_huge_file_is_not_read(monkeypatch):
    monkeypatch.setattr(verification, "LIMIT", 1000)

    found = examine(PDF + b"\0" * 1000)

    assert (found.readable, found.problem) == (False, "文件超过 20 MB，不是平台签发的函件。")


@pytest.mark.parametrize("cut", [0.1, 0.5, 0.9, 0.99])
def test_a_letter_cut_short_is_not_genuine(original, cut):
    found = examine(original[: int(len(original) * cut)])

    assert not found.genuine
    assert not any(signature.holds for signature in found.signatures)
