"""A person at a page: presses what it says on it, fills in what a label asks for, waits for what should come."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from zlib import crc32

from playwright.sync_api import FilePayload, Locator, Page, expect

PASSWORD = "xinshu-demo"  # of every demo account
GUARANTOR = "云州融信融资担保有限公司"
ENTERPRISE = "云州恒达路桥工程有限公司"
GROUP = "云州市政建设集团有限公司"  # another customer of the guarantor, for whom its manager applies
INSTITUTION = "云州临港新区建设管理中心"


@dataclass(frozen=True)
class Person:
    """Somebody with a page before them; on a phone they tap."""

    page: Page
    taps: bool = False

    def press(self, words: str, role: str = "button", within: Locator | None = None) -> None:
        """Press the button (or link, ...) that says `words`."""
        place = within or self.page
        found = place.get_by_role(role, name=words, exact=True).and_(self.page.locator(":visible")).first  # type: ignore[arg-type]
        found.tap() if self.taps else found.click()

    def write(self, label: str, text: str) -> None:
        """Fill in the field called `label`."""
        self.page.get_by_label(label, exact=True).fill(text)

    def choose(self, label: str, option: str) -> None:
        """Choose `option` in the list called `label`."""
        self.page.locator("select").and_(self.page.get_by_label(label, exact=True)).select_option(label=option)

    def sees(self, words: str) -> None:
        """Wait until `words` are on the page."""
        expect(self.page.get_by_text(words).and_(self.page.locator(":visible")).first).to_be_visible()

    def sees_state(self, words: str) -> None:
        """Wait until the case on the page is in the state called `words`: nobody reloads by hand."""
        expect(self.page.locator(".pagehead .chip")).to_have_text(words)

    def fact(self, label: str) -> str:
        """Read what stands beside `label` among the facts."""
        row = self.page.locator(".facts > div").filter(has=self.page.locator("dt", has_text=label)).first
        return row.locator("dd").inner_text().strip()

    def agree(self, verb: str, reason: str = "") -> None:
        """Press `verb`, give the reason that the dialog asks for, and press it again there."""
        self.press(verb)
        dialog = self.page.locator("dialog[open]")
        if reason:
            dialog.locator("textarea").fill(reason)
        self.press(verb, within=dialog)

    def signs_in(self, name: str) -> None:
        """Fill in the sign-in form that is before them; ends where they were going."""
        self.page.locator("input[name=username]").fill(name)
        self.page.locator("input[name=password]").fill(PASSWORD)
        self.page.locator("input[name=password]").press("Enter")
        self.page.wait_for_url(lambda url: "/sign-in/" not in url)

    def register_project(
        self, name: str, *, estimate: str = "", opens_at: str = "", facts: Mapping[str, str] | None = None
    ) -> None:
        """Register a project whose buyer is the demo's institution, `facts` by label; ends on the project's page."""
        self.page.goto("/projects/new/")
        self.write("项目名称", name)
        self.write("招标（标段）编号", f"XC-{crc32(name.encode()):08x}")
        self.write("建设单位（招标人）", INSTITUTION)
        self.write("行政区划代码", "339900")
        self.write("工期", "300")
        if estimate:
            self.write("招标项目估算价", estimate)
            self.write("估算价出处", "招标公告第 2 条")
            self.write("开标时间", opens_at)
            self.write("投标有效期", "90")
        for label, text in (facts or {}).items():
            self.write(label, text)
        self.press("登记项目")
        self.page.wait_for_url(lambda url: "/new/" not in url)

    def enter_award(self, winner: str, amount: str) -> None:
        """Enter who won the project on the page, and for how much."""
        self.press("登记中标结果", "link")
        self.write("中标人（联合体填牵头单位）", winner)
        self.write("中标金额", amount)
        self.write("金额出处", "中标通知书")
        self.press("登记中标结果")
        self.page.wait_for_url(lambda url: "/award/" not in url)

    def begin_application(self, kind: str, *, guarantor: str = "", applicant: str = "") -> None:
        """Begin a guarantee for the project on the page; ends at the record that the application reuses."""
        self.press("申请保函", "link", within=self.page.locator(".pagehead, .acts.bar").first)
        self.page.get_by_label(kind, exact=True).check()
        if guarantor:
            self.choose("保证人", guarantor)
        if applicant:
            self.choose("申请人", applicant)
        self.press("下一步：核对企业资料")
        self.sees("沿用")

    def finish_application(self, amount: str = "") -> None:
        """Walk from the record to the submission, taking what the wizard proposes; ends on the case's page."""
        self.press("下一步：保函要素", "link")
        if amount:
            self.write("保函金额", amount)
        self.press("保存，下一步：上传材料")
        self.page.wait_for_url("**/files/")
        self.press("下一步：确认提交", "link")
        self.page.wait_for_url("**/confirm/")
        self.press("提交申请")
        self.page.wait_for_url(lambda url: "/apply/" not in url)

    def pay(self, account: str) -> None:
        """Pay the fee from one of the sandbox's accounts."""
        self.choose("付款账户", f"沙箱账户 · {account}")
        with self.page.expect_navigation():  # the channel's answer may be told before the page has turned
            self.page.get_by_role("button", name="支付").click()

    def download(self, words: str, to: Path) -> bytes:
        """Press the link that says `words` and return the file that comes, kept under `to`."""
        with self.page.expect_download() as coming:
            self.press(words, "link")
        coming.value.save_as(to)
        return to.read_bytes()

    def hand_in(self, name: str, content: bytes, press: str) -> None:
        """Choose a file in the page's drop area, and send it off."""
        mime = "application/pdf" if name.endswith(".pdf") else "image/png"
        file: FilePayload = {"name": name, "mimeType": mime, "buffer": content}
        self.page.locator("input[type=file]").set_input_files(file)
        self.press(press)

    def verify_file(self, name: str, content: bytes) -> None:
        """Upload a letter to the public check."""
        self.page.goto("/verify/")
        self.hand_in(name, content, "上传并查验")

    def told(self, verdict: str) -> None:
        """Wait for the verdict of the public check."""
        expect(self.page.locator(".verdict h1")).to_have_text(verdict)
