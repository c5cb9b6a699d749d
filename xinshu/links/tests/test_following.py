"""What follows by itself: a link at issue, who is told, and messages through the channels."""

import re

import pytest

from xinshu.accounts.models import Member, Organisation
from xinshu.core.clock import moved_to
from xinshu.ledger.worker import drain
from xinshu.links.models import Link
from xinshu.links.tests.conftest import PHONE, last_sms, let_in, now_of, sent, token_in
from xinshu.messaging.models import Message, MessageTemplate, Notice


def without_people(case) -> None:
    Member.objects.filter(organisation=case.beneficiary).update(active=False)


def test_a_beneficiary_without_an_account_gets_a_link_at_issue(city):
    case = city.come_to("in_force")
    without_people(case)
    Organisation.objects.filter(pk=case.beneficiary_id).update(phone=PHONE)

    with moved_to(city.day(0, 12)):
        drain(city.day(0, 12))
        drain(city.day(0, 12))

    link = Link.objects.get()
    assert (link.guarantee, link.sent_by, link.sent_by_label, link.vouched_by) == (case, None, "系统", None)
    assert token_in(last_sms())
    wanted = Notice.objects.filter(member=city.signer, text__contains="请核实")
    assert wanted.count() == 1


def test_whom_the_guarantor_vouched_for_before_gets_the_next_one(city):
    first = city.come_to("in_force")
    sent(city, first, at=city.at)
    without_people(first)
    case = city.come_to("in_force")

    with moved_to(city.day(0, 12)):
        drain(city.day(0, 12))

    link = Link.objects.get(guarantee=case)
    assert (link.name, link.phone, link.vouched_by) == ("王芳", PHONE, city.signer)


def test_where_no_contact_is_known_the_signer_is_asked(city):
    case = city.come_to("in_force")
    without_people(case)

    with moved_to(city.day(0, 12)):
        drain(city.day(0, 12))

    notice = Notice.objects.get(member=city.signer, text__contains="没有能登录的账号")
    assert notice.link == f"/guarantees/{case.reference}/link/new/"
    assert not Link.objects.exists()


def test_where_somebody_can_sign_in_none_is_sent(city):
    city.come_to("in_force")
    with moved_to(city.day(0, 12)):
        drain(city.day(0, 12))

    assert not Link.objects.exists()


def test_the_beneficiarys_own_people_hear_of_it_and_may_revoke(city, clock, sign_in):
    case = city.come_to("in_force")
    link, token = sent(city, case, by=city.applicant)
    drain(city.day(2))

    browser = sign_in(city.beneficiary)
    done = browser.post(
        f"/guarantees/{case.reference}/links/{link.reference}/revoke/", {"version": "1", "reason": "不是我们的人。"}
    )

    assert Notice.objects.filter(member=city.beneficiary, text__contains="不是贵单位经办人的，请撤销").exists()
    link.refresh_from_db()
    assert (done.status_code, link.state) == (302, "revoked")
    assert browser.get(f"/l/{token}/").status_code == 404


def test_the_holder_hears_by_sms_what_is_new(city, clock):
    case = city.come_to("in_force")
    let_in(*sent(city, case))
    demand = city.marked(case=now_of(case))
    from xinshu.claims.actions.examination import propose_refusal, refuse_demand

    demand = propose_refusal(demand, opinion="缺证明。", by=city.examiner, at=city.day(3, 11))
    refuse_demand(demand, opinion="", by=city.reviewer, at=city.day(4))

    with moved_to(city.day(4, 11)):
        drain(city.day(4, 11))

    assert "索赔被拒付，请看拒付通知" in last_sms()
    assert "/l/" not in last_sms()


@pytest.mark.django_db(transaction=True)
def test_the_sms_leaves_by_the_channel_in_the_operators_words_and_is_forgotten(city, sandbox, clock):
    case = city.come_to("in_force")
    text = "${guarantor}给您的办理链接${link}，${until}前有效"
    MessageTemplate.objects.create(
        kind="link.sent", channel="sms", number=1, state="active", text=text, approval="approved",
        provider_code="SMS_1001", created_at=city.at,
    )  # fmt: skip

    sent(city, case)
    with moved_to(city.day(2)):
        drain(city.day(2))

    (went,) = [row for row in sandbox.world.sent if "/l/" in str(row["what"])]
    message = Message.objects.get(kind="link.sent")
    assert re.search(r"/l/[\w-]{32}/", str(went["what"]))
    assert (message.state, message.text, message.values, message.masked) == ("sent", "", {}, "139****1234")
