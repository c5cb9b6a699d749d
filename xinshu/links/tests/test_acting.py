"""Stories: what the beneficiary's person does by a link, with the phone and no account."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from xinshu.claims.models import Demand
from xinshu.claims.tests.city import PDF, STATEMENT
from xinshu.core.money import yuan
from xinshu.guarantees.actions.amendments import issue_amendment, offer_amendment, propose_amendment
from xinshu.guarantees.actions.reductions import ask_reduction
from xinshu.guarantees.models import Amendment, ContractChange
from xinshu.guarantees.tests.city import WAN, stand_in
from xinshu.ledger.models import Entry
from xinshu.links.models import Receipt, Visit
from xinshu.links.tests.conftest import now_of

LABEL = "王芳（云州临港新区建设管理中心）· 办理链接 139****1234"


def acts_of(link) -> list[tuple[str, str]]:
    found = Entry.objects.filter(actor_key=f"link:{link.pk}").exclude(kind__startswith="file.").order_by("pk")
    assert {entry.actor_label for entry in found} == {LABEL}
    return [entry.kind for entry in found]


def test_the_letter_is_read_taken_and_acknowledged(city, holder_of):
    case = city.come_to("in_force")
    holder = holder_of(case)

    page = holder.sees()
    letter = holder.goes(f"files/{case.letter.file.reference}/")
    done = holder.does("do/acknowledge/")
    again = holder.does("do/acknowledge/")

    assert yuan(case.amount) in page
    assert case.applicant.name in page
    assert b"".join(letter).startswith(b"%PDF") if letter.streaming else letter.content.startswith(b"%PDF")
    assert (done.status_code, again.status_code) == (302, 409)
    assert Receipt.objects.get(guarantee=case).by_label == LABEL
    assert LABEL in holder.sees()
    assert acts_of(holder.link) == ["link.opened", "guarantee.acknowledged"]


def offered(city, case) -> Amendment:
    amendment = propose_amendment(
        case, new_amount=case.amount - 20 * WAN, reason="合同价款调减。", by=city.applicant, at=city.at
    )
    amendment = issue_amendment(amendment, by=city.signer, at=city.at)
    return offer_amendment(amendment, stand_in(case, city.at), values={}, at=city.at)


def test_an_amendment_is_accepted_as_a_whole(city, holder_of):
    case = city.come_to("in_force")
    amendment = offered(city, now_of(case))
    holder = holder_of(now_of(case))

    page = holder.sees()
    done = holder.does(f"changes/{amendment.reference}/accept/", version=amendment.version)

    assert "须整体接受" in page
    assert done.status_code == 302
    assert now_of(case).amount == case.amount - 20 * WAN
    assert acts_of(holder.link) == ["link.opened", "amendment.accepted", "guarantee.amended"]


def test_partly_accepting_is_refusing_and_says_why(city, holder_of):
    case = city.come_to("in_force")
    amendment = offered(city, now_of(case))
    holder = holder_of(now_of(case))

    nameless = holder.does(f"changes/{amendment.reference}/reject/", version=amendment.version)
    done = holder.does(f"changes/{amendment.reference}/reject/", version=amendment.version, reason="只同意改名称。")

    amendment.refresh_from_db()
    assert (nameless.status_code, done.status_code) == (422, 302)
    assert amendment.state == "rejected"
    assert now_of(case).amount == case.amount


def test_a_reduction_is_confirmed(city, holder_of):
    case = city.come_to("in_force")
    asked = ask_reduction(
        case, amount=30 * WAN, reason="已完成一半。", content=PDF, name="证明.pdf", by=city.applicant, at=city.at
    )
    holder = holder_of(now_of(case))

    paper = holder.goes(f"files/{asked.document.reference}/")
    done = holder.does(f"changes/{asked.reference}/confirm/", version=asked.version)

    assert (paper.status_code, done.status_code) == (200, 302)
    assert now_of(case).amount == case.amount - 30 * WAN


def test_the_guarantor_is_let_go(city, holder_of):
    case = city.come_to("in_force")
    holder = holder_of(case)

    done = holder.does("do/release/", version=case.version, reason="竣工验收合格。")
    page = holder.sees()
    over = holder.does("do/release/", version=now_of(case).version, reason="再来一次。")

    assert (done.status_code, over.status_code) == (302, 409)
    assert now_of(case).state == "released"
    assert "这份保函已结束" in page
    assert "do/release/" not in page
    assert "claim/" not in page


def test_a_change_of_the_contract_is_reported(city, holder_of):
    case = city.come_to("in_force")
    holder = holder_of(case)
    told = {"version": case.version, "effect": "aggravate", "amount": "100000", "reason": "工程量增加。"}

    short = holder.does("contract-change/", **told)
    effect = ContractChange._meta.get_field("effect").choices[0][0]
    done = holder.does("contract-change/", **told | {"effect": effect, "file": SimpleUploadedFile("协议.pdf", PDF)})

    assert (short.status_code, done.status_code) == (422, 302)
    assert "工程量增加" in short.content.decode()
    assert ContractChange.objects.get(guarantee=case).document.owner == case.beneficiary


def demanded(holder, case, **facts):
    usual = {
        "amount": yuan(case.amount // 2), "statement": STATEMENT, "payee_name": case.beneficiary.name,
        "payee_bank": "云州银行临港支行", "payee_account": "62170000001001",
        "files": SimpleUploadedFile("停工证明.pdf", PDF),
    }  # fmt: skip
    answer = holder.does("claim/", **usual | facts)
    return answer, Demand.objects.filter(guarantee=case).order_by("-pk").first()


def test_a_claim_is_presented_with_papers_and_followed(city, holder_of):
    case = city.come_to("in_force")
    holder = holder_of(case)

    wrong, nothing = demanded(holder, case, statement="短")
    answer, demand = demanded(holder, case)
    page = holder.sees(f"claims/{demand.reference}/")
    paper = holder.goes(f"files/{demand.papers.get().file.reference}/")
    withdrawn = holder.does(f"claims/{demand.reference}/withdraw/", version=demand.version, reason="已和解。")

    assert (wrong.status_code, nothing) == (422, None)
    assert "云州银行临港支行" in wrong.content.decode()
    assert (answer.status_code, paper.status_code, withdrawn.status_code) == (302, 200, 302)
    assert "审核中" in page
    assert demand.due_on.isoformat() in page or f"{demand.due_on.month}" in page
    assert acts_of(holder.link)[:3] == ["link.opened", "guarantee.reserved", "claim.presented"]


def test_papers_come_later_and_complete_it(city, holder_of):
    case = city.come_to("in_force")
    holder = holder_of(case)
    _answer, demand = demanded(holder, case, later="on", to_complete="停工证明", statement="")

    attached = holder.does(
        f"claims/{demand.reference}/attach/", version=demand.version, file=SimpleUploadedFile("证明.pdf", PDF)
    )
    demand.refresh_from_db()
    done = holder.does(f"claims/{demand.reference}/complete/", version=demand.version, statement=STATEMENT)

    demand.refresh_from_db()
    assert (attached.status_code, done.status_code, demand.state) == (302, 302, "examining")


def test_a_refusal_notice_is_read_and_taken_away(city, holder_of):
    demand = city.demand_in("refused")
    holder = holder_of(demand.guarantee)

    page = holder.sees(f"claims/{demand.reference}/")
    notice = holder.goes(f"claims/{demand.reference}/notice/")

    text = notice.content.decode()
    assert demand.notice.number in page
    assert notice["Content-Disposition"].startswith("attachment")
    assert "没有提交经监理确认的停工证明" in text
    assert demand.notice.digest in text


def test_an_account_that_comes_later_finds_what_was_done_by_the_link(city, holder_of, sign_in):
    case = city.come_to("in_force")
    holder_of(case).does("do/acknowledge/")

    page = sign_in(city.beneficiary).get(f"/guarantees/{case.reference}/").content.decode()

    assert "受益人签收函件" in page
    assert LABEL in page
    assert page.count("凭验证码打开") == 1


def test_an_account_acknowledges_too(city, clock, sign_in):
    case = city.come_to("in_force")

    stranger = sign_in(city.applicant).post(f"/guarantees/{case.reference}/link/received/")
    done = sign_in(city.beneficiary).post(f"/guarantees/{case.reference}/link/received/")

    assert (stranger.status_code, done.status_code) == (403, 302)
    assert Receipt.objects.get(guarantee=case).by_label == city.beneficiary.actor_label


@pytest.mark.parametrize("way", ["leave", "rest", "revoked elsewhere"])
def test_a_visit_ends(city, holder_of, way):
    from datetime import timedelta

    case = city.come_to("in_force")
    holder = holder_of(case)

    if way == "leave":
        assert "已退出" in holder.does("leave/").content.decode()
    elif way == "rest":
        visit = Visit.objects.get()
        Visit.objects.update(seen_at=visit.seen_at - timedelta(minutes=16))
    else:
        Visit.objects.update(ended_at=city.day(2))

    answer = holder.does("do/release/", version=case.version, reason="竣工验收合格。")
    assert answer.status_code == 404
    assert "竣工验收合格。" in answer.content.decode()  # what was typed is handed back
    assert now_of(case).state == "in_force"
