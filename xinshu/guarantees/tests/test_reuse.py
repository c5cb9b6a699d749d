"""历史资料复用 (BH-01): a returning customer's application, page by page, and what may not be taken over."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from xinshu.accounts.models import Member
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import moved_to
from xinshu.core.refusals import Invalid
from xinshu.documents.models import Blob, File
from xinshu.documents.tests.conftest import PDF
from xinshu.documents.uploads import keep_file
from xinshu.enterprises.actions import enter_fields, enterprise_of
from xinshu.guarantees.actions.application import attach_file, reuse_file
from xinshu.guarantees.applying.reuse import offers_for, past_of
from xinshu.guarantees.models import Attachment, Guarantee
from xinshu.guarantees.tests.city import City
from xinshu.ledger.queries import history_of

BrowserOf = Callable[[Member], Client]
pytestmark = pytest.mark.django_db


def step(case: Guarantee, name: str) -> str:
    return f"/guarantees/{case.reference}/apply/{name}/"


def bring(city: City, case: Guarantee, title: str, *, by: Member | None = None, days_ago: int = 0) -> Attachment:
    """Upload a paper to `case`, so many days ago."""
    by, at = by or city.applicant, city.at - timedelta(days=days_ago)
    content = PDF + title.encode() + str(case.pk).encode()
    file = keep_file(content, f"{title}.pdf", by.organisation, by, at, subject=case)
    attach_file(Guarantee.objects.get(pk=case.pk), file, title, by=by, at=city.at)
    return Attachment.objects.get(file=file)


def an_earlier_case(city: City) -> Guarantee:
    """Return a guarantee in force for which licence, statements and an old credit report were brought."""
    case = city.draft()
    for title, age in (("营业执照", 20), ("财务报表", 300), ("中标通知书", 20)):
        bring(city, case, title, days_ago=age)
    return Guarantee.objects.get(pk=case.pk)


@pytest.mark.req("BH-01")
def test_a_returning_customer_is_asked_only_for_what_is_missing_or_stale(city: City, browser_of: BrowserOf) -> None:
    done, before = city.in_force(), an_earlier_case(city)
    old = {"contact_phone": "12300006001"}  # half a year holds: this one is older
    enter_fields(
        enterprise_of(city.applicant.organisation), {"contact_phone": "12300006009"}, by=SYSTEM,
        at=city.at - timedelta(days=300), source_label="营业执照",
    )  # fmt: skip
    browser = browser_of(city.applicant)

    with moved_to(city.at + timedelta(days=130)):
        begin = browser.get("/guarantees/new/").content.decode()
        again = city.empty()
        company = browser.get(step(again, "company")).content.decode()
        seen = company.split('name="seen" value="')[1].split('"')[0]
        updated = browser.post(step(again, "company"), {"seen": seen, **old})
        company_after = browser.get(step(again, "company")).content.decode()
        terms = browser.get(step(again, "terms")).content.decode()
        files = browser.get(step(again, "files")).content.decode()
        licence = Attachment.objects.get(guarantee=before, title="营业执照")
        version = Guarantee.objects.get(pk=again.pk).version
        reused = browser.post(step(again, "files"), {"version": version, "reuse": licence.pk}, follow=True)
        upload = SimpleUploadedFile("报表.pdf", PDF, "application/pdf")
        brought = browser.post(
            step(again, "files"), {"version": version + 1, "title": "财务报表", "file": upload}, follow=True
        )

    assert f'<option value="{city.guarantor.pk}" selected' in begin  # the house of last time
    assert "只需补 1 项" in company  # the telephone is stale, all else is known
    assert company.count("沿用 · ") >= 6
    assert "2026-09-22" in company  # when the others were recorded
    assert done.project.name in company  # track record
    assert "按期履约" in company or "在保" in company
    assert updated.status_code == 302
    assert "只需补" not in company_after
    assert 'value="2,000,000.00"' in terms
    assert "按中标金额的 10% 计算" in terms
    assert "以前上传的材料，可以沿用" in files
    assert before.project.name in files  # the case that it came from
    assert "2026-11-01 上传" in files
    assert "已过有效期" in files  # the statements are too old: a new one is asked for
    assert "中标通知书.pdf" not in files  # a paper of another project
    assert "沿用 2026-11-01 上传的" in reused.content.decode()
    assert "已沿用" in reused.content.decode()
    assert Attachment.objects.get(guarantee=again, title="营业执照").reused_from == licence
    assert Attachment.objects.get(guarantee=again, title="财务报表").reused_from is None
    assert "已附" in brought.content.decode()


def test_what_is_reused_is_stored_once_and_keeps_its_age(city: City) -> None:
    licence = bring(city, city.draft(), "营业执照", days_ago=100)
    blobs = Blob.objects.count()

    second = reuse_file(city.draft(), licence, by=city.applicant, at=city.at)
    copy = second.attachments.get()
    third = reuse_file(city.draft(), copy, by=city.applicant, at=city.at)

    assert Blob.objects.count() == blobs
    assert (copy.file.blob, copy.file.subject_id) == (licence.file.blob, second.pk)
    assert third.attachments.get().reused_from == licence  # not the copy: the day of the upload counts
    late = city.draft()
    with pytest.raises(Invalid, match="已过有效期"):
        reuse_file(late, copy, by=city.applicant, at=city.at + timedelta(days=270))
    assert not late.attachments.exists()


def test_a_paper_of_the_project_serves_the_same_project_only(city: City) -> None:
    project = city.project()
    notice = bring(city, city.draft(project=project), "中标通知书", days_ago=900)

    same = offers_for(city.draft("advance", project=project), city.applicant, city.at) if project.advance_amount else []
    here = offers_for(city.draft(project=project), city.applicant, city.at)
    elsewhere = city.draft()

    assert [offer.attachment for offer in here] == [notice]
    assert same == []
    assert offers_for(elsewhere, city.applicant, city.at) == []
    with pytest.raises(Invalid, match="不能用于这笔申请"):
        reuse_file(elsewhere, notice, by=city.applicant, at=city.at)


def test_nobody_takes_over_a_paper_of_another_firm(city: City, browser_of: BrowserOf) -> None:
    theirs = bring(city, city.draft(by=city.rival), "营业执照", by=city.rival)
    mine = city.draft()

    tried = browser_of(city.applicant).post(step(mine, "files"), {"version": mine.version, "reuse": theirs.pk})

    assert tried.status_code == 404
    assert not mine.attachments.exists()


def test_a_sealed_bid_is_not_named_to_another_guarantor(city: City, browser_of: BrowserOf) -> None:
    bid = city.draft("bid")
    licence = bring(city, bid, "营业执照")
    case = city.draft()
    other = city.member("江北担保有限公司", "guarantor", "manager")
    Guarantee.objects.filter(pk=case.pk).update(guarantor=other.organisation, on_behalf=True)
    mine = Guarantee.objects.get(pk=case.pk)
    mine = reuse_file(mine, licence, by=city.applicant, at=city.at)

    told = browser_of(other).get(f"/guarantees/{mine.reference}/").content.decode()
    own = browser_of(city.applicant).get(f"/guarantees/{mine.reference}/").content.decode()
    new = File.objects.get(subject_id=mine.pk, subject_type="guarantees.guarantee")

    assert "沿用" in told
    assert bid.project.name not in told
    assert bid.reference not in told
    assert bid.project.name in own
    assert new.sealed_until is None
    assert all(bid.reference not in str(entry.data) for entry in history_of(mine))
    assert past_of(city.applicant.organisation, other, city.at) == ([], 0)
