"""What a link does not open: for others, twice, too late, before the opening, to whoever sent it."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client

from xinshu.accounts.models import Member, SandboxMessage, User
from xinshu.claims.actions.presentation import present_demand
from xinshu.claims.tests.city import PAYEE, STATEMENT
from xinshu.core.clock import moved_to
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.documents.uploads import keep_file
from xinshu.guarantees.actions.ending import release_guarantee
from xinshu.links.actions.sending import revoke, send_at_issue, send_to_person, vouch
from xinshu.links.models import Guest, Link, Visit
from xinshu.links.tests.conftest import PHONE, Holder, code_sent, last_sms, let_in, now_of, sent, token_in

CLOSED = "链接没有打开"
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\nstartxref\n9\n%%EOF\n"


def test_the_token_lies_nowhere_and_the_sender_never_sees_it(city, clock, sign_in):
    case = city.come_to("in_force")
    signer = sign_in(city.signer)

    answer = signer.post(
        f"/guarantees/{case.reference}/link/new/", {"name": "王芳", "phone": "139 0000 1234"}, follow=True
    )

    token, page = token_in(last_sms()), answer.content.decode()
    with connection.cursor() as cursor:
        cursor.execute("SELECT token_digest, name, phone_key, phone_masked FROM links_link")
        (row,) = cursor.fetchall()
    assert len(token) >= 32  # 24 random bytes
    assert token not in page
    assert token not in str(row)
    assert PHONE not in page
    assert PHONE not in str(row)
    assert "139****1234" in page
    assert "还没有打开" in page


def test_nothing_is_told_before_the_code_but_what_anybody_may_see(city, clock):
    case = now_of(city.in_force(sealed=True))
    _link, token = sent(city, case)
    browser = Client()

    page = browser.get(f"/l/{token}/").content.decode()
    room = browser.get(f"/links/{Link.objects.get().reference}/")

    assert case.number in page
    assert case.applicant.name not in page
    assert case.beneficiary.name not in page
    assert "王芳" not in page
    assert (room.status_code, CLOSED in room.content.decode()) == (404, True)


def test_a_code_is_taken_once_and_only_the_newest(city, clock):
    link, token = sent(city)
    let_in(link, token)
    used = code_sent()

    again = Client().post(f"/l/{token}/", {"code": used})
    soon = Client().post(f"/l/{token}/", {"send": "1"})
    wrong = [Client().post(f"/l/{token}/", {"code": "000000"}).status_code for _n in range(6)]

    assert (again.status_code, soon.status_code, set(wrong)) == (422, 429, {422})
    assert "1 分钟" in soon.content.decode() or "秒" in soon.content.decode()
    assert Visit.objects.count() == 1


def test_five_wrong_tries_spoil_the_code(city, clock):
    link, token = sent(city)
    browser = Client()
    browser.post(f"/l/{token}/", {"send": "1"})
    right = code_sent()
    wrong = "000000" if right != "000000" else "111111"

    answers = [browser.post(f"/l/{token}/", {"code": wrong}).status_code for _n in range(5)]
    late = browser.post(f"/l/{token}/", {"code": right})

    assert (set(answers), late.status_code) == ({422}, 422)
    assert not Visit.objects.filter(link=link).exists()


def test_a_second_browser_shuts_the_first(city, clock, at):
    link, token = sent(city)
    first = let_in(link, token)
    with moved_to(city.day(2) + timedelta(minutes=2)):
        let_in(link, token)

        assert first.goes().status_code == 404


def test_a_guest_stands_nowhere_in_another_case_of_the_same_house(city, holder_of):
    mine, other = city.come_to("in_force"), city.come_to("in_force")
    demand = city.presented(other)
    paper = keep_file(PDF, "别的.pdf", city.beneficiary.organisation, city.beneficiary, city.day(2), subject=demand)
    holder = holder_of(mine)
    guest = Guest.of(holder.link)
    at = city.day(2)

    with pytest.raises(NotPermitted):
        release_guarantee(now_of(other), by=guest, at=at, reason="不是我的")
    with pytest.raises(NotPermitted):
        present_demand(now_of(other), amount=100, statement=STATEMENT, payee=PAYEE, by=guest, at=at)
    asked = [
        f"claims/{demand.reference}/", f"files/{other.letter.file.reference}/", f"files/{paper.reference}/",
        f"claims/{demand.reference}/notice/",
    ]  # fmt: skip
    assert [holder.goes(path).status_code for path in asked] == [404] * 4
    withdrawn = holder.does(f"claims/{demand.reference}/withdraw/", version=demand.version, reason="不是我的")
    assert withdrawn.status_code == 404
    elsewhere = sent(city, other, phone="13700000000")[0]
    assert Holder(holder.browser, elsewhere).goes().status_code == 404  # the cookie is of one link


def test_revoked_wrong_and_expired_tokens_get_one_and_the_same_page(city, clock):
    link, revoked = sent(city)
    revoke(link, reason="换人了。", by=city.signer, at=city.day(2))
    _late, expired = sent(city, at=city.day(2) - timedelta(days=100), phone="13700000000")

    answers = [Client().get(f"/l/{token}/") for token in (revoked, expired, "nonsense", "x" * 32)]

    pages = {answer.content.decode().replace(answer.wsgi_request.path, "") for answer in answers}
    stripped = {"".join(line for line in page.splitlines() if "csrfmiddlewaretoken" not in line) for page in pages}
    assert {answer.status_code for answer in answers} == {404}
    assert len(stripped) == 1
    assert "向保证人要一个新的" in stripped.pop()


def test_revoking_closes_the_page_that_is_open(city, holder_of):
    case = city.come_to("in_force")
    holder = holder_of(case)

    revoke(holder.link, reason="换人了。", by=city.beneficiary, at=city.day(2))

    assert holder.does("do/release/", version=case.version, reason="我还在。").status_code == 404
    assert now_of(case).state == "in_force"


def test_the_owner_of_the_phone_renews_what_ran_out_and_nobody_else(city, clock):
    link, token = sent(city, at=city.day(2) - timedelta(days=100))
    other = Client()

    asked_by_other = other.post(f"/l/{token}/", {"phone": "13700000000", "send": "1"})
    silent = SandboxMessage.objects.filter(phone="13700000000").exists()
    owner = Client()
    asked = owner.post(f"/l/{token}/", {"phone": PHONE, "send": "1"})
    done = owner.post(f"/l/{token}/", {"phone": PHONE, "code": code_sent()}, follow=True)

    fresh = Link.objects.get(state="live")
    link.refresh_from_db()
    assert (asked_by_other.status_code, silent, asked.status_code) == (404, False, 404)
    assert (done.status_code, link.state, link.successor) == (200, "renewed", fresh)
    assert (fresh.vouched_by, fresh.sent_by) == (city.signer, city.signer)
    assert token_in(last_sms()) != token
    assert Client().get(f"/l/{token_in(last_sms())}/").status_code == 200


def test_a_revoked_link_is_not_renewed(city, clock):
    link, token = sent(city, at=city.day(2) - timedelta(days=100))
    revoke(link, reason="换人了。", by=city.signer, at=city.day(2))
    before = SandboxMessage.objects.count()

    Client().post(f"/l/{token}/", {"phone": PHONE, "send": "1"})

    assert SandboxMessage.objects.count() == before


def test_no_link_before_the_bids_are_opened(city, at):
    secret = now_of(city.in_force("bid"))

    with pytest.raises(NotNow):
        send_to_person(secret, name="王芳", phone=PHONE, by=city.signer, at=city.day(1))
    secret.beneficiary.phone = PHONE
    with pytest.raises(NotNow):
        send_at_issue(secret, at=city.day(1))
    link, token = sent(city, secret, at=city.opens_at + timedelta(hours=1))
    with moved_to(city.opens_at + timedelta(hours=2)):
        assert Client().get(f"/l/{token}/").status_code == 200
    type(secret.project).objects.filter(pk=secret.project_id).update(opens_at=city.day(30))
    with moved_to(city.opens_at + timedelta(hours=2)):
        assert Client().get(f"/l/{token}/").status_code == 404
    assert link.state == "live"


@pytest.mark.parametrize("whose", ["signer", "applicant", "reviewer"])
def test_the_phone_may_not_be_one_of_those_who_send(city, whose):
    case = city.come_to("in_force")
    person = getattr(city, whose)
    User.objects.filter(pk=person.user_id).update(phone=PHONE)
    for by in (city.signer, city.applicant):
        with pytest.raises(Invalid) as refused:
            send_to_person(case, name="王芳", phone=PHONE, by=Member.objects.get(pk=by.pk), at=city.day(2))
        assert "phone" in refused.value.fields


def test_a_phone_that_became_the_senders_since_opens_nothing(city, clock):
    _link, token = sent(city)
    User.objects.filter(pk=city.reviewer.user_id).update(phone=PHONE)

    assert Client().post(f"/l/{token}/", {"send": "1"}).status_code == 403
    assert not SandboxMessage.objects.filter(phone=PHONE, text__contains="验证码 ").exists()


def test_what_the_applicant_sends_disposes_of_nothing_until_the_guarantor_vouches(city, holder_of):
    case = city.come_to("in_force")
    holder = holder_of(case, by=city.applicant)

    refused = holder.does("do/release/", version=case.version, reason="竣工验收合格。")
    page = holder.sees()
    with pytest.raises(NotPermitted):
        vouch(Link.objects.get(), by=city.applicant, at=city.day(2))
    vouch(Link.objects.get(), by=city.signer, at=city.day(2))
    done = holder.does("do/release/", version=case.version, reason="竣工验收合格。")

    assert (refused.status_code, done.status_code) == (403, 302)
    assert "收件人还没有核实" in page
    assert holder.link.vouched_by is None
    assert now_of(case).state == "released"


@pytest.mark.parametrize("who", ["reviewer", "beneficiary", "bank", "rival", "department"])
def test_others_send_none(city, who, clock, sign_in):
    case = city.come_to("in_force")

    answer = sign_in(getattr(city, who)).post(
        f"/guarantees/{case.reference}/link/new/", {"name": "王芳", "phone": PHONE}
    )

    assert answer.status_code in (403, 404)
    assert not Link.objects.exists()


def test_what_was_typed_wrong_is_said_at_the_field_and_kept(city, clock, sign_in):
    case = city.come_to("in_force")

    answer = sign_in(city.signer).post(f"/guarantees/{case.reference}/link/new/", {"name": "王芳", "phone": "12"})

    page = answer.content.decode()
    assert answer.status_code == 422
    assert "王芳" in page
    assert "手机号是 1 开头的 11 位数字" in page


def test_nobody_is_flooded(city):
    case = city.come_to("in_force")
    for _n in range(5):
        sent(city, case)

    with pytest.raises(NotNow):
        sent(city, case)
    for link in Link.objects.all():
        revoke(link, reason="发错了。", by=city.signer, at=city.day(2))
    with pytest.raises(NotNow):
        sent(city, case)
    assert sent(city, case, at=city.day(4))[0].state == "live"


def test_where_no_sms_goes_out_none_is_sent(city, settings):
    settings.CODE_CHANNEL = ""
    with pytest.raises(NotNow):
        send_to_person(city.come_to("in_force"), name="王芳", phone=PHONE, by=city.signer, at=city.day(2))
