"""Journey: the four kinds that the others do not walk, each from its project to its end, seen by everybody concerned.

With XINSHU_SHOTS=folder what each person sees at each station is kept as pictures, at a desk and on a phone.
"""

import os
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import expect

from journeys.conftest import DESKTOP, PHONE, Open, SignIn
from journeys.person import ENTERPRISE, GUARANTOR, INSTITUTION, Person

SHOTS = os.environ.get("XINSHU_SHOTS", "")
LABOUR = "云州市人力资源和社会保障局"
CONTRACT = {"施工合同价款": "20,000,000", "合同价款出处": "施工合同"}


@dataclass(frozen=True)
class Walk:
    """One kind: what its project must say, its papers, and whom it protects. `by`: who applies."""

    kind: str
    facts: dict[str, str]
    papers: tuple[str, ...]
    amount: str  # what the wizard proposes, in 元
    by: str = "applicant"
    applicant: str = ""  # for whom a manager applies
    beneficiary: str = INSTITUTION


WALKS = (
    Walk("工程款支付保函", CONTRACT, ("施工合同",), "2,000,000.00", "manager", INSTITUTION, ENTERPRISE),
    Walk(
        "工程质量保函",
        {
            "工程结算总额": "19,000,000", "结算总额出处": "竣工结算书", "缺陷责任期": "24",
            "竣工验收日期": f"{date.today() - timedelta(days=20)}",  # noqa: DTZ011  a day that a person types
        },
        ("竣工验收证明", "工程结算文件"), "570,000.00",
    ),
    Walk(
        "农民工工资保函", {**CONTRACT, "人力资源社会保障部门": LABOUR}, ("施工合同",), "400,000.00", beneficiary=LABOUR
    ),
    Walk(
        "预付款保函", {**CONTRACT, "预付款金额": "2,000,000", "预付款出处": "专用合同条款"},
        ("施工合同",), "2,000,000.00",
    ),
)  # fmt: skip


@pytest.mark.parametrize("walk", WALKS, ids=lambda walk: walk.kind)
def test_a_kind_walks_from_its_project_to_its_end(walk: Walk, sign_in: SignIn, open_page: Open, tmp_path: Path) -> None:
    applicant = Person(sign_in(walk.by))
    applicant.register_project(f"云湖片区配套工程 {walk.kind}", facts=walk.facts)
    applicant.enter_award(ENTERPRISE, "20,000,000")
    keep(applicant, walk, "project")
    applicant.begin_application(walk.kind, guarantor="" if walk.applicant else GUARANTOR, applicant=walk.applicant)
    applicant.press("下一步：保函要素", "link")
    expect(applicant.page.get_by_label("保函金额", exact=True)).to_have_value(walk.amount)
    keep(applicant, walk, "terms")
    applicant.press("保存，下一步：上传材料")
    for paper in walk.papers:
        applicant.choose("材料", paper)
        applicant.hand_in(f"{paper}.png", applicant.page.screenshot(), "上传并保存")
        applicant.sees("已保存")
    applicant.press("下一步：确认提交", "link")
    keep(applicant, walk, "confirm")
    applicant.press("提交申请")
    applicant.page.wait_for_url(lambda url: "/apply/" not in url)
    expect(applicant.page.locator(".pagehead .chip")).not_to_have_text("自动审查中")
    case = applicant.page.url
    if applicant.page.locator(".pagehead .chip").inner_text() == "审批中":
        keep(applicant, walk, "in-review")
        reviewer = Person(sign_in("reviewer"))
        reviewer.page.goto(case)
        keep(reviewer, walk, "to-review")
        reviewer.agree("审批通过", "材料齐全，同意承保。")
        applicant.page.reload()
    applicant.sees_state("待缴费")
    applicant.pay("余额充足")
    applicant.sees_state("待签发")

    signer = Person(sign_in("signer"))
    signer.page.goto(case)
    keep(signer, walk, "to-issue")
    signer.agree("签发保函")
    signer.sees_state("在保")
    signer.sees(walk.beneficiary)
    keep(signer, walk, "issued")
    number = signer.page.locator(".crumb [aria-current]").inner_text()
    applicant.page.reload()
    code = applicant.fact("验证码")
    assert applicant.download("下载电子函", tmp_path / "letter.pdf").startswith(b"%PDF-")

    stranger = Person(open_page())
    stranger.page.goto(f"/verify/{number}/?code={code}")
    stranger.told("真实有效")
    stranger.sees(walk.kind)
    keep(stranger, walk, "verified")
    if walk.beneficiary == INSTITUTION:
        beneficiary = Person(sign_in("beneficiary"))
        beneficiary.page.goto(case)
        keep(beneficiary, walk, "beneficiary")
        beneficiary.agree("解除担保", "约定的义务已经履行完毕。")
        beneficiary.sees_state("已解保")
        stranger.page.reload()
        stranger.told("已解保")
    for role in ("department", "examiner", "finance"):
        other = Person(sign_in(role))
        other.page.goto(case)
        expect(other.page.locator(".pagehead .chip")).to_be_visible()
        keep(other, walk, role)


def keep(person: Person, walk: Walk, station: str) -> None:
    """Keep what the person sees, as pictures for those who want to look."""
    if not SHOTS:
        return
    for width, height in (PHONE, DESKTOP):
        person.page.set_viewport_size({"width": width, "height": height})
        path = Path(SHOTS) / f"{walk.kind}-{station}-{width}.png"
        person.page.screenshot(path=path, full_page=True, animations="disabled")
