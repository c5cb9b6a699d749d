"""Journey: the beneficiary's person opens a link on the phone, acknowledges the letter and claims. No account."""

import re

from playwright.sync_api import Page, expect

from journeys.conftest import PATIENCE, PHONE, Open, SignIn
from journeys.looks import assert_accessible, assert_no_sideways_overflow
from journeys.person import Person

NUMBER = "13911112222"


def sms(page: Page, pattern: str) -> str:
    """Return what an SMS to the phone says at `pattern`, as soon as the demo's page shows it."""
    for _look in range(PATIENCE // 500):
        page.goto("/demo/sms/")
        if found := re.search(pattern, "\n".join(page.locator("ul.rows li").filter(has_text=NUMBER).all_inner_texts())):
            return found[1]
        page.wait_for_timeout(500)  # it is on its way
    raise AssertionError(f"no SMS to {NUMBER} says {pattern}")


def test_a_letter_is_acknowledged_and_claimed_by_a_link(sign_in: SignIn, open_page: Open) -> None:
    signer = Person(sign_in("signer"))
    signer.page.goto("/guarantees/?state=in_force&kind=performance")
    signer.page.locator("#results tbody td a").first.click()
    case = signer.page.url
    signer.press("发办理链接", "link")
    signer.write("收件人姓名", "王芳")
    signer.write("收件人手机号", NUMBER)
    signer.press("发送链接")
    signer.sees("139****2222")
    assert NUMBER not in signer.page.content()

    page = open_page(size=PHONE, has_touch=True, is_mobile=True)
    holder, letters = Person(page, taps=True), open_page(size=PHONE)
    page.goto(sms(letters, r"(/l/[\w-]+/)"))
    holder.sees("真实有效")
    assert_no_sideways_overflow(page)
    holder.press("获取验证码")
    holder.write("短信验证码", sms(letters, r"验证码 (\d{6})"))
    holder.press("打开")

    holder.sees("王芳 代")
    assert_accessible(page)
    assert_no_sideways_overflow(page)
    holder.press("签收函件")
    expect(page.get_by_text("办理链接 139****2222").and_(page.locator(":visible")).first).to_be_visible()
    holder.press("提出索赔", "link")
    holder.write("索赔金额", "10,000.00")
    holder.write("违约声明", "申请人自 2026 年 11 月 1 日起停工，经催告仍未复工，违反合同第 12 条。")
    holder.write("开户行", "云州银行临港支行")
    holder.write("收款账号", "62170000001001")
    holder.agree("提交索赔")
    holder.sees("审核中")
    assert_no_sideways_overflow(page)

    signer.page.goto(case)
    signer.sees("提出索赔")
