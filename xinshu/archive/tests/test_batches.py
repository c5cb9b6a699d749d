"""Many dossiers at once: parts of a bearable size, each a ZIP of dossiers, taken again when interrupted."""

import io
import zipfile
from collections.abc import Callable

import pytest
from django.test import Client

from xinshu.accounts.models import Member
from xinshu.archive.batches import parts_of
from xinshu.archive.models import Dossier
from xinshu.archive.tests.test_dossiers import archived, verified
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.tests.city import City
from xinshu.ledger.models import Entry

pytestmark = pytest.mark.django_db
BrowserOf = Callable[[Member], Client]
Make = Callable[..., Guarantee]


def test_parts_are_cut_by_size_and_come_as_dossiers_that_verify(
    city: City, sealed_case: Make, browser_of: BrowserOf, tmp_path
) -> None:
    dossiers = [archived(sealed_case(), city) for _turn in range(3)]
    browser = browser_of(city.reviewer)
    largest = max(dossier.size for dossier in dossiers)

    cut = [(part.count, part.first, part.last) for part in parts_of(Dossier.objects.standing(), limit=2 * largest)]
    page = browser.get("/archive/batch/").content.decode()
    address = f"/archive/batch/{dossiers[0].reference}/{dossiers[2].reference}/"
    content = b"".join(browser.get(address).streaming_content)

    references = [dossier.reference for dossier in dossiers]
    assert cut == [(2, references[0], references[1]), (1, references[2], references[2])]
    assert address in page
    box = zipfile.ZipFile(io.BytesIO(content))
    assert set(box.namelist()) == {f"{dossier.guarantee.number}-V1.zip" for dossier in dossiers}
    assert verified(box.read(box.namelist()[0]), tmp_path)[0] == 0
    assert Entry.objects.filter(kind="archive.taken", actor_key=city.reviewer.actor_key).count() == 3


def test_a_part_holds_only_what_exists_for_the_member_and_as_far_as_they_may_see(
    city: City, sealed_case: Make, browser_of: BrowserOf
) -> None:
    dossier = archived(sealed_case(), city)
    address = f"/archive/batch/{dossier.reference}/{dossier.reference}/"

    outer = b"".join(browser_of(city.department).get(address).streaming_content)
    inside = zipfile.ZipFile(io.BytesIO(zipfile.ZipFile(io.BytesIO(outer)).read(f"{dossier.guarantee.number}-V1.zip")))

    assert "findings.json" not in inside.namelist()
    assert browser_of(city.rival).get(address).status_code == 404
    assert browser_of(city.reviewer).get(address, {"kind": "bid"}).status_code == 404
    assert browser_of(city.reviewer).get("/archive/batch/x/y/").status_code == 404


def test_what_does_not_pass_its_check_is_named_and_does_not_hold_up_the_others(
    city: City, sealed_case: Make, browser_of: BrowserOf, files
) -> None:
    good, bad = archived(sealed_case(), city), archived(sealed_case(), city)
    sm3 = bad.items.get(path="application.json").sm3
    path = next(path for path in files.rglob("*") if path.is_file() and sm3 in path.name)
    path.write_bytes(path.read_bytes()[:-1] + b"\0")

    address = f"/archive/batch/{good.reference}/{bad.reference}/"
    content = b"".join(browser_of(city.reviewer).get(address).streaming_content)

    assert set(zipfile.ZipFile(io.BytesIO(content)).namelist()) == {f"{good.guarantee.number}-V1.zip", "未导出.txt"}


def test_nothing_to_export_says_so(city: City, browser_of: BrowserOf) -> None:
    assert "没有可以导出的案卷" in browser_of(city.reviewer).get("/archive/batch/").content.decode()
