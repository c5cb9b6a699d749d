"""Stories of firms that prove who they are: elements, a small amount read back, what stands by itself; the page."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client

from xinshu.accounts.actions.identity import NotProven, TooOften
from xinshu.accounts.assurance.holding import firms_by_level, held_by, level_of
from xinshu.accounts.assurance.settings import Settings, shipped
from xinshu.accounts.models import FaceFactor, IdentityCheck, Member, Organisation, SandboxMessage, SecondFactor
from xinshu.accounts.tests.conftest import code, member_with
from xinshu.certification.actions import conclude
from xinshu.certification.checks import Known
from xinshu.certification.models import SmallTransfer
from xinshu.certification.proofs import lapse, order_transfer, prove_elements, read_back
from xinshu.certification.registry import Word
from xinshu.certification.tests.conftest import AT, NUMBER, Submitting
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.core.sm import sm4_encrypt
from xinshu.integrations.models import ApiClient, ApiKey
from xinshu.ledger.models import Entry
from xinshu.ledger.worker import drain
from xinshu.messaging.models import unseal

pytestmark = [pytest.mark.django_db, pytest.mark.req("CS-45")]
ACCOUNT = "6222000011112222"


def level(firm: Organisation) -> int:
    firm = Organisation.objects.get(pk=firm.pk)
    return level_of(held_by(firm, Settings(shipped()), AT + timedelta(hours=1)), AT + timedelta(hours=1))


def paid(clerk: Member) -> SmallTransfer:
    row = order_transfer(clerk, account_no=ACCOUNT, bank="云州银行城东支行", at=AT)
    drain(at=AT + timedelta(minutes=1))
    row.refresh_from_db()
    return row


@pytest.mark.parametrize(("count", "reached"), [(2, 2), (3, 2), (4, 3)])
def test_elements_that_agree_raise_the_firm(clerk: Member, count: int, reached: int) -> None:
    assert level(clerk.organisation) == 1  # the check digit of its code

    prove_elements(clerk, count, representative="李新禾", number=NUMBER, at=AT)

    assert level(clerk.organisation) == reached
    check = IdentityCheck.objects.get()
    assert (check.organisation, check.by, check.outcome) == (clerk.organisation, clerk, "passed")
    assert NUMBER not in check.mark
    assert NUMBER not in str(Entry.objects.get(kind="identity.proven").data)


def test_what_is_missing_is_named_and_nothing_is_asked(clerk: Member) -> None:
    with pytest.raises(Invalid) as refused:
        prove_elements(clerk, 4, representative="", number="1", at=AT)

    assert set(refused.value.fields) == {"representative", "number"}
    assert not IdentityCheck.objects.exists()


@pytest.mark.parametrize(
    ("name", "words", "outcome"),
    [("云州试错建设有限公司", "不一致", "failed"), ("云州注销建设有限公司", "不在营", "failed"),
     ("云州断线建设公司", "没有答复", "silent")],
)  # fmt: skip
def test_a_register_that_says_no_or_nothing(name: str, words: str, outcome: str) -> None:
    firm = Organisation.objects.create(name=name, kind="enterprise", uscc=code(3))
    clerk = member_with("applicant", organisation=firm)

    with pytest.raises(NotProven, match=words):
        prove_elements(clerk, 4, representative="李新禾", number=NUMBER, at=AT)

    assert IdentityCheck.objects.get().outcome == outcome
    assert level(firm) == 1


def test_five_that_do_not_agree_close_the_way_for_a_day() -> None:
    firm = Organisation.objects.create(name="云州试错建设有限公司", kind="enterprise", uscc=code(3))
    clerk = member_with("applicant", organisation=firm)
    for _time in range(5):
        with pytest.raises(NotProven):
            prove_elements(clerk, 3, representative="李新禾", at=AT)

    with pytest.raises(TooOften):
        prove_elements(clerk, 3, representative="李新禾", at=AT)


def test_a_small_amount_read_back_proves_the_account(clerk: Member) -> None:
    row = paid(clerk)
    fen = int(unseal(row.amount))
    assert row.state == "sent"
    assert SandboxMessage.objects.get().text.endswith(f"{fen // 100}.{fen % 100:02d} 元。")
    assert ACCOUNT.encode() not in bytes(row.account)

    row = read_back(row, f"{fen // 100}.{fen % 100:02d}", by=clerk, at=AT + timedelta(minutes=5))

    assert (row.state, bytes(row.amount)) == ("proven", b"")
    assert level(clerk.organisation) == 3
    assert IdentityCheck.objects.get().mark == "6222****2222"


def test_three_wrong_amounts_end_it_and_are_kept_as_one_failure(clerk: Member) -> None:
    row = paid(clerk)
    for _time in range(2):
        with pytest.raises(Invalid, match="还可以再试"):
            read_back(row, "999.99", by=clerk, at=AT + timedelta(minutes=5))
    with pytest.raises(NotProven, match="次数已用完"):
        read_back(row, "999.99", by=clerk, at=AT + timedelta(minutes=5))

    row.refresh_from_db()
    assert (row.state, row.tries) == ("wrong", 3)
    assert IdentityCheck.objects.get().outcome == "failed"
    with pytest.raises(NotNow):
        read_back(row, "1.00", by=clerk, at=AT)


def test_one_at_a_time_three_in_a_month_and_a_week_to_read_back(clerk: Member) -> None:
    first = paid(clerk)
    with pytest.raises(NotNow, match="等待回填"):
        order_transfer(clerk, account_no=ACCOUNT, bank="云州银行城东支行", at=AT)
    later = AT + timedelta(days=8)
    with pytest.raises(NotNow, match="过期"):
        read_back(first, "1.00", by=clerk, at=later)
    assert lapse(at=later) == 1
    for days in (9, 17):
        order_transfer(clerk, account_no=ACCOUNT, bank="云州银行城东支行", at=AT + timedelta(days=days))
        lapse(at=AT + timedelta(days=days + 8))

    with pytest.raises(TooOften):
        order_transfer(clerk, account_no=ACCOUNT, bank="云州银行城东支行", at=AT + timedelta(days=26))


def test_a_bank_that_does_not_pay_is_told_and_counts_for_nothing() -> None:
    firm = Organisation.objects.create(name="云州拒收建设有限公司", kind="enterprise", uscc=code(4))
    row = paid(member_with("applicant", organisation=firm))

    assert (row.state, row.why) == ("unpaid", "账户户名不符，已退回")
    assert not IdentityCheck.objects.exists()


def test_paying_twice_pays_once(clerk: Member) -> None:
    from xinshu.certification.tasks import pay_small_amount

    paid(clerk)
    pay_small_amount(Entry.objects.get(kind="firm_transfer.ordered"))

    assert SandboxMessage.objects.count() == 1


def test_a_certification_and_then_the_representatives_face_raise_the_firm(
    submitted: Submitting, settings: object
) -> None:
    row = conclude(
        submitted(), Known(Word(dict.fromkeys(("name", "uscc", "representative", "number"), True), True)), at=AT
    )
    firm = row.organisation
    if row.state == "reviewing":  # no text could be read off the pictures
        Organisation.objects.filter(pk=firm.pk).update(verified=True)
        type(row).objects.filter(pk=row.pk).update(state="approved", decided_at=AT)
    assert level(firm) == 3

    from django.conf import settings as installed

    boss = member_with("orgadmin", organisation=firm)
    type(boss.user).objects.filter(pk=boss.user_id).update(name="李新禾")
    SecondFactor.objects.create(user=boss.user, secret=b"", confirmed_at=AT)
    sealed = sm4_encrypt(bytes.fromhex(installed.FILE_KEY), NUMBER.encode())
    face = FaceFactor.objects.create(user=boss.user, number=sealed, bound_at=AT)

    assert level(firm) == 4
    assert firms_by_level(Settings(shipped()), AT + timedelta(hours=1)) == {1: 1, 2: 1, 3: 1, 4: 1}
    FaceFactor.objects.filter(pk=face.pk).update(number=sm4_encrypt(bytes.fromhex(installed.FILE_KEY), b"another"))
    assert level(firm) == 3


def test_a_key_counts_once_it_signed_and_no_longer_when_revoked(clerk: Member) -> None:
    client = ApiClient.objects.create(organisation=clerk.organisation, principal=clerk, name="ERP", created_at=AT)
    key = ApiKey.objects.create(client=client, code="xk_1", kind="sm2", public_hex="04", created_at=AT)
    assert level(clerk.organisation) == 1
    ApiKey.objects.filter(pk=key.pk).update(last_used_at=AT)
    assert level(clerk.organisation) == 3

    ApiKey.objects.filter(pk=key.pk).update(revoked_at=AT)

    assert level(clerk.organisation) == 1


@pytest.mark.parametrize(
    ("role", "kind"), [("signer", "guarantor"), ("department", "department"), ("operator", "operator")]
)
def test_who_may_not_prove_the_firm_is_told_so(role: str, kind: str) -> None:
    with pytest.raises(NotPermitted):
        prove_elements(member_with(role, kind=kind), 2, at=AT)
    with pytest.raises(NotPermitted):
        order_transfer(member_with(role, kind=kind), account_no=ACCOUNT, bank="云州银行", at=AT)


SignIn = Callable[[Member], Client]


def test_the_page_leads_a_firm_through_elements_and_transfer(clerk: Member, sign_in: SignIn) -> None:
    browser = sign_in(clerk)
    assert "一级" in browser.get("/certification/proofs/").content.decode()

    wrong = browser.post("/certification/proofs/elements/", {"count": "4", "representative": "李新禾", "number": "12"})
    assert wrong.status_code == 422
    assert 'value="李新禾"' in wrong.content.decode()
    right = browser.post("/certification/proofs/elements/", {"count": "2"})
    assert right.status_code == 302
    assert browser.post("/certification/proofs/transfer/", {"account_no": "１２", "bank": "x"}).status_code == 422
    form = {"account_no": ACCOUNT, "bank": "云州银行城东支行"}
    assert browser.post("/certification/proofs/transfer/", form).status_code == 302
    assert "正在打款" in browser.get("/certification/proofs/").content.decode()
    drain()
    assert "6222****2222" in browser.get("/certification/proofs/").content.decode()
    assert browser.post("/certification/proofs/read-back/", {"amount": "abc"}).status_code == 422
    fen = int(unseal(SmallTransfer.objects.get().amount))
    assert browser.post("/certification/proofs/read-back/", {"amount": f"{fen / 100:.2f}"}).status_code == 302
    assert "三级" in browser.get("/certification/proofs/").content.decode()


def test_strangers_and_people_without_the_right_find_no_page(sign_in: SignIn, client: Client) -> None:
    assert client.get("/certification/proofs/").status_code == 302
    signer = sign_in(member_with("signer", kind="guarantor"))
    assert signer.get("/certification/proofs/").status_code == 403
    assert signer.post("/certification/proofs/elements/", {"count": "2"}).status_code == 403
