"""Journey: the customer's own desk and the guarantor's people on the phone (自助门户, BH-34)."""

from pathlib import Path

import pytest

from journeys.conftest import PHONE, SignIn
from journeys.looks import overflowing
from journeys.person import ENTERPRISE, GUARANTOR, Person

ON_THE_PHONE = {"size": PHONE, "has_touch": True, "is_mobile": True}


@pytest.mark.req("BH-34")
def test_customers_help_themselves_and_the_guarantors_people_decide_on_the_phone(
    sign_in: SignIn, tmp_path: Path
) -> None:
    name = "云岭隧道养护工程"
    applicant, reviewer = Person(sign_in("applicant")), Person(sign_in("reviewer", **ON_THE_PHONE), taps=True)
    applicant.register_project(name)
    applicant.enter_award(ENTERPRISE, "40,000,000")
    applicant.begin_application("履约保函", guarantor=GUARANTOR)
    applicant.finish_application()
    applicant.sees_state("审批中")  # followed without asking anybody
    case = applicant.page.url

    reviewer.page.goto(case)
    reviewer.sees_state("审批中")
    assert not overflowing(reviewer.page)
    reviewer.press("补材料")
    dialog = reviewer.page.locator("dialog[open]")
    dialog.locator("input[name=title]").first.fill("项目经理任命书")
    dialog.locator("textarea").fill("加盖公章")
    reviewer.press("请申请人补材料", within=dialog)
    reviewer.sees_state("待补正")

    applicant.page.goto("/workbench/")
    applicant.sees("补材料：项目经理任命书")
    applicant.page.goto(case)
    applicant.press("上传", "link")
    applicant.hand_in("任命书.png", applicant.page.screenshot(), "上传并保存")
    applicant.sees("要求的材料已补齐")
    applicant.press("交回审批人")
    applicant.sees_state("审批中")

    reviewer.page.goto("/guarantees/?view=todo")
    reviewer.sees(name)
    reviewer.page.goto(case)
    reviewer.sees("已补")
    reviewer.agree("审批通过", "材料齐全，同意承保。")
    reviewer.sees_state("待缴费")
    assert not overflowing(reviewer.page)

    applicant.page.goto(case)
    applicant.pay("余额充足")
    applicant.sees_state("待签发")
    signer = Person(sign_in("signer", **ON_THE_PHONE), taps=True)
    signer.page.goto(case)
    signer.agree("签发保函")
    signer.sees_state("在保")
    assert not overflowing(signer.page)
    applicant.page.goto(case)
    applicant.sees_state("在保")
    assert applicant.download("下载电子函", tmp_path / "letter.pdf").startswith(b"%PDF-")
