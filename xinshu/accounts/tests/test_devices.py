"""Stories of sessions: begun, seen, idle, ended from afar; of a new device; of people who leave."""

from datetime import timedelta

import pytest
from django.test import Client

from xinshu.accounts.actions.accounts import add_user, change_details, leave, lock_user, review_user
from xinshu.accounts.actions.devices import Browser, begin_session, device_named, end_session
from xinshu.accounts.models import Member, SignInSession
from xinshu.accounts.passwords import expires_at
from xinshu.accounts.tasks import tell_of_ageing_passwords
from xinshu.accounts.tests.conftest import NOW, PASSWORD, member_with
from xinshu.core import clock
from xinshu.core.clock import local_day, moved_to
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.ledger.models import Entry

pytestmark = pytest.mark.django_db
CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36"
PAGE = "/account/"


def come_in(member: Member, client: Client | None = None) -> Client:
    client = client or Client(headers={"user-agent": CHROME})
    response = client.post("/sign-in/", {"username": member.user.username, "password": PASSWORD})
    assert response.status_code == 302
    return client


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        (CHROME, "Chrome · Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 19_0 like Mac OS X) Version/19.0 Safari/604.1", "Safari · iPhone"),
        ("Mozilla/5.0 (Linux; Android 15) Chrome/142.0 MicroMessenger/8.0", "微信 · Android"),
        ("", "其他浏览器 · 其他系统"),
    ],
)
def test_a_device_is_named_in_short(agent: str, name: str) -> None:
    assert device_named(agent) == name


def test_signing_in_is_remembered_with_device_and_address(operator: Member) -> None:
    client = come_in(operator)

    session = SignInSession.objects.get()
    assert (session.device, session.address, session.how) == ("Chrome · Windows", "127.0.0.1", "password")
    assert session.session_key == client.session.session_key
    page = client.get(PAGE).content.decode()
    assert "Chrome · Windows" in page
    assert "当前设备" in page


def test_a_browser_is_signed_out_from_another_one(operator: Member) -> None:
    lost, mine = come_in(operator), come_in(operator)
    session = SignInSession.objects.get(session_key=lost.session.session_key)

    response = mine.post(f"/account/sessions/{session.reference}/end/")

    assert response["Location"] == PAGE
    assert lost.get(PAGE)["Location"].startswith("/sign-in/")
    assert mine.get(PAGE).status_code == 200
    session.refresh_from_db()
    assert (session.end, session.session_key) == ("remote", "")
    with pytest.raises(NotNow):
        end_session(session, by=operator, at=NOW)


def test_all_others_are_signed_out_at_once(operator: Member) -> None:
    others, mine = [come_in(operator) for _n in range(3)], come_in(operator)

    mine.post("/account/sessions/end-others/")

    assert [browser.get(PAGE).status_code for browser in others] == [302] * 3
    assert mine.get(PAGE).status_code == 200
    assert Entry.objects.get(kind="account.sessions_ended").data["sessions"] == 3


def test_somebody_elses_browser_is_not_found_but_the_security_administrator_ends_it(operator: Member) -> None:
    theirs = come_in(operator)
    session = SignInSession.objects.get()
    path = f"/account/sessions/{session.reference}/end/"

    assert come_in(member_with("applicant", kind="enterprise")).post(path).status_code == 404
    assert come_in(member_with("auditor")).post(path).status_code == 403
    assert come_in(member_with("secadmin")).post(path).status_code == 302
    assert theirs.get(PAGE).status_code == 302


@pytest.mark.parametrize(("role", "kind", "minutes"), [("operator", "operator", 30), ("applicant", "enterprise", 480)])
def test_a_session_ends_when_nobody_used_it(role: str, kind: str, minutes: int) -> None:
    member = member_with(role, kind=kind)
    begun = clock.now()
    client = come_in(member)

    with moved_to(begun + timedelta(minutes=minutes - 1)):
        assert client.get(PAGE).status_code == 200
    with moved_to(begun + timedelta(minutes=2 * minutes - 3)):
        assert client.get(PAGE).status_code == 200
    with moved_to(begun + timedelta(minutes=3 * minutes)):
        assert client.get(PAGE).status_code == 302

    assert SignInSession.objects.get().end == "idle"


def test_use_is_noted_once_a_minute_and_not_on_every_page(operator: Member) -> None:
    begun = clock.now()
    client = come_in(operator)

    client.get(PAGE)
    same = SignInSession.objects.get().last_seen_at
    with moved_to(begun + timedelta(minutes=5)):
        client.get(PAGE)

    assert SignInSession.objects.get().last_seen_at - same > timedelta(minutes=4)


def test_locking_and_signing_out_close_the_session(operator: Member, sysadmin: Member) -> None:
    left = come_in(operator)
    left.post("/sign-out/")
    come_in(operator)

    lock_user(operator.user, reason="调岗", by=sysadmin, at=NOW)

    assert list(SignInSession.objects.order_by("pk").values_list("end", flat=True)) == ["left", "locked"]


def test_a_new_device_is_told_of_and_a_known_one_is_not(operator: Member) -> None:
    known = come_in(operator)
    known.post("/sign-out/")
    come_in(operator, known)
    assert not Entry.objects.filter(kind="account.new_device").exists()

    come_in(operator, Client(headers={"user-agent": "Firefox Linux"}))

    entry = Entry.objects.get(kind="account.new_device")
    assert (entry.actor_key, entry.data) == (
        operator.actor_key,
        {"device": "Firefox · Linux", "address": "127.0.0.1"},
    )


def test_a_session_carries_its_record_through_a_change_of_organisation(operator: Member) -> None:
    begin_session(operator, Browser("key", "device", "Chrome · Windows", "192.0.2.1"), how="code", at=NOW)

    assert SignInSession.objects.get().get_how_display() == "短信验证码"


def test_a_privileged_password_is_told_of_a_week_before_and_on_the_day(operator: Member) -> None:
    clerk = member_with("applicant", kind="enterprise")
    for member in (operator, clerk):
        member.user.password_changed_at = NOW - timedelta(days=83)
        member.user.save()

    for _twice in range(2):
        tell_of_ageing_passwords(local_day(NOW), NOW)
    tell_of_ageing_passwords(local_day(NOW + timedelta(days=1)), NOW + timedelta(days=1))
    tell_of_ageing_passwords(local_day(NOW + timedelta(days=7)), NOW + timedelta(days=7))

    assert expires_at(clerk.user) is None
    told = Entry.objects.filter(kind="account.password_ageing").values_list("subject_id", flat=True)
    assert list(told) == [operator.pk, operator.pk]


# ── people come, change and leave ──


def test_a_user_is_added_without_password_and_without_roles(sysadmin: Member) -> None:
    firm = member_with("applicant", kind="enterprise").organisation

    member = add_user("Zhang.San", "张三", "123 0000 7777", firm, by=sysadmin, at=NOW)

    assert (member.user.username, member.user.phone, member.roles) == ("zhang.san", "12300007777", [])
    assert not member.user.has_usable_password()
    with pytest.raises(Invalid) as refused:
        add_user("x", " ", "12", firm, by=sysadmin, at=NOW)
    assert set(refused.value.fields) == {"username", "name", "phone"}


@pytest.mark.parametrize("role", ["secadmin", "auditor", "operator"])
def test_nobody_but_the_system_administrator_adds_changes_or_dismisses(role: str, operator: Member) -> None:
    by = member_with(role)
    acts = (
        lambda: add_user("zhangsan", "张三", "12300007777", by.organisation, by=by, at=NOW),
        lambda: change_details(operator.user, name="李四", phone="12300007777", by=by, at=NOW),
        lambda: leave(operator.user, successors={}, reason="离职", by=by, at=NOW),
        lambda: lock_user(operator.user, reason="离职", by=by, at=NOW),
    )

    for act in acts:
        with pytest.raises(NotPermitted):
            act()
    assert not Entry.objects.exists()


def test_a_change_of_details_is_recorded_with_the_end_of_the_number_only(operator: Member, sysadmin: Member) -> None:
    change_details(operator.user, name="何以宁", phone="12300008888", by=sysadmin, at=NOW)

    entry = Entry.objects.get(kind="account.changed")
    assert entry.data["changes"]["phone"][1] == "…8888"
    assert "12300008888" not in str(entry.data)
    with pytest.raises(NotPermitted):
        change_details(sysadmin.user, name="何以宁", phone="12300008888", by=sysadmin, at=NOW)


def test_the_security_administrator_reviews_rights_and_the_others_do_not(operator: Member, sysadmin: Member) -> None:
    with pytest.raises(NotPermitted):
        review_user(operator.user, reason="与岗位相符", by=sysadmin, at=NOW)

    review_user(operator.user, reason="与岗位相符", by=member_with("secadmin"), at=NOW)

    operator.user.refresh_from_db()
    assert operator.user.reviewed_at == NOW
    assert Entry.objects.get(kind="account.reviewed").data["conclusion"] == "与岗位相符"


def test_leaving_takes_a_colleague_of_the_same_role_who_takes_over(sysadmin: Member) -> None:
    leaver = member_with("manager", kind="guarantor")
    colleague = member_with("manager", organisation=leaver.organisation)
    reviewer = member_with("reviewer", organisation=leaver.organisation)
    browser = come_in(leaver)

    for wrong in ({}, {leaver.pk: reviewer.pk}, {leaver.pk: sysadmin.pk}, {leaver.pk: leaver.pk}):
        with pytest.raises(Invalid, match="选择接办人"):
            leave(leaver.user, successors=wrong, reason="离职", by=sysadmin, at=NOW)
    leave(leaver.user, successors={leaver.pk: colleague.pk}, reason="离职", by=sysadmin, at=NOW)

    assert browser.get(PAGE).status_code == 302
    leaver.user.refresh_from_db()
    assert (leaver.user.state, Member.objects.get(pk=leaver.pk).active) == ("left", False)
    assert Entry.objects.get(kind="member.left").data["successor"] == colleague.pk
    with pytest.raises(NotNow):
        lock_user(leaver.user, reason="离职", by=sysadmin, at=NOW)
