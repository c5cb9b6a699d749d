"""Journey: an award from the platform that publishes it to the manager's open screen and the drafted letter."""

import pytest
from playwright.sync_api import expect

from journeys.conftest import PHONE, SignIn
from journeys.person import ENTERPRISE, GUARANTOR, INSTITUTION, Person

WORK = "云湖东岸截污管网工程"


@pytest.mark.req("BH-11", "BH-13", "BH-15", "BH-16", "FS-16")
def test_from_a_platforms_page_to_the_managers_screen_and_the_drafted_letter(sign_in: SignIn) -> None:
    manager = sign_in("manager")
    expect(manager.locator("[data-live-state]")).to_have_text("实时")
    manager.evaluate("() => { window.untouched = true; }")
    operator = Person(sign_in("operator"))

    operator.page.goto("/demo/platforms/")
    for label, text in (
        ("项目名称", WORK), ("项目编号", "YHDA-2026-017"), ("招标人", INSTITUTION), ("中标人", ENTERPRISE),
        ("中标价", "21,500,000"),
    ):  # fmt: skip
        operator.write(label, text)
    operator.press("让平台发布")
    operator.sees("平台已发布")
    operator.press("云州公共资源交易网", "link")
    operator.press("立即采集")

    award = manager.locator("[data-live-awards] li", has_text=WORK)
    expect(award).to_contain_text(ENTERPRISE)
    expect(award).to_contain_text("2,150 万元")
    expect(award).to_contain_text("¥2,150,000.00")  # a tenth, as the notice asks
    assert manager.evaluate("() => window.untouched")  # the page was never loaded again
    phone = sign_in("manager", size=PHONE)
    phone.goto("/tenders/waiting/")
    expect(phone.locator("li[data-award]", has_text=WORK)).to_be_visible()

    award.get_by_role("button", name="发起履约保函").click()

    person = Person(manager)
    person.sees(WORK)
    person.sees("2,150,000.00")
    person.sees(INSTITUTION)
    assert GUARANTOR in manager.content()
