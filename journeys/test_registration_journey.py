"""Journey: a new enterprise registers, the operator approves it, and it finds its desk."""

from playwright.sync_api import expect

from journeys.conftest import Open, SignIn
from journeys.person import Person
from xinshu.core.uscc import check_digit, organisation_check_digit

NAME, USERNAME, PASSWORD = "云州新桥建设有限公司", "xinqiao", "bridge-over-calm-water"


def test_a_new_enterprise_registers_is_approved_and_signs_in(open_page: Open, sign_in: SignIn) -> None:
    body = "MAXQ0055"
    code = f"91339900{body}{organisation_check_digit(body)}"
    code += check_digit(code)
    newcomer = Person(open_page())

    newcomer.page.goto("/register/")
    newcomer.write("机构全称", NAME)
    newcomer.write("统一社会信用代码", code.replace("0", "O", 1))
    newcomer.write("姓名", "许新桥")
    newcomer.write("手机号", "12300009901")
    newcomer.write("用户名", USERNAME)
    newcomer.write("设置密码", PASSWORD)
    newcomer.page.get_by_label("我已阅读并同意").check()
    newcomer.press("提交注册申请")
    newcomer.sees(f"您要填的是不是 {code}？")
    newcomer.page.get_by_text("已满最短阅读时间").wait_for(timeout=20_000)  # the countdown goes on over a refusal
    expect(newcomer.page.get_by_label("机构全称", exact=True)).to_have_value(NAME)  # what was typed is kept
    expect(newcomer.page.get_by_label("手机号", exact=True)).to_have_value("12300009901")
    newcomer.write("统一社会信用代码", code)
    newcomer.write("设置密码", PASSWORD)
    newcomer.press("提交注册申请")
    newcomer.sees("注册申请已收到。")
    progress = newcomer.page.url

    operator = Person(sign_in("operator"))
    operator.page.goto("/registrations/")
    operator.press(NAME, "link")
    operator.sees("批准后建立新机构。")
    operator.agree("批准开通")
    operator.sees_state("已开通")

    newcomer.page.goto(progress)
    newcomer.sees("账号已开通。")
    newcomer.press("登录", "link", within=newcomer.page.locator("main"))
    newcomer.write("用户名", USERNAME)
    newcomer.write("密码", PASSWORD)
    newcomer.press("登录")
    newcomer.sees("没有等您办理的事项")
    for address, words in (
        ("/guarantees/", "还没有保函"),
        ("/projects/", "还没有项目"),
        ("/notices/", "还没有消息"),
    ):
        newcomer.page.goto(address)
        newcomer.sees(words)


def test_the_form_asks_only_what_the_kind_of_applicant_has(open_page: Open) -> None:
    newcomer = Person(open_page())
    newcomer.page.goto("/register/")

    newcomer.page.get_by_label("自然人", exact=True).check()

    newcomer.sees("以个人身份办理，不需要统一社会信用代码。")
    expect(newcomer.page.get_by_label("统一社会信用代码", exact=True)).to_have_count(0)
