"""等保三级 (GB/T 22239, level 3), word by word, through the pages and the settings that production really has."""

import json
import os
import secrets
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.test import Client, override_settings

from faults.test_production import KEYS
from xinshu.accounts import totp
from xinshu.accounts.actions.second_factor import begin_enrolment, confirm_enrolment
from xinshu.accounts.models import Member, RoleChange, SecondFactor
from xinshu.accounts.tests.conftest import PASSWORD, member_with
from xinshu.config.environment import ROOT
from xinshu.core import masking
from xinshu.core.clock import moved_to
from xinshu.ledger.kinds import expirable
from xinshu.ledger.models import Entry, RetentionRule

pytestmark = [pytest.mark.django_db, pytest.mark.req("EP-46")]
NEW = "seven-odd-lamps-71"
ADMINISTRATORS = ("sysadmin", "secadmin", "auditor")
LOOK = """
import django, json
django.setup()
from django.conf import settings
from django.test import Client
proxied = {"host": "xinshu.example", "x-forwarded-proto": "https"}
safe = Client(headers=proxied).get("/sign-in/")
plain = Client(headers={"host": "xinshu.example"}).get("/sign-in/")
posted = Client(headers={"host": "xinshu.example"}).post("/sign-in/", {"username": "a", "password": "b"})
print(json.dumps({
    "plain": [plain.status_code, plain["Location"], posted.status_code],
    "hsts": safe.headers.get("Strict-Transport-Security", ""),
    "cookies": {name: bool(cookie["secure"]) for name, cookie in safe.cookies.items()},
    "session": [settings.SESSION_COOKIE_SECURE, settings.SESSION_COOKIE_HTTPONLY, settings.SESSION_COOKIE_SAMESITE],
    "hasher": settings.PASSWORD_HASHERS,
    "password_days": settings.PASSWORD_DAYS,
    "second_factor": settings.SECOND_FACTOR,
    "idle": settings.IDLE_MINUTES,
    "public": settings.PUBLIC_URL,
}))
"""


@pytest.fixture(scope="module")
def production(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What a browser and the settings say in production, where the operator chose nothing that could be left."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("XINSHU_", "PYTEST_", "DJANGO_"))}
    environment = {f"XINSHU_{name}": secrets.token_hex(16 if name == "FILE_KEY" else 32) for name in KEYS} | {
        "XINSHU_ENV": "production",
        "XINSHU_DATA": str(tmp_path_factory.mktemp("production")),
        "XINSHU_HOSTS": "xinshu.example",
        "XINSHU_PUBLIC_URL": "https://xinshu.example",
        "XINSHU_SEALING_AUTHORITY": "somewhere.else.Authority",
        "DJANGO_SETTINGS_MODULE": "xinshu.config.settings",
    }
    done = subprocess.run(
        [sys.executable, "-c", LOOK], cwd=Path(ROOT), env=kept | environment, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    told: dict[str, Any] = json.loads(done.stdout.strip().splitlines()[-1])
    return told


@pytest.fixture
def home(at):
    """The platform's three administrators and a clerk of some firm; pages read the clock at `at`."""
    with moved_to(at):
        made = {role: member_with(role, username=role) for role in ADMINISTRATORS}
        yield made | {"clerk": member_with("applicant", kind="enterprise", username="clerk")}


def sign_in(member: Member, password: str = PASSWORD, **more: Any) -> tuple[Client, Any]:
    client = Client(**more)
    return client, client.post("/sign-in/", {"username": member.user.username, "password": password})


def page(client: Client, path: str) -> str:
    return client.get(path).content.decode()


def test_password_policy_weak_similar_and_former_ones_are_refused(home: dict[str, Member], production: Any) -> None:
    client, _in = sign_in(home["sysadmin"])

    def change(old: str, new: str) -> int:
        return int(client.post("/account/password/", {"old": old, "new": new, "again": new}).status_code)

    weak = ("short-7", "1234567890123", "password1234", "qwertyuiop12", f"sysadmin{home['sysadmin'].user.phone}")
    assert [change(PASSWORD, word) for word in weak] == [422] * len(weak)
    assert change(PASSWORD, NEW) == 302
    assert change(NEW, PASSWORD) == 422  # the one before
    assert production["hasher"] == ["xinshu.accounts.passwords.TunedArgon2"]


def test_password_policy_an_administrator_whose_password_is_too_old_gets_no_further_than_changing_it(
    home: dict[str, Member], at: Any, production: Any
) -> None:
    assert production["password_days"] == 90
    home["sysadmin"].user.password_changed_at = home["clerk"].user.password_changed_at = at
    home["sysadmin"].user.save()
    home["clerk"].user.save()

    with moved_to(at + timedelta(days=91)), override_settings(PASSWORD_DAYS=production["password_days"]):
        client, _in = sign_in(home["sysadmin"])
        held = [client.get(path)["Location"] for path in ("/workbench/", "/users/", "/account/")]
        part = client.get("/notices/", headers={"HX-Request": "true"})
        told = page(client, "/account/password/")
        client.post("/account/password/", {"old": PASSWORD, "new": NEW, "again": NEW})
        after = client.get("/users/").status_code
        other, _in = sign_in(home["clerk"])
        clerk = other.get("/workbench/").status_code

    assert held == ["/account/password/"] * 3
    assert part["HX-Redirect"] == "/account/password/"
    assert "密码已到期" in told
    assert (after, clerk) == (200, 200)


def test_lock_out_five_failures_close_the_account_from_there_for_a_quarter_of_an_hour(
    home: dict[str, Member], at: Any
) -> None:
    answers = [sign_in(home["clerk"], "wrong")[1].status_code for _n in range(5)]
    locked = sign_in(home["clerk"])[1]
    with moved_to(at + timedelta(minutes=16)):
        later = sign_in(home["clerk"])[1]

    assert answers == [422, 422, 422, 422, 429]
    assert (locked.status_code, later.status_code) == (429, 302)
    assert Entry.objects.filter(kind="account.sign_in_failed", subject_id=home["clerk"].user_id).count() == 5


def test_second_factor_an_administrator_cannot_do_without_one_in_production(
    home: dict[str, Member], at: Any, production: Any
) -> None:
    assert production["second_factor"] == "required"

    with override_settings(SECOND_FACTOR=production["second_factor"]):
        client, first = sign_in(home["secadmin"])
        before = client.get("/workbench/")
        page(client, "/sign-in/bind/")
        secret = begin_enrolment(home["secadmin"].user, at=at)
        bound = client.post("/sign-in/bind/", {"code": totp.code_of(secret, totp.step_of(at))})
        with moved_to(at + timedelta(minutes=1)):
            again, second = sign_in(home["secadmin"])
            wrong = again.post("/sign-in/second/", {"code": "not-it"})
            code = totp.code_of(secret, totp.step_of(at + timedelta(minutes=1)))
            right = again.post("/sign-in/second/", {"code": code})
            off = again.post("/account/second-factor/", {"code": code})

    assert (first["Location"], second["Location"]) == ("/sign-in/bind/", "/sign-in/second/")
    assert before.status_code == 302
    assert before["Location"].startswith("/sign-in/")
    assert bound.status_code == 200
    assert (wrong.status_code, right.status_code, off.status_code) == (422, 302, 403)
    assert SecondFactor.objects.filter(user=home["secadmin"].user, confirmed_at__isnull=False).exists()


def test_session_control_idle_ones_end_and_any_can_be_ended_from_afar(
    home: dict[str, Member], at: Any, production: Any
) -> None:
    assert production["idle"] == {"privileged": 30, "others": 480}
    auditor, _in = sign_in(home["auditor"])
    secadmin, _in = sign_in(home["secadmin"])
    here, _in = sign_in(home["clerk"])
    elsewhere, _in = sign_in(home["clerk"])

    assert here.post("/account/sessions/end-others/").status_code == 302
    assert (here.get("/workbench/").status_code, elsewhere.get("/workbench/").status_code) == (200, 302)
    session = home["clerk"].user.sessions.get(ended_at=None)
    assert secadmin.post(f"/account/sessions/{session.reference}/end/").status_code == 302
    assert here.get("/workbench/").status_code == 302
    with override_settings(IDLE_MINUTES=production["idle"]), moved_to(at + timedelta(minutes=31)):
        assert auditor.get("/workbench/").status_code == 302


def test_separation_of_the_three_administrators_nobody_is_two_and_none_does_what_is_anothers(
    home: dict[str, Member],
) -> None:
    browsers = {role: sign_in(home[role])[0] for role in ADMINISTRATORS}

    browsers["second"] = sign_in(member_with("secadmin", username="second"))[0]
    browsers["other"] = sign_in(member_with("sysadmin", username="other"))[0]
    guarded = [("sysadmin", "secadmin"), ("sysadmin", "auditor"), ("secadmin", "auditor"), ("auditor", "secadmin")]
    wanted = [(*pair, "second") for pair in guarded]
    wanted += [("secadmin", "sysadmin", "other"), ("auditor", "sysadmin", "other")]

    for holder, role, proposer in wanted:
        path = f"/users/{holder}/roles/{home[holder].pk}/"
        answer = browsers[proposer].post(path, {"roles": [holder, role], "reason": "合并岗位"})
        assert answer.status_code in (403, 422), (holder, role, answer.status_code)
        assert browsers[holder].post(path, {"roles": [holder, role], "reason": "合并岗位"}).status_code in (403, 404)
    assert not RoleChange.objects.exists()
    browsers = {role: browsers[role] for role in ADMINISTRATORS}

    whose = {"/users/new/": "sysadmin", "/operations/deliveries/": "sysadmin", "/log/": "auditor"}
    for path, owner in whose.items():
        assert {role for role, browser in browsers.items() if browser.get(path).status_code == 200} == {owner}, path
    reset = {role: browser.post("/users/clerk/reset-second-factor/", {"reason": "丢失"}).status_code
             for role, browser in browsers.items()}  # fmt: skip
    assert reset == {"sysadmin": 403, "secadmin": 409, "auditor": 403}  # 409: hers to do, but the clerk has none
    for path in ("/guarantees/", "/projects/", "/enterprises/", "/books/"):
        assert all(browser.get(path).status_code in (403, 404) for browser in browsers.values()), path


def test_what_one_administrator_proposes_another_approves(home: dict[str, Member]) -> None:
    system, security = sign_in(home["sysadmin"])[0], sign_in(home["secadmin"])[0]
    path = f"/users/clerk/roles/{home['clerk'].pk}/"
    system.post(path, {"roles": ["applicant", "beneficiary"], "reason": "岗位调整"})
    case = RoleChange.objects.get()

    own = system.post(f"/role-changes/{case.reference}/approve/", {"version": case.version})
    others = security.post(f"/role-changes/{case.reference}/approve/", {"version": case.version})

    assert (own.status_code, others.status_code) == (403, 302)
    assert Member.objects.get(pk=home["clerk"].pk).roles == ["applicant", "beneficiary"]


def test_log_retention_nothing_goes_before_six_months_and_nobody_does_it_alone(home: dict[str, Member]) -> None:
    auditor = sign_in(home["auditor"])[0]
    assert set(expirable().values()) == {6, 36}  # 网络安全法第二十一条, 个人信息保护法第五十六条

    early = auditor.post("/log/retention/", {"kind": "account.signed_in", "months": 5, "basis": "网络安全法"})
    never = auditor.post("/log/retention/", {"kind": "roles.approved", "months": 60, "basis": "网络安全法"})
    right = auditor.post("/log/retention/", {"kind": "account.signed_in", "months": 6, "basis": "网络安全法"})

    assert (early.status_code, never.status_code, right.status_code) == (422, 422, 302)
    rule = RetentionRule.objects.get()
    path = f"/log/retention/rules/{rule.reference}/approve/"
    assert auditor.post(path, {"version": rule.version}).status_code == 403
    assert sign_in(home["secadmin"])[0].post(path, {"version": rule.version}).status_code == 302
    assert Entry.objects.filter(kind="retention.approved", actor_key=home["secadmin"].actor_key).count() == 1


def test_masking_a_phone_is_covered_for_those_without_the_right_and_a_secret_for_everybody(
    home: dict[str, Member],
) -> None:
    clerk = home["clerk"].user
    pages = {role: page(sign_in(home[role])[0], "/users/clerk/") for role in ADMINISTRATORS}

    assert clerk.phone in pages["sysadmin"]
    assert clerk.phone not in pages["secadmin"]
    assert masking.phone(clerk.phone) in pages["secadmin"]
    assert not [role for role, text in pages.items() if clerk.password in text]
    assert clerk.phone not in page(sign_in(home["clerk"])[0], "/account/")  # over one's shoulder


def test_transport_encryption_plain_http_leads_to_https_and_cookies_never_travel_without(production: Any) -> None:
    status, leads_to, posted = production["plain"]

    assert (status, leads_to, posted) == (301, "https://xinshu.example/sign-in/", 301)
    assert int(production["hsts"].split("=")[1].split(";")[0]) >= 31_536_000
    assert production["cookies"]["csrftoken"]
    assert production["session"] == [True, True, "Lax"]
    assert production["public"].startswith("https://")


def test_every_step_of_the_above_is_in_the_log(home: dict[str, Member], at: Any) -> None:
    sysadmin = sign_in(home["sysadmin"])[0]
    sysadmin.post("/account/password/", {"old": PASSWORD, "new": NEW, "again": NEW})
    secret = begin_enrolment(home["sysadmin"].user, at=at)
    confirm_enrolment(home["sysadmin"].user, totp.code_of(secret, totp.step_of(at)), by=home["sysadmin"], at=at)
    sysadmin.post("/sign-out/")
    auditor = sign_in(home["auditor"])[0]

    text = page(auditor, "/log/")

    for word in ("登录", "修改密码", "绑定动态口令", "退出登录"):
        assert word in text, word
