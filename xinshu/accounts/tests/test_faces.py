"""Stories of sign-in: password, SMS code, phone or face; what the provider may do, and what is kept of it."""

import json
import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import httpx
import pytest
from django.conf import settings
from django.test import Client, override_settings

from xinshu.accounts import faces, totp
from xinshu.accounts.actions.agreements import consent_apart, publish_shipped, withdraw_consent
from xinshu.accounts.actions.faces import FaceRefused, FaceWaiting, begin_binding, number_of, remove_face, usable
from xinshu.accounts.actions.second_factor import begin_enrolment, confirm_enrolment, reset_second_factor
from xinshu.accounts.actions.sessions import LockedOut, ask_for_face, ask_for_face_binding, bind_face, prove_face
from xinshu.accounts.agreements import Opened, Origin, owed_by
from xinshu.accounts.faces.sandbox import Line
from xinshu.accounts.faces.tencent import Tencent
from xinshu.accounts.middleware import CHOSEN
from xinshu.accounts.models import (
    Agreement,
    Consent,
    FaceCheck,
    FaceFactor,
    Member,
    SandboxFace,
    SandboxMessage,
    SignInSession,
)
from xinshu.accounts.tasks import forget_old_face_checks
from xinshu.accounts.tests.conftest import NOW, PASSWORD, member_with
from xinshu.core import clock
from xinshu.core.clock import local_day
from xinshu.core.refusals import Invalid, NotNow
from xinshu.core.resident_id import check_character
from xinshu.core.sm import sm4_decrypt
from xinshu.ledger.models import Entry

pytestmark = pytest.mark.django_db
HERE = "192.0.2.1"
_FRONT = "33990019900307001"
NUMBER = _FRONT + check_character(_FRONT)  # of nobody: there is no district 339900
KEYS = {"url": "https://faceid.invalid", "secret_id": "id", "secret_key": "key", "rule": "1"}


@pytest.fixture
def at_ten() -> Iterator[None]:
    with clock.moved_to(NOW):
        yield


@pytest.fixture
def clerk(db: None, at_ten: None) -> Member:
    """A person with a phone bound, and the rules about faces in force; the other agreements are not the matter."""
    publish_shipped(NOW - timedelta(days=1))
    Agreement.objects.exclude(kind="face").delete()
    member = member_with("applicant", kind="enterprise", username="clerk")
    secret = begin_enrolment(member.user, at=NOW)
    confirm_enrolment(member.user, totp.code_of(secret, totp.step_of(NOW)), by=member, at=NOW)
    return member


def agree(member: Member, *, seconds: int = 30, agreed: bool = True) -> Consent:
    terms = Agreement.objects.get(kind="face")
    opened = Opened(NOW - timedelta(seconds=seconds), frozenset({terms.pk}))
    return consent_apart(terms, opened, agreed=agreed, by=member, origin=Origin(HERE), at=NOW)


def choose(check: FaceCheck, outcome: str) -> FaceCheck:
    SandboxFace.objects.filter(token=check.token).update(outcome=outcome)
    return check


@pytest.fixture
def opened(clerk: Member) -> Member:
    """The same person, with sign-in by face open."""
    agree(clerk)
    bind_face(choose(ask_for_face_binding(clerk, NUMBER, at=NOW), "passed"), by=clerk, at=NOW)
    return clerk


# ── the way in ──


def text(response: Any) -> str:
    return str(response.content.decode())


def proven_by_password(client: Client, username: str = "clerk") -> Any:
    return client.post("/sign-in/", {"username": username, "password": PASSWORD})


def at_the_provider(page: str, outcome: str) -> None:
    """Do what the phone does: open the address of the page's link, choose how it ends."""
    found = re.search(r'href="http://testserver(/demo/face/\?token=(\w+))"', page)
    assert found
    phone = Client()
    assert "演示人脸核验" in text(phone.get(found[1]))
    assert "已选择" in text(phone.post("/demo/face/", {"token": found[2], "outcome": outcome}))


@pytest.mark.req("FS-08")
def test_one_sign_in_by_password_code_phone_and_face_with_the_menus_of_the_role_and_a_record_of_each(
    clerk: Member,
) -> None:
    secret = secret_of(clerk)
    member_with("sysadmin", username="admin")

    # password, then the phone's code
    first = Client()
    assert proven_by_password(first)["Location"] == "/sign-in/second/"
    assert CHOSEN not in first.session
    assert "改用人脸识别" not in text(first.get("/sign-in/second/"))  # not opened yet
    with clock.moved_to(NOW + timedelta(minutes=1)):
        code = totp.code_of(secret, totp.step_of(NOW + timedelta(minutes=1)))
        assert first.post("/sign-in/second/", {"code": code})["Location"] == "/workbench/"

    # the face is opened: the separate consent first, read for long enough, then whom to compare with
    page = text(first.get("/account/face/"))
    assert "单独同意" in page
    assert 'name="number"' not in page
    form = {"opened": re.findall(r'name="opened" value="([^"]+)"', page)[0], "agreed": "on"}
    assert first.post("/account/face/", form).status_code == 422
    with clock.moved_to(NOW + timedelta(seconds=6)):
        assert first.post("/account/face/", form).status_code == 302
        assert 'name="number"' in text(first.get("/account/face/"))
        assert first.post("/account/face/", {"number": NUMBER}).status_code == 302
        at_the_provider(text(first.get("/account/face/")), "passed")
        assert first.post("/account/face/", {"done": "1"})["Location"] == "/account/"

    # SMS code, then the face: refused once, late once, passed
    second = Client()
    with clock.moved_to(NOW + timedelta(minutes=2)):
        second.post("/sign-in/code/", {"phone": clerk.user.phone, "send": "1"})
        sms = re.search(r"\d{6}", SandboxMessage.objects.latest("pk").text.partition("验证码")[2])
        assert sms
        typed = {"phone": clerk.user.phone, "code": sms[0]}
        assert second.post("/sign-in/code/", typed)["Location"] == "/sign-in/second/"
        assert "改用人脸识别" in text(second.get("/sign-in/second/"))
        at_the_provider(text(second.post("/sign-in/face/")), "fake")
        refused = second.post("/sign-in/face/", {"done": "1"})
        assert "没有检测到真人" in text(refused)
        assert CHOSEN not in second.session
        at_the_provider(text(second.post("/sign-in/face/")), "late")
        assert "还没有完成" in text(second.post("/sign-in/face/", {"done": "1"}))
        assert second.post("/sign-in/face/", {"done": "1"})["Location"] == "/workbench/"
        history = text(second.get("/account/history/"))

        # the menus: what the role has no right to is absent, and refused by hand
        admin = Client()
        proven_by_password(admin, "admin")
        assert 'href="/users/"' in text(admin.get("/workbench/"))
        assert 'href="/users/"' not in text(second.get("/workbench/"))
        assert second.get("/users/").status_code == 403

    # the record: sessions, their ways, the ledger, the tries that failed
    assert "短信验证码 + 人脸识别" in history
    assert "密码 + 动态口令" in history
    ways = SignInSession.objects.filter(user=clerk.user).order_by("pk").values_list("how", "second_factor", "by_face")
    assert list(ways) == [("password", True, False), ("code", True, True)]
    entries = Entry.objects.filter(kind="account.signed_in", subject_id=clerk.pk).order_by("pk")
    assert [one.data.get("second_factor") for one in entries] == ["yes", "face"]
    assert Entry.objects.get(kind="account.sign_in_failed").data["why"] == "FaceRefused"
    assert Entry.objects.filter(kind="consent.given", data__agreement="face").count() == 1
    told = json.dumps([one.data for one in Entry.objects.all()], ensure_ascii=False)
    assert NUMBER not in told


def secret_of(member: Member) -> bytes:
    return sm4_decrypt(bytes.fromhex(settings.FILE_KEY), bytes(member.user.second_factor.secret))


def test_another_browser_cannot_finish_a_verification_that_this_one_began(opened: Member) -> None:
    mine, other = Client(), Client()
    for client in (mine, other):
        proven_by_password(client)
    at_the_provider(text(mine.post("/sign-in/face/")), "passed")

    response = other.post("/sign-in/face/", {"done": "1"})

    assert response.status_code == 409
    assert CHOSEN not in other.session
    assert mine.post("/sign-in/face/", {"done": "1"}).status_code == 302


# ── what the provider may do ──


@pytest.mark.parametrize(
    ("outcome", "words"),
    [("fake", "真人"), ("stranger", "比对不一致"), ("another", "不属于这一次"), ("expired", "已过期")],
)
def test_whom_the_provider_refuses_does_not_come_in(opened: Member, outcome: str, words: str) -> None:
    check = choose(ask_for_face(opened.user, at=NOW), outcome)

    with pytest.raises(FaceRefused, match=words):
        prove_face(check, address=HERE, at=NOW)

    assert Entry.objects.get(kind="account.face_refused").data["purpose"] == "sign_in"
    assert Entry.objects.get(kind="account.sign_in_failed").data["address"] == HERE
    choose(check, "passed")  # whatever it says later
    with pytest.raises(NotNow, match="已经用过或已结束"):
        prove_face(check, address=HERE, at=NOW)
    check.refresh_from_db()
    assert (bytes(check.number), check.url, check.state) == (b"", "", "refused")


@pytest.mark.parametrize("outcome", ["late", "silent"])
def test_a_result_that_comes_late_or_not_at_once_costs_nothing(opened: Member, outcome: str) -> None:
    check = ask_for_face(opened.user, at=NOW)
    with pytest.raises(FaceWaiting, match="还没有完成"):
        prove_face(check, address=HERE, at=NOW)
    choose(check, outcome)
    with pytest.raises(FaceWaiting):
        prove_face(check, address=HERE, at=NOW)

    prove_face(check, address=HERE, at=NOW)

    assert not Entry.objects.filter(kind="account.sign_in_failed").exists()


def test_an_answer_given_twice_opens_once(opened: Member) -> None:
    check = choose(ask_for_face(opened.user, at=NOW), "passed")
    way = faces.provider()
    assert way is not None
    assert way.result(check.token) == way.result(check.token) == faces.Passed(
        opened.user.name, NUMBER, check.reference
    )  # fmt: skip
    prove_face(check, address=HERE, at=NOW)

    with pytest.raises(NotNow, match="已经用过"):
        prove_face(check, address=HERE, at=NOW)


def test_after_ten_minutes_a_verification_is_worth_nothing(opened: Member) -> None:
    check = choose(ask_for_face(opened.user, at=NOW), "passed")

    with pytest.raises(FaceRefused, match="过期"):
        prove_face(check, address=HERE, at=NOW + timedelta(minutes=10))

    forget_old_face_checks(local_day(NOW), NOW + timedelta(days=2))
    assert not FaceCheck.objects.exists()


def test_five_begun_in_vain_close_the_face_and_leave_the_phone(opened: Member) -> None:
    for _turn in range(5):
        ask_for_face(opened.user, at=NOW)

    with pytest.raises(LockedOut):
        ask_for_face(opened.user, at=NOW)
    client = Client()
    proven_by_password(client)
    later = NOW + timedelta(minutes=1)
    with clock.moved_to(later):
        code = totp.code_of(secret_of(opened), totp.step_of(later))
        assert client.post("/sign-in/second/", {"code": code}).status_code == 302


def test_requests_go_out_signed_ask_for_no_image_and_every_answer_is_understood() -> None:
    seen: list[httpx.Request] = []
    answers = iter(
        [
            httpx.Response(200, json={"Response": {"BizToken": "T", "Url": "https://provider.invalid/T"}}),
            httpx.Response(200, json={"Response": {"Error": {"Code": "FailedOperation.IdNameMisMatch"}}}),
            httpx.Response(200, json={"Response": {"Text": {"ErrCode": 0, "LiveStatus": 1002, "Comparestatus": 0}}}),
            httpx.Response(200, json={"Response": {"Text": {"ErrCode": None}}}),
            httpx.Response(200, json={"Response": {"Text": None}}),
            httpx.Response(502, text="<html>"),
            httpx.Response(200, json={"Response": {"Error": {"Code": "RequestLimitExceeded"}}}),
            httpx.Response(200, json={"Response": {"Text": {"ErrCode": 16}}}),
        ]
    )

    def line(request: httpx.Request) -> httpx.Response:
        seen.append(request)
        return next(answers)

    way = Tencent(KEYS, transport=httpx.MockTransport(line))

    assert way.begin("张三", NUMBER, "REF") == faces.Begun("T", "https://provider.invalid/T")
    with pytest.raises(faces.NotBegun) as told:
        way.begin("张三", NUMBER, "REF")
    assert told.value.about_number
    kinds = [type(way.result("T")) for _turn in range(6)]
    assert kinds == [faces.Refused, *[faces.Waiting] * 4, faces.Refused]
    assert {request.headers["x-tc-version"] for request in seen} == {"2018-03-01"}
    assert [request.headers["x-tc-action"] for request in seen[:3]] == ["DetectAuth"] * 2 + ["GetDetectInfoEnhanced"]
    assert "/faceid/tc3_request" in seen[0].headers["authorization"]
    assert json.loads(seen[0].content) == {"RuleId": "1", "IdCard": NUMBER, "Name": "张三", "Extra": "REF"}
    assert json.loads(seen[2].content)["InfoType"] == "1"  # text only


def test_the_sandbox_takes_no_signature_on_trust() -> None:
    forged = Tencent({**KEYS, "secret_key": "wrong"}, transport=Line(KEYS))

    with pytest.raises(faces.NotBegun, match="SignatureFailure"):
        forged.begin("张三", NUMBER, "REF")


# ── consent, and what is kept ──


def test_a_face_is_only_opened_beside_a_phone_and_after_a_consent_of_its_own(clerk: Member) -> None:
    bare = member_with("applicant", kind="enterprise")
    assert owed_by(clerk) == []  # nobody is asked for it who did not choose it

    with pytest.raises(NotNow, match="动态口令"):
        begin_binding(bare, NUMBER, at=NOW)
    with pytest.raises(NotNow, match="没有同意"):
        begin_binding(clerk, NUMBER, at=NOW)
    for seconds, agreed in ((4, True), (30, False)):
        with pytest.raises(Invalid):
            agree(clerk, seconds=seconds, agreed=agreed)
    agree(clerk)
    with pytest.raises(Invalid, match="校验位"):
        begin_binding(clerk, NUMBER[:-1] + ("0" if NUMBER[-1] != "0" else "1"), at=NOW)

    assert not FaceCheck.objects.exists()


def test_withdrawing_closes_the_face_deletes_the_number_and_signs_nobody_out(opened: Member) -> None:
    assert NUMBER.encode() not in bytes(FaceFactor.objects.get().number)
    assert number_of(FaceFactor.objects.get()) == NUMBER
    SignInSession.objects.create(
        user=opened.user, how="password", device="d", address=HERE, started_at=NOW, last_seen_at=NOW
    )

    withdraw_consent(Consent.objects.get(), by=opened, at=NOW)

    assert not FaceFactor.objects.exists()
    assert not FaceCheck.objects.exists()
    assert SignInSession.objects.open().count() == 1
    assert Entry.objects.latest("pk").kind == "account.face_removed"
    with pytest.raises(NotNow):
        ask_for_face(opened.user, at=NOW)


@pytest.mark.parametrize("how", ["closed", "phone"])
def test_closing_it_or_losing_the_phone_takes_the_face_with_it(opened: Member, how: str) -> None:
    if how == "closed":
        remove_face(opened, at=NOW)
    else:
        reset_second_factor(opened.user, reason="手机丢失", by=member_with("secadmin"), at=NOW)

    assert not FaceFactor.objects.exists()
    assert not usable(opened.user)


@override_settings(FACE_PROVIDER="", FACE={})
def test_without_a_provider_nothing_of_it_is_there(opened: Member) -> None:
    client = Client()
    proven_by_password(client)

    assert "人脸" not in text(client.get("/sign-in/second/"))
    assert client.get("/sign-in/face/").status_code == 404
    assert Client().get("/demo/face/").status_code == 404


@override_settings(PRODUCTION=True)
def test_the_demos_page_is_absent_from_production() -> None:
    assert Client().get("/demo/face/").status_code == 404
