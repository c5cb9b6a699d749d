"""Stories and pages of agreements: written by one, published by another, read, agreed to, withdrawn."""

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from xinshu.accounts.actions.agreements import (
    draft_agreement,
    edit_agreement,
    give_consent,
    publish_agreement,
    publish_shipped,
    return_agreement,
    submit_agreement,
    withdraw_consent,
)
from xinshu.accounts.actions.registration import approve_registration, register, register_quickly
from xinshu.accounts.agreements import Opened, Origin, blocks, digest_of, missing, owed_by
from xinshu.accounts.lifecycle import AGREEMENT
from xinshu.accounts.middleware import CHOSEN
from xinshu.accounts.models import Agreement, Consent, Member, Registration, SandboxMessage
from xinshu.accounts.tests.conftest import NOW, PASSWORD, member_with, wish
from xinshu.core import clock
from xinshu.core.refusals import Changed, Invalid, NotNow, NotPermitted
from xinshu.ledger.models import Entry
from xinshu.ledger.sealing import seal

pytestmark = pytest.mark.django_db
MOMENT = timedelta(seconds=1)
HERE = Origin("192.0.2.8", "Chrome · Windows")


@pytest.fixture
def terms(db: None) -> list[Agreement]:
    publish_shipped(NOW - timedelta(days=30))
    return list(Agreement.objects.current())


@pytest.fixture
def secadmin(db: None) -> Member:
    return member_with("secadmin", username="secadmin")


def opened(seconds: int, agreements: list[Agreement]) -> Opened:
    return Opened(NOW - seconds * MOMENT, frozenset(one.pk for one in agreements))


def agree(member: Member) -> list[Consent]:
    owed = owed_by(member)
    return give_consent(owed, opened(60, owed), agreed=True, by=member, origin=HERE, at=NOW)


def new_version(writer: Member, second: Member, kind: str = "privacy", *, again: bool = True) -> Agreement:
    drafted = draft_agreement(kind, by=writer, at=NOW)
    drafted = edit_agreement(
        drafted, text=drafted.text + "\n\n## 十、新增\n- 一条", changes="增加第十条", minimum_seconds=7, again=again,
        by=writer, at=NOW,
    )  # fmt: skip
    return publish_agreement(submit_agreement(drafted, by=writer, at=NOW), by=second, at=NOW)


def test_words_come_in_headings_paragraphs_and_lists() -> None:
    found = blocks("前言\n\n## 一、标题\n- 甲\n- 乙\n正文")

    assert [(one.what, one.lines) for one in found] == [
        ("text", ("前言",)), ("heading", ("一、标题",)), ("list", ("甲", "乙")), ("text", ("正文",)),
    ]  # fmt: skip


def test_what_is_shipped_is_published_once(terms: list[Agreement]) -> None:
    publish_shipped(NOW)

    assert [(one.kind, one.number, one.digest == digest_of(one.text)) for one in terms] == [
        ("service", 1, True), ("privacy", 1, True),
    ]  # fmt: skip
    assert Agreement.objects.count() == 3
    assert Agreement.objects.all().apart("face") not in terms  # of those only who choose it


# ── agreeing ──


def test_consent_is_refused_until_the_text_lay_open_long_enough_and_the_box_is_ticked(terms: list[Agreement]) -> None:
    member = member_with("applicant", kind="enterprise")

    for reading, agreed, why in (
        (None, True, "刚刚打开"),
        (opened(14, terms), True, "还差 1 秒"),
        (opened(60, terms[:1]), True, "刚刚打开"),
        (opened(15, terms), False, "请先阅读并勾选"),
    ):
        with pytest.raises(Invalid, match=why):
            give_consent(terms, reading, agreed=agreed, by=member, origin=HERE, at=NOW)
    assert not Consent.objects.exists()
    assert not Entry.objects.filter(kind="consent.given").exists()

    given = give_consent(terms, opened(15, terms), agreed=True, by=member, origin=HERE, at=NOW)

    assert owed_by(member) == []
    assert give_consent(terms, opened(15, terms), agreed=True, by=member, origin=HERE, at=NOW) == []  # a double click
    entry = Entry.objects.filter(kind="consent.given").latest("pk")
    assert given[1].entry_number == entry.pk
    assert entry.data == {
        "agreement": "privacy", "number": 1, "digest": terms[1].digest, "consent": given[1].reference,
        "opened_at": (NOW - 15 * MOMENT).isoformat(timespec="seconds"), "organisation": member.organisation.name,
        "address": "192.0.2.8", "device": "Chrome · Windows",
    }  # fmt: skip


def test_the_service_agreement_is_asked_for_each_organisation_the_policy_once(terms: list[Agreement]) -> None:
    member = member_with("manager", kind="guarantor")
    other = member_with("manager", kind="guarantor").organisation
    elsewhere = Member.objects.create(user=member.user, organisation=other, roles=["manager"])

    agree(member)

    assert [one.kind for one in owed_by(elsewhere)] == ["service"]


def test_whoever_registers_either_way_agrees_and_the_consents_become_the_members(
    terms: list[Agreement], operator: Member
) -> None:
    with pytest.raises(Invalid, match="1 项") as early:
        register(wish(), PASSWORD, agreed=True, opened=opened(5, terms), origin=HERE, at=NOW)
    case = register(wish(), PASSWORD, agreed=True, opened=opened(15, terms), origin=HERE, at=NOW)
    from xinshu.accounts.actions.registration import ask_for_registration_code

    ask_for_registration_code("12300007777", address="192.0.2.1", at=NOW)
    code = re.search(r"\d{6}", SandboxMessage.objects.latest("pk").text)
    assert code is not None
    quick = register_quickly(
        "12300007777", code[0], PASSWORD, agreed=True, opened=opened(15, terms), origin=HERE, at=NOW
    )  # fmt: skip

    approve_registration(case, by=operator, at=NOW)

    assert early.value.fields == {"agreed": "请阅读协议，还差 10 秒"}
    assert (case.agreement, quick.consents.count()) == ("service-1 privacy-1", 2)
    case = Registration.objects.get(pk=case.pk)
    assert case.member is not None
    assert owed_by(case.member) == []
    assert {(one.user_id, one.organisation_id, one.address) for one in case.consents.all()} == {
        (case.member.user_id, case.member.organisation_id, "192.0.2.8")
    }


# ── writing and publishing ──


def test_whoever_wrote_any_of_it_cannot_publish_it(terms: list[Agreement], operator: Member, secadmin: Member) -> None:
    both = member_with("operator", "secadmin", organisation=operator.organisation)  # no such person can be appointed
    drafted = draft_agreement("service", by=both, at=NOW)
    drafted = edit_agreement(
        drafted, text="新的正文", changes="全文改写", minimum_seconds=9, again=True, by=operator, at=NOW
    )
    proposed = submit_agreement(drafted, by=operator, at=NOW)

    for person in (operator, both):
        with pytest.raises(NotPermitted):
            publish_agreement(proposed, by=person, at=NOW)
    with pytest.raises(Invalid):
        return_agreement(proposed, reason=" ", by=secadmin, at=NOW)
    published = publish_agreement(proposed, by=secadmin, at=NOW)

    terms[0].refresh_from_db()
    assert (published.state, published.digest, terms[0].state) == ("published", digest_of("新的正文"), "replaced")
    with pytest.raises(NotPermitted):
        AGREEMENT.step("edit", published, secadmin)
    with pytest.raises(NotNow):
        edit_agreement(published, text="改", changes="", minimum_seconds=9, again=True, by=operator, at=NOW)


def test_a_draft_must_differ_say_what_differs_and_be_the_only_one(terms: list[Agreement], operator: Member) -> None:
    drafted = draft_agreement("privacy", by=operator, at=NOW)

    with pytest.raises(NotNow, match="已有一个新版本"):
        draft_agreement("privacy", by=operator, at=NOW)
    with pytest.raises(Invalid, match="完全相同"):
        submit_agreement(drafted, by=operator, at=NOW)
    with pytest.raises(Invalid) as wrong:
        edit_agreement(drafted, text=" ", changes="", minimum_seconds=61, again=True, by=operator, at=NOW)
    drafted = edit_agreement(drafted, text="改过", changes="", minimum_seconds=5, again=True, by=operator, at=NOW)
    with pytest.raises(Invalid, match="有哪些变化"):
        submit_agreement(drafted, by=operator, at=NOW)

    assert set(wrong.value.fields) == {"text", "minimum_seconds"}


@pytest.mark.parametrize("again", [True, False])
def test_a_new_version_asks_again_only_where_it_says_so(
    terms: list[Agreement], operator: Member, secadmin: Member, again: bool
) -> None:
    member = member_with("applicant", kind="enterprise")
    agree(member)

    current = new_version(operator, secadmin, again=again)

    assert [one.number for one in owed_by(member)] == ([2] if again else [])
    assert (member in missing(current)) == again
    assert {one.user_id for one in missing(current)} >= {operator.user_id, secadmin.user_id}
    later = new_version(operator, secadmin, again=False)
    assert bool(owed_by(member)) == again  # an older consent counts no more than it did
    assert later.valid_from_number == (2 if again else 1)


def test_a_consent_given_to_what_was_just_replaced_is_not_taken(
    terms: list[Agreement], operator: Member, secadmin: Member
) -> None:
    member = member_with("applicant", kind="enterprise")
    new_version(operator, secadmin)

    with pytest.raises(Changed):
        give_consent(terms, opened(60, terms), agreed=True, by=member, origin=HERE, at=NOW)


def test_withdrawing_ends_what_depends_on_it_and_leaves_the_record(terms: list[Agreement]) -> None:
    member, stranger = member_with("applicant", kind="enterprise"), member_with("applicant", kind="enterprise")
    given = agree(member)[0]

    with pytest.raises(NotPermitted):
        withdraw_consent(given, by=stranger, at=NOW)
    withdraw_consent(given, by=member, at=NOW)

    assert [one.kind for one in owed_by(member)] == [given.agreement.kind]
    assert Consent.objects.get(pk=given.pk).withdrawn_at == NOW
    assert Entry.objects.latest("pk").kind == "consent.withdrawn"
    with pytest.raises(NotNow):
        withdraw_consent(given, by=member, at=NOW)


# ── pages ──


def text(response: Any) -> str:
    return str(response.content.decode())


def token(page: str) -> str:
    found = re.search(r'name="opened" value="([^"]+)"', page)
    assert found is not None
    return found[1]


def signed_in(member: Member, going_to: str = "/workbench/") -> tuple[Client, Any]:
    client = Client()
    typed = {"username": member.user.username, "password": PASSWORD, "next": going_to}
    response = client.post("/sign-in/", typed)
    assert client.session[CHOSEN] == member.pk
    return client, response


@pytest.mark.req("CS-44")
def test_a_person_reads_agrees_goes_where_they_were_going_downloads_and_withdraws(
    terms: list[Agreement], operator: Member, secadmin: Member
) -> None:
    member = member_with("applicant", kind="enterprise", username="reader")
    client, _response = signed_in(member, "/account/history/")
    held = client.get("/account/history/?page=1")
    page = text(client.get(held["Location"]))
    too_early = client.post(
        "/terms/agree/", {"opened": token(page), "agreed": "on", "next": "/account/history/?page=1"}
    )
    with clock.moved_to(clock.now() + timedelta(seconds=16)):
        form = {"opened": token(text(too_early)), "agreed": "on", "next": "/account/history/?page=1"}
        agreed = client.post("/terms/agree/", form)

    assert held["Location"] == "/terms/agree/?next=%2Faccount%2Fhistory%2F%3Fpage%3D1"
    assert "用户服务协议" in page
    assert "countdown s15" in page
    assert too_early.status_code == 422
    assert "还差" in text(too_early)
    assert token(page) == token(text(too_early))  # the clock goes on, it does not begin anew
    assert (agreed.status_code, agreed["Location"]) == (302, "/account/history/?page=1")
    assert client.get("/account/history/").status_code == 200
    seal(clock.now())
    consent = Consent.objects.get(user=member.user, agreement__kind="privacy")
    kept = client.get(f"/account/consents/{consent.reference}/file/").content.decode("utf-8-sig").replace("\r\n", "\n")
    assert consent.agreement.text in kept
    assert consent.digest in kept
    assert '"proof"' in kept
    assert Client().get(f"/account/consents/{consent.reference}/file/").status_code == 302
    assert signed_in(operator)[0].get(f"/account/consents/{consent.reference}/file/").status_code == 302
    new_version(operator, secadmin)
    assert "V2" in text(signed_in(member)[0].get("/terms/agree/"))
    done = client.post(f"/account/consents/{consent.reference}/withdraw/", follow=True)
    assert "已撤回同意" in text(done)
    assert client.get("/account/").status_code == 302


def test_a_clock_set_back_in_the_form_counts_for_nothing(terms: list[Agreement]) -> None:
    member = member_with("applicant", kind="enterprise")
    client, _response = signed_in(member)

    forged = [
        client.post("/terms/agree/", {"opened": words, "agreed": "on"}) for words in ("", "x", "WzEsWzEsMl1d:a:b")
    ]

    assert {one.status_code for one in forged} == {422}
    assert not Consent.objects.exists()


def test_the_registration_page_shows_the_words_and_keeps_the_clock(terms: list[Agreement]) -> None:
    client = Client()
    page = text(client.get("/register/"))
    typed = {**vars(wish()), "password": PASSWORD, "agreed": "on", "opened": token(page)}

    early = client.post("/register/", typed)
    with clock.moved_to(clock.now() + timedelta(seconds=16)):
        done = client.post("/register/", typed)

    assert "目的内处理您的信息" in page
    assert (early.status_code, done.status_code) == (422, 302)
    assert Consent.objects.filter(registration__username="lixinhe").count() == 2


def test_the_operator_writes_the_security_administrator_publishes_others_see_nothing(
    terms: list[Agreement], operator: Member, secadmin: Member
) -> None:
    for member in (operator, secadmin):
        agree(member)
    writer, second = signed_in(operator)[0], signed_in(secadmin)[0]
    at = writer.post("/agreements/draft/service/")["Location"]
    case = Agreement.objects.get(state="draft")
    words = {"text": "## 新\n- 条", "changes": "改写", "minimum_seconds": "8", "again": "on", "version": "1"}

    preview = text(writer.post(at, {**words, "preview": "1"}))
    stale = writer.post(at, {**words, "version": "9"})
    saved = writer.post(at, words)
    writer.post(f"/agreements/{case.reference}/submit/", {"version": "2"})
    refused = writer.post(f"/agreements/{case.reference}/publish/", {"version": "3"})
    published = second.post(f"/agreements/{case.reference}/publish/", {"version": "3"})

    assert "<h3>新</h3>" in preview
    assert (stale.status_code, saved.status_code, refused.status_code, published.status_code) == (409, 302, 403, 302)
    assert "0 / 2 人次" in text(second.get("/agreements/"))
    assert operator.user.name in text(second.get(f"/agreements/{case.reference}/"))
    firm = member_with("applicant", kind="enterprise")
    agree(firm)
    client = signed_in(firm)[0]
    assert client.get("/agreements/").status_code == 403
    assert client.get(f"/agreements/{case.reference}/").status_code == 403
    assert client.post("/agreements/draft/service/").status_code == 403
    assert Client().get("/agreements/").status_code == 302
    assert "<h3>新</h3>" in text(Client().get("/terms/service/"))
    assert Client().get("/terms/service/1/").status_code == 200
    assert [Client().get(f"/terms/{path}/").status_code for path in ("nothing", "service/99", "service/0")] == [
        404, 404, 200,
    ]  # fmt: skip
