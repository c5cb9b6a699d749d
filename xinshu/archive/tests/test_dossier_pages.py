"""Pages: the archive as each party meets it; what is taken is remembered; secrecy holds here too."""

import io
import zipfile
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from python_calamine import CalamineWorkbook

from xinshu.accounts.models import Member
from xinshu.archive.models import Dossier
from xinshu.archive.tests.test_dossiers import archived, settle
from xinshu.core.clock import moved_to
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.tests.city import City
from xinshu.ledger.models import Entry
from xinshu.ledger.reads import reads

pytestmark = pytest.mark.django_db
BrowserOf = Callable[[Member], Client]
Make = Callable[..., Guarantee]


@pytest.fixture
def dossier(city: City, sealed_case: Make) -> Dossier:
    return archived(sealed_case(), city)


def names(content: bytes) -> set[str]:
    return set(zipfile.ZipFile(io.BytesIO(content)).namelist())


@pytest.mark.req("EP-19")
def test_it_is_found_opened_and_downloaded_as_one_file_or_whole(
    city: City, dossier: Dossier, browser_of: BrowserOf
) -> None:
    browser, case = browser_of(city.signer), dossier.guarantee
    here = f"/archive/{dossier.reference}/"

    found = {
        words: here in browser.get("/archive/", {"q": words}).content.decode()
        for words in (case.number, case.applicant.name, case.project.number, dossier.reference, "没有这样的")
    }
    page = browser.get(here).content.decode()
    letter = next(item for item in dossier.items.all() if item.path.startswith("letter/"))
    one, whole = browser.get(f"{here}files/{letter.position}/"), browser.get(f"{here}bundle/")

    assert found == dict.fromkeys(found, True) | {"没有这样的": False}
    assert "2056 年" in page or "2056-12-31" in page
    assert one.content.startswith(b"%PDF")
    assert {"manifest.json", "application.json", "proof.json"} <= names(whole.content)
    reads.flush()
    assert list(Entry.objects.filter(kind="archive.taken").values_list("data__path", flat=True)) == [letter.path, "*"]
    assert Entry.objects.filter(kind="archive.read", actor_key=city.signer.actor_key).exists()


@pytest.mark.parametrize(
    ("query", "there"),
    [
        ({"kind": "performance"}, True), ({"kind": "bid"}, False), ({"state": "released"}, True),
        ({"state": "expired"}, False), ({"since": "2026-01-01"}, True), ({"until": "2026-01-01"}, False),
        ({"since": "什么时候"}, True), ({"kind": "<script>"}, True), ({"page": "x"}, True), ({"page": "9"}, False),
    ],
)  # fmt: skip
def test_filters_narrow_it_and_what_cannot_be_read_is_said(
    city: City, dossier: Dossier, browser_of: BrowserOf, query: dict[str, str], there: bool
) -> None:
    answer = browser_of(city.reviewer).get("/archive/", query)

    assert answer.status_code == 200
    assert (dossier.reference in answer.content.decode()) is there


def test_each_party_takes_what_it_may_see_and_others_find_nothing(
    city: City, dossier: Dossier, browser_of: BrowserOf
) -> None:
    here = f"/archive/{dossier.reference}/"
    inner = dossier.items.get(path="findings.json")

    taken = {who: browser_of(getattr(city, who)).get(f"{here}bundle/") for who in
             ("signer", "applicant", "beneficiary", "department", "rival", "other_department", "bank")}  # fmt: skip
    answers = {who: answer.status_code for who, answer in taken.items()}

    assert answers == {
        "signer": 200, "applicant": 200, "beneficiary": 200, "department": 200, "rival": 404,
        "other_department": 404, "bank": 404,
    }  # fmt: skip
    assert "findings.json" in names(taken["applicant"].content)
    for who in ("beneficiary", "department"):
        assert "findings.json" not in names(taken[who].content)
        assert browser_of(getattr(city, who)).get(f"{here}files/{inner.position}/").status_code == 404
        assert "自动审查结论" not in browser_of(getattr(city, who)).get(here).content.decode()
    assert Client().get(here).status_code == 302


def test_the_guarantor_archives_on_demand_and_nobody_else_does(
    city: City, sealed_case: Make, browser_of: BrowserOf
) -> None:
    case = sealed_case()
    address = f"/archive/seal/{case.reference}/"

    refused = {who: browser_of(getattr(city, who)).post(address).status_code for who in ("applicant", "beneficiary")}
    done = browser_of(city.signer).post(address, follow=True)

    assert refused == {"applicant": 403, "beneficiary": 403}
    assert browser_of(city.rival).post(address).status_code == 404
    assert "正在归档" in done.content.decode()
    settle(case, city)
    shown = browser_of(city.beneficiary).get(f"/guarantees/{case.reference}/").content.decode()
    assert f"/archive/{Dossier.objects.get().reference}/" in shown


def test_before_the_opening_a_dossier_exists_for_the_two_parties_only(
    city: City, sealed_case: Make, browser_of: BrowserOf
) -> None:
    case = sealed_case("bid")
    browser_of(city.signer).post(f"/archive/seal/{case.reference}/")
    settle(case, city)
    here = f"/archive/{Dossier.objects.get().reference}/"
    others = [browser_of(getattr(city, who)) for who in ("beneficiary", "department")]

    before = [(one.get(here).status_code, here in one.get("/archive/").content.decode()) for one in others]
    with moved_to(city.opens_at + timedelta(minutes=1)):
        after = [(one.get(here).status_code, here in one.get("/archive/").content.decode()) for one in others]

    assert browser_of(city.applicant).get(here).status_code == 200
    assert before == [(404, False)] * 2
    assert after == [(200, True)] * 2
    assert not Entry.objects.filter(kind__startswith="archive.", sealed_until=None).exists()


def test_the_list_leaves_as_excel(city: City, dossier: Dossier, browser_of: BrowserOf) -> None:
    answer = browser_of(city.department).get("/archive/export/")

    rows = CalamineWorkbook.from_filelike(io.BytesIO(b"".join(answer.streaming_content))).get_sheet_by_index(0)
    cells = rows.to_python()
    assert cells[2][0] == dossier.guarantee.number
    assert cells[2][-1] == dossier.manifest_sm3
    assert Entry.objects.get(kind="archive.exported").data["rows"] == 1


def test_an_empty_archive_says_how_it_fills(city: City, browser_of: BrowserOf) -> None:
    assert "还没有归档" in browser_of(city.reviewer).get("/archive/").content.decode()


def test_what_was_altered_in_storage_does_not_leave(city: City, dossier: Dossier, browser_of: BrowserOf, files) -> None:
    sm3 = dossier.items.get(path="application.json").sm3
    path = next(path for path in files.rglob("*") if path.is_file() and sm3 in path.name)
    path.write_bytes(path.read_bytes()[:-1] + b"\0")

    assert browser_of(city.signer).get(f"/archive/{dossier.reference}/bundle/").status_code == 409
