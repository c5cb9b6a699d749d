"""Journey: a guarantee, from the application to the public check, through everybody who has a hand in it."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from journeys.city import City
from journeys.conftest import DESKTOP, PHONE, Open, SignIn
from journeys.person import ENTERPRISE, GROUP, GUARANTOR, Person
from xinshu.core.clock import CHINA

WAYS = {"desk": (DESKTOP, {}), "phone": (PHONE, {"has_touch": True, "is_mobile": True})}


@pytest.fixture(params=WAYS)
def meet(request: pytest.FixtureRequest, sign_in: SignIn, open_page: Open) -> Callable[[str], Person]:
    """`meet("signer")`: that person at the workbench, at a desk or with a phone; "" is a stranger."""
    size, options = WAYS[request.param]

    def of(role: str) -> Person:
        page = sign_in(role, size=size, **options) if role else open_page(size=size, **options)
        return Person(page, taps=request.param == "phone")

    return of


def test_a_performance_guarantee_from_application_to_release(
    meet: Callable[[str], Person], tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    name = f"滨江路快速化改造 {request.node.callspec.id}"
    applicant, stranger = meet("applicant"), meet("")

    applicant.register_project(name)
    applicant.enter_award(ENTERPRISE, "10,000,000")
    applicant.begin_application("履约保函", guarantor=GUARANTOR)
    applicant.sees("9133****MADE")  # the record came filled in, its code covered in part
    applicant.press("下一步：保函要素", "link")
    expect(applicant.page.get_by_label("保函金额", exact=True)).to_have_value("1,000,000.00")
    applicant.press("保存，下一步：上传材料")
    applicant.choose("材料", "中标通知书")
    applicant.hand_in("中标通知书.png", applicant.page.screenshot(), "上传并保存")
    applicant.sees("已保存")
    applicant.press("下一步：确认提交", "link")
    applicant.sees("各项规则都满足")
    applicant.press("提交申请")
    applicant.sees_state("待缴费")

    applicant.pay("余额不足")
    applicant.sees("付款账户余额不足")
    applicant.pay("余额充足")
    applicant.sees_state("待签发")

    case = applicant.page.url
    signer = meet("signer")
    signer.page.goto(case)
    signer.agree("签发保函")
    signer.sees_state("在保")
    applicant.sees_state("待签发")  # a page that nobody waits at stays as it was ...
    applicant.page.reload()
    applicant.sees_state("在保")

    letter = applicant.download("下载电子函", tmp_path / "letter.pdf")
    number, code = applicant.page.locator(".crumb [aria-current]").inner_text(), applicant.fact("验证码")
    assert letter.startswith(b"%PDF-")
    assert re.fullmatch(r"LY\d{8}-\w{8}", number)

    stranger.verify_file("保函.pdf", letter)
    stranger.told("真实有效")
    stranger.page.goto("/verify/")
    stranger.write("保函编号", number)
    stranger.write("验证码", code)
    stranger.press("查验这份保函")
    stranger.told("真实有效")
    stranger.sees(ENTERPRISE)
    stranger.page.goto(f"/verify/{number}/?code={code}")  # what the QR code says
    stranger.told("真实有效")
    stranger.page.goto(f"/verify/{number}/")
    stranger.told("真实有效")
    expect(stranger.page.get_by_text(ENTERPRISE)).to_have_count(0)  # without the code names are partly covered
    changed = bytearray(letter)
    changed[len(changed) // 2] ^= 1
    stranger.verify_file("保函.pdf", bytes(changed))
    stranger.told("不是平台签发的函件")

    beneficiary = meet("beneficiary")
    beneficiary.page.goto("/notices/")
    beneficiary.page.get_by_role("button", name=re.compile(f"^收到.*{number}")).click()
    beneficiary.sees_state("在保")
    assert beneficiary.download("下载电子函", tmp_path / "received.pdf") == letter
    beneficiary.agree("解除担保", "工程竣工验收合格，同意解除。")
    beneficiary.sees_state("已解保")

    stranger.page.goto(f"/verify/{number}/?code={code}")
    stranger.told("已解保")


def test_a_bid_guarantee_exists_for_nobody_else_until_the_bids_are_opened(
    sign_in: SignIn, open_page: Open, city: City
) -> None:
    name = "白鹭洲堤防加固"
    opens_at = datetime.now(CHINA) + timedelta(days=3)
    applicant = Person(sign_in("applicant"))
    applicant.register_project(name, estimate="20,000,000", opens_at=f"{opens_at:%Y-%m-%dT%H:%M}")
    project = applicant.page.url
    applicant.begin_application("投标保函", guarantor=GUARANTOR)
    applicant.finish_application()
    applicant.sees_state("待缴费")
    applicant.pay("余额充足")
    applicant.sees_state("待签发")
    case = applicant.page.url
    signer = Person(sign_in("signer"))
    signer.page.goto(case)
    signer.agree("签发保函")
    signer.sees_state("在保")
    number = signer.page.locator(".crumb [aria-current]").inner_text()
    others = {role: Person(sign_in(role)) for role in ("beneficiary", "department")}

    for other in others.values():
        for address in (case, project):
            answer = other.page.goto(address)
            assert answer is not None
            assert answer.status == 404
        other.page.goto(f"/guarantees/?q={name}")
        other.sees("没有符合条件的保函")
        other.page.goto(f"/projects/?q={name}")
        other.sees("没有符合条件的项目")
        other.page.goto("/notices/")
        expect(other.page.get_by_text(number)).to_have_count(0)
    stranger = Person(open_page())
    stranger.page.goto(f"/verify/{number}/")
    stranger.told("没有查到这份保函")

    with city.later(days=4) as there:
        for role, other in others.items():
            other.page.goto(f"{there}/guarantees/?q={name}")
            other.signs_in(role)  # nobody stays signed in for four idle days
            other.press(number, "link")
            other.sees_state("在保")
        others["beneficiary"].page.goto(f"{there}/notices/")
        others["beneficiary"].sees(number)
        stranger.page.goto(f"{there}/verify/{number}/")
        stranger.told("真实有效")


def test_an_application_is_returned_corrected_and_approved_by_keyboard(sign_in: SignIn) -> None:
    manager, case = _in_review(sign_in, "临江大桥主桥")
    reviewer = Person(sign_in("reviewer"))
    reviewer.page.goto(case)
    reviewer.page.keyboard.press("r")
    reviewer.page.keyboard.type("请核对合同工期，金额略减。")
    reviewer.page.keyboard.press("Tab")
    reviewer.page.keyboard.press("Tab")
    reviewer.page.keyboard.press("Enter")
    reviewer.sees_state("待补正")

    manager.page.goto(case)
    expect(manager.page.get_by_text("请核对合同工期，金额略减。", exact=True).first).to_be_visible()
    manager.press("继续填写", "link")
    manager.finish_application(amount="4,000,000")
    manager.sees_state("审批中")
    reviewer.page.reload()
    reviewer.page.keyboard.press("a")
    reviewer.page.keyboard.type("资料齐全，同意承保。")
    reviewer.page.keyboard.press("Tab")
    reviewer.page.keyboard.press("Tab")
    reviewer.page.keyboard.press("Enter")

    reviewer.sees_state("待缴费")
    assert reviewer.fact("保函金额") == "¥4,000,000.00"
    reviewer.page.reload()
    expect(reviewer.page.get_by_role("button", name="审批通过")).to_have_count(0)


def test_an_application_is_declined_with_its_reason(sign_in: SignIn) -> None:
    manager, case = _in_review(sign_in, "临江大桥引桥")
    stale = Person(sign_in("reviewer"))
    stale.page.goto(case)
    reviewer = Person(sign_in("reviewer"))
    reviewer.page.goto(case)
    reviewer.agree("拒绝承保", "同一项目集中度过高。")
    reviewer.sees_state("已拒绝")

    manager.page.reload()
    manager.sees("同一项目集中度过高。")
    stale.agree("审批通过")  # from a page that has not seen it
    expect(stale.page.get_by_role("heading", level=1)).to_have_text("这笔业务刚刚被改过")
    stale.page.goto(case)
    stale.sees_state("已拒绝")


def test_an_applicant_withdraws_a_draft(sign_in: SignIn) -> None:
    applicant = Person(sign_in("applicant"))
    applicant.register_project("老城区雨污分流")
    applicant.enter_award(ENTERPRISE, "6,000,000")
    applicant.begin_application("履约保函", guarantor=GUARANTOR)
    applicant.page.goto(applicant.page.url.split("apply/")[0])

    applicant.agree("撤回申请", "项目缓建。")

    applicant.sees_state("已撤回")
    applicant.sees("项目缓建。")
    expect(applicant.page.get_by_role("link", name="继续填写")).to_have_count(0)


def _in_review(sign_in: SignIn, name: str) -> tuple[Person, str]:
    """Let the manager apply for a customer for more than rules alone may pass; return them and the case's address."""
    manager = Person(sign_in("manager"))
    manager.register_project(name)
    manager.enter_award(GROUP, "45,000,000")
    manager.begin_application("履约保函", applicant=GROUP)
    manager.finish_application()
    manager.sees_state("审批中")
    return manager, manager.page.url
