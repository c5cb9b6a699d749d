"""认证方式与级别 as its people meet it: proposed, approved, refused in place; the log and its export; strangers."""

import io
from collections.abc import Callable
from datetime import timedelta

import pytest
import python_calamine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from xinshu.accounts.actions.levels import install_levels
from xinshu.accounts.assurance.settings import shipped
from xinshu.accounts.models import IdentityCheck, LevelTable, Member, RoleChange, SecondFactor
from xinshu.accounts.tests.conftest import NOW, member_with
from xinshu.core import clock

pytestmark = [pytest.mark.django_db, pytest.mark.req("CS-45")]
SignIn = Callable[[Member], Client]


@pytest.fixture
def secadmin(db: None) -> Member:
    return member_with("secadmin")


@pytest.fixture
def auditor(db: None) -> Member:
    return member_with("auditor")


def typed(page: str) -> dict[str, str]:
    """Return the shipped table as its form posts it."""
    content = shipped()
    form = {f"method_days_{code}": str(row["days"]) for code, row in content["methods"].items()}
    form |= {f"on_{code}": "on" for code in content["methods"]}
    form |= {f"{name}_{code}": str(row[name]) for code, row in content["acts"].items() for name in row}
    return form | {"reason": page}


def test_one_proposes_on_the_page_and_the_other_puts_it_in_force(
    sysadmin: Member, secadmin: Member, sign_in: SignIn
) -> None:
    for one in (sysadmin, secadmin):
        SecondFactor.objects.create(user=one.user, secret=b"", confirmed_at=NOW - timedelta(days=1))
    install_levels(at=NOW)
    first, second = sign_in(sysadmin), sign_in(secadmin)

    form = typed("索赔要求三级") | {"person_claim": "3"}
    form.pop("on_sms")
    answer = first.post("/levels/", form)
    case = LevelTable.objects.get(state="proposed")
    assert answer["Location"] == f"/levels/{case.reference}/"
    shown = second.get(answer["Location"]).content.decode()
    assert "提出索赔·个人：二级 → 三级" in shown
    assert "短信验证码：180 天有效 → 停用" in shown
    assert first.post(f"/levels/{case.reference}/approve/", {"version": "1"}).status_code == 403
    assert second.post(f"/levels/{case.reference}/approve/", {"version": "1"}).status_code == 302

    assert LevelTable.objects.get(state="active") == case
    assert "第 2 版使用中" in first.get("/levels/").content.decode()


def test_a_refusal_keeps_what_was_typed(sysadmin: Member, sign_in: SignIn) -> None:
    form = typed("") | {"person_claim": "4", "days_claim": "77"}

    answer = sign_in(sysadmin).post("/levels/", form)

    assert answer.status_code == 422
    shown = answer.content.decode()
    assert "请写明原因" in shown
    assert 'value="77"' in shown


@pytest.mark.parametrize("junk", ["\0", "１２", "-1", "9" * 400, "x", "1.5"])
def test_junk_in_the_table_is_refused(sysadmin: Member, sign_in: SignIn, junk: str) -> None:
    browser = sign_in(sysadmin)

    for name in ("days_claim", "person_issue", "method_days_sms"):
        assert browser.post("/levels/", typed("试") | {name: junk}).status_code in (400, 422)
    assert not LevelTable.objects.exists()


def test_the_log_is_narrowed_and_taken_away_without_full_names_of_those_who_may_not_read_them(
    secadmin: Member, sign_in: SignIn
) -> None:
    person = member_with("applicant", kind="enterprise")
    for outcome in ("passed", "failed"):
        IdentityCheck.objects.create(
            user=person.user, by=person, method="sms", outcome=outcome, source="短信", at=clock.now()
        )
    IdentityCheck.objects.create(
        organisation=person.organisation, by=person, method="password", outcome="passed", source="-", at=clock.now()
    )
    browser = sign_in(secadmin)

    shown = browser.get("/levels/checks/", {"method": "sms", "outcome": "failed", "q": person.user.name})
    content = browser.post("/levels/checks/export/?method=sms").content

    assert "共 1 条" in shown.content.decode()
    rows = python_calamine.load_workbook(io.BytesIO(content)).get_sheet_by_index(0).to_python()[1:]
    assert rows[0][6] == "方式"
    assert len(rows) == 3
    assert {row[8] for row in rows[1:]} == {"通过", "没有通过"}


def test_the_log_asks_as_often_for_thirty_rows_as_for_one(auditor: Member, sign_in: SignIn) -> None:
    browser, counts = sign_in(auditor), []
    for rows in (1, 29):
        for _number in range(rows):
            person = member_with("applicant", kind="enterprise")
            IdentityCheck.objects.create(
                user=person.user, by=person, method="sms", outcome="passed", source="短信", at=clock.now()
            )
        browser.get("/levels/checks/")
        with CaptureQueriesContext(connection) as queries:
            browser.get("/levels/checks/")
        counts.append(len(queries))

    assert counts[0] == counts[1]


def test_who_is_below_the_level_is_led_to_where_it_is_raised_and_keeps_what_was_typed(
    sysadmin: Member, secadmin: Member, sign_in: SignIn
) -> None:
    clerk = member_with("applicant", kind="enterprise", username="clerk")
    SecondFactor.objects.create(user=sysadmin.user, secret=b"", confirmed_at=NOW - timedelta(days=1))
    install_levels(at=NOW)
    path = f"/users/clerk/roles/{clerk.pk}/"
    wanted = {"roles": ["applicant", "beneficiary"], "reason": "岗位调整"}
    assert sign_in(sysadmin).post(path, wanted).status_code == 302
    case = RoleChange.objects.get()

    typed_ = {"version": case.version, "reason": "核对过"}
    refused = sign_in(secadmin).post(f"/role-changes/{case.reference}/approve/", typed_)

    shown = refused.content.decode()
    assert refused.status_code == 403
    assert 'href="/account/identity/"' in shown
    assert "核对过" in shown
    case.refresh_from_db()
    assert case.state == "proposed"


def test_strangers_and_business_people_find_nothing(sign_in: SignIn, client: Client) -> None:
    signer = sign_in(member_with("signer", kind="guarantor"))
    version = install_levels(at=NOW)
    assert version

    for path in ("/levels/", "/levels/checks/", f"/levels/{version.reference}/"):
        assert signer.get(path).status_code == 403
        assert client.get(path).status_code == 302
    assert signer.post("/levels/checks/export/").status_code == 403
