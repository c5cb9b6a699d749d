"""Exports in the background: made part by part, gone on with after a crash, taken by who asked, forgotten later."""

import io
import zipfile
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from xinshu.accounts.models import Member
from xinshu.archive.exporting import AT_ONCE, KEPT, ask_for_export, forget_expired, take_part, work_on
from xinshu.archive.models import Dossier, Export
from xinshu.archive.tests.test_dossiers import archived, verified
from xinshu.core.refusals import Invalid, NotNow
from xinshu.documents.models import Blob
from xinshu.documents.storage import storage
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.tests.city import City
from xinshu.ledger.models import Entry
from xinshu.messaging.models import Notice

pytestmark = pytest.mark.django_db
BrowserOf = Callable[[Member], Client]
Make = Callable[..., Guarantee]


def asked(city: City, by: Member, **facts: Any) -> Export:
    found = Dossier.objects.standing().visible_to(by, city.at + timedelta(hours=2))
    return ask_for_export(found, filters="", by=by, at=city.at, **facts)


def test_an_export_is_made_part_by_part_and_goes_on_after_a_crash(
    city: City, sealed_case: Make, tmp_path: Any, django_capture_on_commit_callbacks: Any
) -> None:
    dossiers = [archived(sealed_case(), city) for _turn in range(2)]
    export, at = asked(city, city.reviewer, limit=1), city.at + timedelta(hours=3)
    assert [part.dossiers for part in export.parts.order_by("position")] == [[one.pk] for one in dossiers]

    assert work_on(export.pk, at) is True
    first = export.parts.get(position=1)
    with pytest.raises(NotNow):
        take_part(export, 2, by=city.reviewer, at=at)
    assert work_on(export.pk, at) is False  # another worker, after the first was killed, makes what is left
    assert work_on(export.pk, at) is False
    export.refresh_from_db()

    assert (export.state, export.expires_at) == ("ready", at + KEPT)
    assert export.parts.get(position=1).blob_id == first.blob_id
    box = zipfile.ZipFile(io.BytesIO(take_part(export, 1, by=city.reviewer, at=at)))
    assert box.namelist() == [f"{dossiers[0].guarantee.number}-V1.zip"]
    assert verified(box.read(box.namelist()[0]), tmp_path)[0] == 0
    assert Notice.objects.filter(member=city.reviewer, text__contains="已准备好").count() == 1
    assert Entry.objects.filter(kind="archive.taken", data__path="*").count() == 1

    key = first.blob.sm3
    with django_capture_on_commit_callbacks(execute=True):
        assert forget_expired(at + KEPT) == 1
    assert forget_expired(at + KEPT) == 0
    export.refresh_from_db()
    assert (export.state, Blob.objects.filter(sm3=key).exists(), storage().has(key)) == ("expired", False, False)
    with pytest.raises(NotNow):
        take_part(export, 1, by=city.reviewer, at=at + KEPT)


def test_what_its_owner_may_not_see_any_more_is_not_handed_out(city: City, sealed_case: Make) -> None:
    dossier = archived(sealed_case(), city)
    export, at = asked(city, city.reviewer), city.at + timedelta(hours=3)
    work_on(export.pk, at)
    export.refresh_from_db()
    Guarantee.objects.filter(pk=dossier.guarantee_id).update(guarantor=city.bank.organisation)

    with pytest.raises(NotNow, match="不能查看"):
        take_part(export, 1, by=city.reviewer, at=at)
    assert not Entry.objects.filter(kind="archive.taken").exists()


def test_nothing_to_export_is_said_and_nobody_fills_the_queue(city: City, sealed_case: Make) -> None:
    with pytest.raises(Invalid):
        asked(city, city.reviewer)
    archived(sealed_case(), city)
    for _turn in range(AT_ONCE):
        asked(city, city.reviewer)
    with pytest.raises(NotNow):
        asked(city, city.reviewer)


def test_in_the_browser_it_is_asked_for_watched_and_taken_by_its_owner_only(
    city: City, sealed_case: Make, browser_of: BrowserOf
) -> None:
    archived(sealed_case(), city)
    owner = browser_of(city.reviewer)
    assert "后台准备全部" in owner.get("/archive/batch/").content.decode()
    assert owner.post(reverse("archive:ask_export")).status_code == 302
    export = Export.objects.get()
    page = reverse("archive:show_export", args=[export.reference])
    progress = reverse("archive:export_progress", args=[export.reference])
    part = reverse("archive:export_part", args=[export.reference, "1"])

    assert "准备中" in owner.get(page).content.decode()
    assert owner.get(progress, {"done": "0"}).status_code == 204
    assert owner.get(part).status_code == 409
    work_on(export.pk, city.at + timedelta(hours=1))
    assert owner.get(progress, {"done": "0"}).headers["HX-Refresh"] == "true"
    assert "已准备好" in owner.get(page).content.decode()
    assert owner.get(part).content[:2] == b"PK"
    for junk in ("0", "x", "9" * 40):
        assert owner.get(reverse("archive:export_part", args=[export.reference, junk])).status_code == 404
    other = browser_of(city.colleague(city.reviewer, "reviewer"))
    for address in (page, progress, part):
        assert other.get(address).status_code == 404
