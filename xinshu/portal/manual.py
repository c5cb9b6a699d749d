"""The manual: docs/manual/*.md, one page per role, turned into HTML without any raw HTML in between."""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup


@dataclass(frozen=True)
class Page:
    """One page of the manual: its file, for whom it is, what it is about."""

    slug: str
    label: str | Promise
    about: str | Promise
    icon: str
    roles: tuple[str, ...] = ()


PAGES = (
    Page("verification", _("公众查验"), _("不登录，核对一份保函的真伪"), "shieldok"),
    Page("offline", _("离线核验"), _("不经平台，核对签章、存证和状态"), "shieldok"),
    Page("applicant", _("申请人"), _("注册、申请、补正、缴费、取函"), "doc", ("applicant",)),
    Page("manager", _("担保机构客户经理"), _("代客户申请、跟进、登记项目"), "user", ("manager",)),
    Page("reviewer", _("复审"), _("审批、退回补正、拒绝承保"), "check", ("reviewer", "director")),
    Page("signer", _("签发人"), _("签发保函及其后果"), "edit", ("signer",)),
    Page("beneficiary", _("受益人"), _("收函、核对、解除担保"), "law", ("beneficiary",)),
    Page("claims", _("索赔与追偿"), _("索赔、审核、拒付、付款、止付、追偿"), "law", ("examiner", "finance")),
    Page("billing", _("发票与对账"), _("开票、红冲、对账单、流水勾对"), "coin"),
    Page("department", _("主管部门"), _("查看辖区保函"), "flag", ("department",)),
    Page("issuer", _("银行与保险机构"), _("账号与目前可用的功能"), "coin", ("bank", "insurer")),
    Page("orgadmin", _("机构管理员"), _("接口客户端、事件推送、缺人的审批"), "link", ("orgadmin",)),
    Page("operator", _("平台运营"), _("审核注册申请"), "users", ("operator",)),
    Page("sysadmin", _("系统管理员"), _("任务投递与用户锁定"), "redo", ("sysadmin",)),
    Page("secadmin", _("安全管理员"), _("账号安全"), "lock", ("secadmin",)),
    Page("auditor", _("审计管理员"), _("操作日志与存证核验"), "clock", ("auditor",)),
)
BY_SLUG = {page.slug: page for page in PAGES}


@dataclass(frozen=True)
class Text:
    """A page ready to show: its title, its sections as (anchor, heading), its HTML."""

    title: str
    sections: tuple[tuple[str, str], ...]
    html: Markup


def folder() -> Path:
    """Return where the manual's files are."""
    return Path(__file__).resolve().parents[2] / "docs" / "manual"


@cache
def read(slug: str) -> Text | None:
    """Return the manual page `slug`, None when there is none."""
    if slug not in BY_SLUG:
        return None
    path = folder() / f"{slug}.md"
    return render(path.read_text("utf-8")) if path.exists() else None


def render(source: str) -> Text:
    """Turn Markdown into a page. Raw HTML is shown as text; the first heading becomes the title."""
    markdown = MarkdownIt("commonmark", {"html": False}).enable("table")
    wrap_tables(markdown)
    tokens = markdown.parse(source)
    title = ""
    sections: list[tuple[str, str]] = []
    for index, token in enumerate(tokens):
        if token.type == "heading_open":
            words = tokens[index + 1].content
            if token.tag == "h1" and not title:
                title = words
            elif token.tag == "h2":
                anchor = f"s{len(sections) + 1}"
                token.attrSet("id", anchor)
                sections.append((anchor, words))
        for child in token.children or ():
            _lead_to_page(child)
    if title and tokens[0].tag == "h1":
        tokens = tokens[3:]
    html = markdown.renderer.render(tokens, markdown.options, {})
    return Text(title, tuple(sections), Markup(html))  # noqa: S704 -- MarkdownIt escapes; raw HTML is off


def wrap_tables(markdown: MarkdownIt) -> None:
    """Let tables scroll in a frame of their own."""
    markdown.add_render_rule("table_open", _table_open)
    markdown.add_render_rule("table_close", _table_close)


def _lead_to_page(token: Token) -> None:
    href = str(token.attrGet("href") or "")
    if token.type == "link_open" and href.endswith(".md") and href[:-3] in BY_SLUG:
        token.attrSet("href", f"/help/{href[:-3]}/")


def _table_open(renderer: Any, tokens: list[Token], index: int, options: Any, env: Any) -> str:
    return '<div class="tblwrap" tabindex="0" role="region" aria-label="表"><table class="tbl">\n'


def _table_close(renderer: Any, tokens: list[Token], index: int, options: Any, env: Any) -> str:
    return "</table></div>\n"
