"""Stories: a file is brought, kept once, kept secret, kept whole."""

from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from xinshu.core.refusals import Invalid
from xinshu.core.sm import Damaged, sm3
from xinshu.documents.blobs import read_blob
from xinshu.documents.models import Blob, File
from xinshu.documents.tests.conftest import PDF
from xinshu.documents.uploads import keep_file, read_upload
from xinshu.ledger.models import Entry


def stored(files) -> list:
    return [path for path in files.rglob("*") if path.is_file()] if files.exists() else []


def test_a_kept_file_can_be_read_back_and_is_remembered(firm, clerk, at):
    file = keep_file(PDF, "合同.pdf", firm, clerk, at, subject=firm)

    assert read_blob(file.blob) == PDF
    assert (file.name, file.owner, file.uploaded_by, file.uploaded_at) == ("合同.pdf", firm, clerk.actor_key, at)
    assert (file.subject_type, file.subject_id) == ("accounts.organisation", firm.pk)
    entry = Entry.objects.get(kind="file.kept")
    assert entry.data == {"name": "合同.pdf", "sm3": sm3(PDF).hex(), "size": len(PDF)}


def test_what_is_recorded_about_a_secret_file_stays_sealed(firm, clerk, at):
    opening = at + timedelta(days=7)

    file = keep_file(PDF, "投标文件.pdf", firm, clerk, at, sealed_until=opening)

    assert file.sealed_until == opening
    assert Entry.objects.get(kind="file.kept").sealed_until == opening


def test_the_same_bytes_are_stored_once_whoever_brings_them(firm, clerk, guarantor, manager, at, files):
    first = keep_file(PDF, "合同.pdf", firm, clerk, at)
    second = keep_file(PDF, "副本.pdf", guarantor, manager, at)

    assert first.blob == second.blob
    assert first.reference != second.reference
    assert (Blob.objects.count(), File.objects.count(), len(stored(files))) == (1, 2, 1)


def test_storage_holds_nothing_readable(firm, clerk, at, files):
    keep_file(PDF, "合同.pdf", firm, clerk, at)

    (path,) = stored(files)
    assert path.name == sm3(PDF).hex()
    assert PDF[:8] not in path.read_bytes()
    assert path.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("where", [0, 20, -1])
def test_a_bit_changed_in_storage_is_refused(firm, clerk, at, files, where):
    file = keep_file(PDF, "合同.pdf", firm, clerk, at)
    (path,) = stored(files)
    altered = bytearray(path.read_bytes())
    altered[where] ^= 1
    path.write_bytes(altered)

    with pytest.raises(Damaged):
        read_blob(file.blob)


def test_bytes_lost_from_storage_come_back_with_the_next_upload(firm, clerk, at, files):
    file = keep_file(PDF, "合同.pdf", firm, clerk, at)
    stored(files)[0].unlink()

    keep_file(PDF, "合同.pdf", firm, clerk, at)

    assert read_blob(file.blob) == PDF


def test_a_refused_file_leaves_nothing_behind(firm, clerk, at, files):
    with pytest.raises(Invalid):
        keep_file(b"MZ" + b"\0" * 100, "合同.pdf", firm, clerk, at)

    assert (File.objects.count(), Blob.objects.count(), Entry.objects.count(), stored(files)) == (0, 0, 0, [])


def test_a_form_is_refused_before_a_huge_file_is_read(settings):
    settings.UPLOAD_LIMIT = 1024

    with pytest.raises(Invalid, match="太大"):
        read_upload(SimpleUploadedFile("大.pdf", b"0" * 1025))

    assert read_upload(SimpleUploadedFile("小.pdf", PDF)) == PDF
