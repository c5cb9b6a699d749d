"""Stories: an account manager brings papers of their own customer; the customer confirms or sends back."""

from collections.abc import Callable
from datetime import datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import SYSTEM
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.documents import demo, tasks
from xinshu.documents.models import Reading
from xinshu.documents.papers import apart
from xinshu.documents.papers.actions import begin, bring, confirm, offer, reject, withdraw
from xinshu.documents.papers.queries import readings_of, waiting_papers
from xinshu.documents.reading import pages
from xinshu.enterprises.actions import enterprise_of
from xinshu.enterprises.bringing import bring_for
from xinshu.enterprises.managers import hand_over_customer, take_customer
from xinshu.enterprises.models import Enterprise, RecordField, Relation
from xinshu.enterprises.tests.conftest import member_of
from xinshu.ledger.models import Entry
from xinshu.ledger.worker import drain
from xinshu.messaging.models import Notice

pytestmark = [pytest.mark.django_db, pytest.mark.req("BH-04")]
Browser = Callable[[Member], Client]
BATCH = "BATCHBATCH23"
PAPER = demo._LICENCE % {
    "name": "云州恒达路桥工程有限公司", "uscc": "91120222079642398Y", "person": "刘恒", "capital": "捌仟万元整",
    "address": "云州市临港新区港城路188号6层",
}  # fmt: skip


@pytest.fixture(autouse=True)
def files(settings, tmp_path):
    settings.FILES_ROOT = tmp_path / "files"


@pytest.fixture(scope="session")
def licence() -> bytes:
    return demo._pdf(PAPER)


@pytest.fixture
def ours(customer: None, enterprise: Enterprise) -> Enterprise:
    return enterprise


def as_read(reading: Reading, content: bytes, at: datetime) -> Reading:
    """Read a paper here and now: no process of its own."""
    reading = begin(reading, at=at)
    for answer in pages.read(content, "application/pdf", set()):
        seen = apart.told(answer)
        if isinstance(seen, apart.Seen):
            tasks.keep_page(reading, seen)
    return tasks.finish(reading, at=at)


def brought(enterprise: Enterprise, content: bytes, by: Member, at: datetime, *, asks: bool) -> Reading:
    reading = bring_for(enterprise, content, "执照.pdf", BATCH, asks_owner=asks, by=by, at=at)
    return as_read(reading, content, at)


def all_of(reading: Reading) -> set[str]:
    return set(reading.values.filter(sure=False).values_list("code", flat=True))


def test_the_customer_is_asked_and_what_it_confirms_enters_its_record(ours, licence, manager, clerk, at):
    reading = brought(ours, licence, manager, at, asks=True)
    drain()

    assert (reading.state, reading.owner, reading.brought_by) == ("offered", clerk.organisation, manager)
    assert not RecordField.objects.filter(enterprise=ours).exists()  # nothing before somebody confirmed
    asked = Notice.objects.get(member=clerk)
    assert "1 份材料" in asked.text
    assert manager.user.name in asked.text
    confirm(reading, {}, all_of(reading), by=clerk, at=at)
    drain()
    told = {field.code: field for field in RecordField.objects.filter(enterprise=ours)}
    assert (told["address"].source, told["address"].verified_by) == ("licence", clerk)
    assert Notice.objects.filter(member=manager, text__contains="确认了您上传的").count() == 1
    tasks.tell_keeper(Entry.objects.get(kind="reading.confirmed"))  # and once more: nobody hears it twice
    assert Notice.objects.filter(member=manager, text__contains="确认了您上传的").count() == 1


def test_what_the_manager_confirms_is_verified_by_the_manager(ours, licence, manager, clerk, at):
    reading = brought(ours, licence, manager, at, asks=False)
    assert reading.state == "read"
    assert not Notice.objects.filter(member=clerk).exists()

    confirm(reading, {}, all_of(reading), by=manager, at=at)
    drain()

    assert RecordField.objects.get(enterprise=ours, code="address").verified_by == manager
    assert Reading.objects.visible_to(clerk).get() == reading  # the customer sees it, and may take it back
    withdraw(Reading.objects.get(), reason="不是最新的执照", by=clerk, at=at)


def test_sent_back_it_stays_is_told_and_may_be_put_to_the_customer_again(ours, licence, manager, clerk, at):
    reading = brought(ours, licence, manager, at, asks=True)
    drain()
    with pytest.raises(Invalid, match="原因"):
        reject(reading, reason=" ", by=clerk, at=at)

    reading = reject(reading, reason="执照已换发，请用新的", by=clerk, at=at)
    drain()

    assert (reading.state, reading.values.count() > 3) == ("returned", True)
    assert not RecordField.objects.filter(enterprise=ours).exists()
    assert "执照已换发" in Notice.objects.get(member=manager, tone="warn").text
    with pytest.raises(NotNow):
        confirm(reading, {}, all_of(reading), by=manager, at=at)  # what the customer refused is not confirmed over it
    with pytest.raises(Invalid, match="以前上传过"):
        bring_for(ours, licence, "又一份.pdf", BATCH, asks_owner=True, by=manager, at=at)
    reading = offer(reading, by=manager, at=at)
    drain()
    assert (reading.state, reading.why) == ("offered", "")
    assert Notice.objects.filter(member=clerk).count() == 2


def test_only_the_customers_own_manager_brings_and_sees(ours, licence, manager, colleague, stranger, clerk, at):
    for nobody in (colleague, stranger):
        with pytest.raises(NotPermitted):
            bring_for(ours, licence, "执照.pdf", BATCH, asks_owner=True, by=nobody, at=at)
    own = bring(licence, "自己的.pdf", BATCH, by=clerk, at=at)

    reading = brought(ours, licence, manager, at, asks=True)  # the manager is not told what the customer has itself

    assert list(readings_of(manager)) == [reading]
    assert set(readings_of(clerk)) == {own, reading}
    for nobody in (colleague, stranger):
        assert not readings_of(nobody).exists()
        with pytest.raises(NotPermitted):
            confirm(reading, {}, all_of(reading), by=nobody, at=at)
    with pytest.raises(NotPermitted):
        reject(reading, reason="不对", by=manager, at=at)  # the customer's act


def test_a_hand_over_takes_the_papers_along(ours, licence, manager, colleague, at):
    reading = brought(ours, licence, manager, at, asks=False)

    hand_over_customer(Relation.objects.get(), to=colleague, reason="调整分工", by=manager, at=at)

    assert not readings_of(manager).exists()
    assert list(waiting_papers(colleague)) == [reading]
    confirm(Reading.objects.get(), {}, all_of(reading), by=colleague, at=at)


def test_papers_wait_for_whose_turn_it_is(ours, licence, manager, clerk, at):
    reading = brought(ours, licence, manager, at, asks=False)
    assert list(waiting_papers(manager)) == [reading]
    assert not waiting_papers(clerk).exists()

    reading = offer(reading, by=manager, at=at)

    assert not waiting_papers(manager).exists()
    assert list(waiting_papers(clerk)) == [reading]
    reject(reading, reason="不是本公司的", by=clerk, at=at)
    assert list(waiting_papers(manager)) == [reading]


def test_the_manager_uploads_on_the_customers_page_and_hands_over_there(ours, licence, manager, browser_of: Browser):
    browser, here = browser_of(manager), reverse("enterprises:papers", args=[ours.reference])
    assert "还没有上传过材料" in browser.get(here).text

    answer = browser.post(here, {"files": SimpleUploadedFile("执照.pdf", licence), "asks_owner": "0", "batch": BATCH})

    assert answer.status_code == 302
    assert Reading.objects.get().batch == BATCH
    drain()
    page = browser.get(here).text
    assert "执照.pdf" in page
    reading = Reading.objects.get()
    shown = browser.get(reverse("documents:reading", args=[reading.reference])).text
    assert "请申请人确认" in shown
    assert "下载原件" not in shown  # the file is the customer's; its pages are shown, as the manager brought them
    assert browser.get(reverse("documents:file", args=[reading.file.reference])).status_code == 404
    assert browser.get(reverse("documents:page", args=[reading.reference, 1])).status_code == 200
    act = reverse("documents:act", args=[reading.reference, "offer"])
    assert browser.post(act, {"version": reading.version}).status_code == 302
    assert browser.post(act, {"version": reading.version}).status_code == 409  # a second click on a stale page
    assert Reading.objects.get().state == "offered"
    assert "恒达路桥" in browser.get(reverse("documents:readings")).text


def test_sent_one_by_one_each_file_has_its_answer(ours, licence, manager, browser_of: Browser):
    browser, here = browser_of(manager), reverse("enterprises:papers", args=[ours.reference])
    as_script = {"Accept": "application/json"}

    good = browser.post(here, {"files": SimpleUploadedFile("执照.pdf", licence), "batch": "x" * 400}, headers=as_script)
    again = browser.post(here, {"files": SimpleUploadedFile("执照.pdf", licence)}, headers=as_script)
    none = browser.post(here, {"batch": "１２ <b>"}, headers=as_script)

    assert (good.status_code, good.json()) == (200, {"kept": True})
    assert again.status_code == 422
    assert "以前上传过" in again.json()["why"]
    assert "还没有选择文件" in none.json()["why"]
    assert len(Reading.objects.get().batch) == 12  # nonsense is no name of an upload
    assert Reading.objects.get().asks_owner  # said nothing: the customer is asked


def test_strangers_colleagues_and_the_customer_find_no_upload_page(
    ours, licence, manager, colleague, stranger, clerk, at, browser_of: Browser
):
    here = reverse("enterprises:papers", args=[ours.reference])
    reading = brought(ours, licence, manager, at, asks=True)
    page, picture = (reverse("documents:reading", args=[reading.reference]),
                     reverse("documents:page", args=[reading.reference, 1]))  # fmt: skip

    for nobody, status in ((colleague, 403), (stranger, 404)):
        browser = browser_of(nobody)
        assert browser.get(here).status_code == status
        assert browser.post(here, {"files": SimpleUploadedFile("a.pdf", licence)}).status_code == status
        assert browser.get(page).status_code == browser.get(picture).status_code == 404
    assert browser_of(clerk).get(here).headers["Location"] == reverse("documents:readings")


def test_the_customer_finds_it_among_its_todos_and_sends_it_back(
    ours, licence, manager, clerk, at, browser_of: Browser
):
    reading = brought(ours, licence, manager, at, asks=True)
    browser = browser_of(clerk)

    desk = browser.get(reverse("portal:workbench")).text

    assert "执照.pdf" in desk
    page = browser.get(reverse("documents:reading", args=[reading.reference])).text
    assert "退回客户经理" in page
    assert manager.user.name in page
    act = reverse("documents:act", args=[reading.reference, "reject"])
    assert browser.post(act, {"version": reading.version, "reason": ""}).status_code == 422
    assert browser.post(act, {"version": reading.version, "reason": "请用新的执照"}).status_code == 302
    assert "请用新的执照" in browser.get(reverse("documents:reading", args=[reading.reference])).text


def test_a_manager_reads_no_contradiction_with_papers_that_are_not_theirs(
    ours, licence, manager, clerk, at, browser_of
):
    other = demo._pdf(PAPER.replace("刘恒", "王秘密"))
    as_read(bring(other, "内部执照.pdf", BATCH, by=clerk, at=at), other, at)
    reading = brought(ours, licence, manager, at, asks=False)
    here = reverse("documents:reading", args=[reading.reference])

    assert "王秘密" not in browser_of(manager).get(here).text
    assert "王秘密" in browser_of(clerk).get(here).text


def test_a_person_is_a_customer_like_any_other(manager, at, browser_of: Browser):
    person = Organisation.objects.create(name="田晓雨", kind="person")
    herself = member_of(person, "applicant")
    take_customer(person, manager=manager, by=SYSTEM, at=at)
    award = demo._pdf(demo._AWARD % {"name": "田晓雨"})

    reading = brought(enterprise_of(person), award, manager, at, asks=True)
    confirm(reading, {}, all_of(reading), by=herself, at=at)
    drain()

    assert Reading.objects.get().state == "confirmed"
    page = browser_of(herself).get(reverse("documents:readings")).text
    assert "上传身份证件、合同和回单" in page
