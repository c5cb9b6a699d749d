"""Files in two places: one dies and nobody notices, what it missed is copied to it afterwards, nothing is made up."""

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from xinshu.accounts.models import Organisation
from xinshu.core.actors import SYSTEM
from xinshu.documents.blobs import read_blob
from xinshu.documents.mending import mend
from xinshu.documents.models import File
from xinshu.documents.storage import s3, storage, twice
from xinshu.documents.storage.local import LocalStorage
from xinshu.documents.tasks import FilesLost, mend_second_copies
from xinshu.documents.tests.conftest import PDF
from xinshu.documents.tests.s3 import Store, standing
from xinshu.documents.uploads import keep_file

KEY = "ab" * 32


class Two:
    """Two buckets, either of which can be taken away and brought back with what it held."""

    def __init__(self, stack: ExitStack, settings: Any) -> None:
        self.stack, self.settings = stack, settings
        self.stores = [stack.enter_context(standing()) for _number in range(2)]
        settings.FILES_STORAGE = "xinshu.documents.storage.twice.TwoPlaces"
        settings.FILES_PLACES = ("s3", "s3-second")
        settings.S3, settings.S3_SECOND = (store.settings for store in self.stores)

    @property
    def names(self) -> list[list[str]]:
        return [sorted(name[-64:] for name in store.objects) for store in self.stores]

    def take_away(self, number: int) -> None:
        """Have nobody answer at the address of a bucket."""
        self._name(number, {**self.stores[number].settings, "endpoint": "http://127.0.0.1:9"})

    def bring_back(self, number: int) -> None:
        self._name(number, self.stores[number].settings)
        twice._away_until.clear()

    def _name(self, number: int, place: dict[str, str]) -> None:
        setattr(self.settings, ("S3", "S3_SECOND")[number], place)


@pytest.fixture
def two(settings: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Two]:
    monkeypatch.setattr(twice, "_away_until", {})
    s3._client.cache_clear()
    with ExitStack() as stack:
        yield Two(stack, settings)
    s3._client.cache_clear()


@pytest.fixture
def keep(db: None, at: datetime) -> Any:
    owner = Organisation.objects.create(name="云州恒达路桥", kind="enterprise")

    def keep_one(text: str) -> File:
        return keep_file(PDF + f"\n% {text}".encode(), f"{text}.pdf", owner, SYSTEM, at)

    return keep_one


@pytest.mark.req("EP-43")
@pytest.mark.parametrize("dying", [0, 1])
def test_either_place_dies_and_no_file_is_lost_nor_refused(two: Two, keep: Any, dying: int, at: datetime) -> None:
    before = keep("之前")
    assert two.names == [[before.blob.sm3], [before.blob.sm3]]

    two.take_away(dying)
    meanwhile = keep("期间")
    storage().check()
    assert b"\xe4\xb9\x8b\xe5\x89\x8d" in read_blob(before.blob)
    assert b"\xe6\x9c\x9f\xe9\x97\xb4" in read_blob(meanwhile.blob)
    with pytest.raises(OSError, match="S3"):
        mend_second_copies(at.date(), at)  # tried again by the worker until the place is back
    two.bring_back(dying)

    assert two.names[dying] == [before.blob.sm3]
    mend_second_copies(at.date(), at)
    assert two.names[0] == two.names[1] == sorted([before.blob.sm3, meanwhile.blob.sm3])
    two.take_away(1 - dying)
    assert b"\xe6\x9c\x9f\xe9\x97\xb4" in read_blob(meanwhile.blob)


def test_a_place_that_failed_is_left_alone_for_a_moment_and_then_asked_again(
    two: Two, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments = [100.0]
    monkeypatch.setattr(twice.time, "monotonic", lambda: moments[0])
    two.take_away(0)
    storage().write(KEY, b"content")
    two.stores[0].objects.clear()
    two._name(0, two.stores[0].settings)

    storage().write(KEY, b"content")
    assert two.names == [[], [KEY]]
    moments[0] += twice.AWAY + 1
    storage().write(KEY, b"content")
    assert two.names == [[KEY], [KEY]]


def test_not_there_is_told_only_when_both_say_so_and_with_both_away_nothing_is_accepted(two: Two) -> None:
    with pytest.raises(FileNotFoundError):
        storage().read(KEY)
    assert not storage().has(KEY)

    two.take_away(0)
    with pytest.raises(OSError, match="S3") as problem:
        storage().read(KEY)
    assert not isinstance(problem.value, FileNotFoundError)
    two.take_away(1)
    for refused in (
        lambda: storage().write(KEY, b"x"), lambda: storage().check(), lambda: storage().has(KEY),
    ):  # fmt: skip
        with pytest.raises(OSError, match="S3"):
            refused()


@pytest.mark.django_db
def test_mending_copies_only_what_is_whole_and_names_what_is_lost(two: Two, keep: Any, at: datetime) -> None:
    whole, bitten, gone = keep("一"), keep("二"), keep("三")
    first, second = (store.objects for store in two.stores)
    places = {file.blob.sm3: f"{file.blob.sm3[:2]}/{file.blob.sm3[2:4]}/{file.blob.sm3}" for file in (whole, bitten)}
    del first[places[whole.blob.sm3]]
    del first[places[bitten.blob.sm3]]
    second[places[bitten.blob.sm3]] = b"something else"
    for objects in (first, second):
        objects.pop(f"{gone.blob.sm3[:2]}/{gone.blob.sm3[2:4]}/{gone.blob.sm3}")
    first["zz/zz/unrelated"] = b"stays here"

    found = mend()

    assert (found.blobs, found.copied) == (3, {"s3": 1, "s3-second": 0})
    assert sorted(found.lost) == sorted([bitten.blob.sm3, gone.blob.sm3])
    assert places[bitten.blob.sm3] not in first
    assert "zz/zz/unrelated" not in second
    with pytest.raises(FilesLost, match="2 files"):
        mend_second_copies(at.date(), at)
    said = StringIO()
    with pytest.raises(SystemExit):
        call_command("mend_files", stdout=said)
    assert gone.blob.sm3 in said.getvalue()


@pytest.mark.django_db
def test_a_folder_and_a_bucket_are_two_places_too(two: Two, keep: Any, settings: Any, tmp_path: Path) -> None:
    settings.FILES_PLACES, settings.FILES_ROOT = ("local", "s3-second"), tmp_path / "files"

    file = keep("四")
    next((tmp_path / "files").rglob(file.blob.sm3)).unlink()
    said = StringIO()
    call_command("mend_files", stdout=said)

    assert "local 补入 1" in said.getvalue()
    assert list(LocalStorage().keys(file.blob.sm3[:2])) == [file.blob.sm3]
    assert two.names == [[], [file.blob.sm3]]


def test_with_one_place_there_is_nothing_to_mend(settings: Any, at: datetime) -> None:
    settings.FILES_PLACES = ()

    mend_second_copies(at.date(), at)

    with pytest.raises(CommandError, match="XINSHU_STORAGE_SECOND"):
        call_command("mend_files")


def test_a_busy_place_is_still_asked(two: Two) -> None:
    store: Store = two.stores[0]
    store.failing = 1

    storage().write(KEY, b"content")

    assert two.names == [[KEY], [KEY]]
