"""Files in S3-compatible storage: over real connections, signed requests, and with a store that fails."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from xinshu.accounts.models import Organisation
from xinshu.core.actors import SYSTEM
from xinshu.documents.blobs import read_blob
from xinshu.documents.storage import s3, storage
from xinshu.documents.tests.conftest import PDF
from xinshu.documents.tests.s3 import Store, standing
from xinshu.documents.uploads import keep_file

KEY = "ab" * 32


@pytest.fixture
def store(settings: Any) -> Iterator[Store]:
    """An empty bucket, in which this installation keeps its files."""
    with standing() as store:
        settings.FILES_STORAGE, settings.S3 = "xinshu.documents.storage.s3.S3Storage", store.settings
        s3._client.cache_clear()
        yield store
    s3._client.cache_clear()


@pytest.mark.req("BH-09")
@pytest.mark.django_db
def test_by_setting_alone_files_move_from_the_disk_into_a_bucket_under_the_same_hash(
    store: Store, settings: Any, tmp_path: Path, at: datetime
) -> None:
    owner = Organisation.objects.create(name="云州恒达路桥", kind="enterprise")
    bucket, settings.FILES_ROOT = settings.FILES_STORAGE, tmp_path
    settings.FILES_STORAGE = "xinshu.documents.storage.local.LocalStorage"

    on_disk, again = (keep_file(PDF, name, owner, SYSTEM, at) for name in ("一.pdf", "二.pdf"))
    lying = [path for path in tmp_path.rglob("*") if path.is_file()]
    settings.FILES_STORAGE = bucket
    in_bucket = keep_file(PDF, "三.pdf", owner, SYSTEM, at)

    assert on_disk.blob == again.blob == in_bucket.blob
    assert [path.name for path in lying] == [on_disk.blob.sm3]
    assert [name.rpartition("/")[2] for name in store.objects] == [on_disk.blob.sm3]
    assert PDF not in lying[0].read_bytes()
    assert PDF not in next(iter(store.objects.values()))
    assert read_blob(in_bucket.blob) == PDF


@pytest.mark.django_db
def test_a_file_lies_there_encrypted_once_and_comes_back_as_it_was(store: Store, at: datetime) -> None:
    owner = Organisation.objects.create(name="云州恒达路桥", kind="enterprise")

    first, second = (keep_file(PDF, name, owner, SYSTEM, at) for name in ("一.pdf", "二.pdf"))

    digest = first.blob.sm3
    assert list(store.objects) == [f"{digest[:2]}/{digest[2:4]}/{digest}"]
    assert PDF not in store.objects.popitem()[1]
    keep_file(PDF, "三.pdf", owner, SYSTEM, at)  # what the store had lost is stored again
    assert read_blob(second.blob) == PDF


def test_what_is_not_there_is_told_from_a_store_that_fails(store: Store, settings: Any) -> None:
    here = storage()

    here.check()
    assert not here.has(KEY)
    with pytest.raises(FileNotFoundError):
        here.read(KEY)
    here.write(KEY, b"content")
    assert (here.has(KEY), here.read(KEY)) == (True, b"content")
    assert list(store.objects) == [f"ab/ab/{KEY}"]  # the probe is gone

    settings.S3 = store.settings | {"secret": "another"}
    s3._client.cache_clear()
    for refused in (lambda: storage().check(), lambda: storage().read(KEY), lambda: storage().write(KEY, b"x")):
        with pytest.raises(OSError, match="S3") as problem:
            refused()
        assert not isinstance(problem.value, FileNotFoundError)


def test_a_store_that_is_busy_for_a_moment_is_asked_again(store: Store) -> None:
    store.failing = 2

    storage().write(KEY, b"content")

    assert storage().read(KEY) == b"content"


def test_a_store_that_is_away_is_an_oserror(settings: Any) -> None:
    with standing() as gone:
        settings.FILES_STORAGE, settings.S3 = "xinshu.documents.storage.s3.S3Storage", gone.settings
    s3._client.cache_clear()

    with pytest.raises(OSError, match="S3"):
        storage().check()
    s3._client.cache_clear()
