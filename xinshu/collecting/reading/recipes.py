"""A recipe (采集方法): how one platform is read. Plain data, checked in words for the person who wrote it."""

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from typing import Any
from urllib.parse import urlsplit

import jmespath
from cssselect import SelectorError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from jmespath.exceptions import JMESPathError
from lxml.cssselect import CSSSelector

HTML_LIST, JSON_API, RSS, OCDS = "html_list", "json_api", "rss", "ocds"
KINDS = {
    HTML_LIST: lazy("网页列表（HTML）"),
    JSON_API: lazy("JSON 接口"),
    RSS: lazy("RSS / Atom 订阅"),
    OCDS: lazy("OCDS 公开合同数据"),
}
PAGE = "{page}"  # where the number of the page stands in the address of the list
LONGEST = 500
MOST_PAGES = 200


@dataclass(frozen=True)
class Recipe:
    """Where the list is and what to read in it. Selectors are CSS for pages and feeds, JMESPath for JSON.

    `link`: in HTML a selector, in JSON an address with {id} or the path of one. `body`: of the notice's page; in
    JSON of the listed item, or of the notice's own document where `link` leads to one.
    """

    kind: str
    address: str
    items: str = ""
    id: str = ""
    title: str = ""
    link: str = ""
    date: str = ""
    region: str = ""
    body: str = ""
    next: str = ""
    first_page: int = 1
    pages: int = 5  # read at most in one run
    overlap_days: int = 3  # every run looks that far back again: for what comes late, and for what was edited

    @property
    def paged(self) -> bool:
        """Whether the pages of the list are counted in its address."""
        return PAGE in self.address

    def page(self, number: int) -> str:
        """Return the address of a page of the list."""
        return self.address.replace(PAGE, str(number))

    def as_data(self) -> dict[str, Any]:
        """Return it as a version keeps it."""
        return asdict(self)


NAMES = frozenset(field.name for field in fields(Recipe))
CSS_NAMES = ("items", "title", "link", "date", "body", "next")
JMES_NAMES = ("items", "id", "title", "date", "region", "body", "next")
NEEDED = {  # what a recipe of each kind cannot do without
    HTML_LIST: ("items", "body"),
    JSON_API: ("items", "id", "title", "body"),
    RSS: (),
    OCDS: (),
}


def recipe_of(data: dict[str, Any]) -> Recipe:
    """Return the recipe that a version keeps."""
    return Recipe(**{name: value for name, value in data.items() if name in NAMES})


def problems_of(recipe: Recipe) -> dict[str, str]:
    """Return what is wrong with a recipe, per field; nothing when it can be tried."""
    if recipe.kind not in KINDS:
        return {"kind": _("请选择来源类型")}
    found = {name: _("这类来源必须填写") for name in NEEDED[recipe.kind] if not getattr(recipe, name)}
    if wrong := address_problem(recipe.address.replace(PAGE, "1")):
        found["address"] = wrong
    found |= {
        name: _("不超过 %(n)d 个字符") % {"n": LONGEST}
        for name in NAMES
        if isinstance(getattr(recipe, name), str) and len(getattr(recipe, name)) > LONGEST
    }
    if recipe.kind in (HTML_LIST, RSS):
        found |= _unreadable(recipe, CSS_NAMES if recipe.kind == HTML_LIST else ("body",), CSSSelector, _("CSS 选择器"))
        if recipe.id and not _compiles(re.compile, recipe.id):
            found["id"] = _("这个正则表达式没有读懂")
    elif recipe.kind == JSON_API:
        found |= _unreadable(recipe, JMES_NAMES, jmespath.compile, _("JMESPath 表达式"))
    for name, least, most in (("first_page", 0, 1000), ("pages", 1, MOST_PAGES), ("overlap_days", 0, 90)):
        if not least <= getattr(recipe, name) <= most:
            found[name] = _("填 %(least)d 到 %(most)d") % {"least": least, "most": most}
    return found


def _unreadable(
    recipe: Recipe, names: tuple[str, ...], reads: Callable[[str], Any], what: str
) -> dict[str, str]:  # fmt: skip
    told = ((name, getattr(recipe, name)) for name in names)
    return {
        name: _("这个%(what)s没有读懂") % {"what": what} for name, text in told if text and not _compiles(reads, text)
    }


def _compiles(reads: Callable[[str], Any], text: str) -> bool:
    try:
        reads(text)
    except (SelectorError, JMESPathError, re.error, ValueError, RecursionError, OverflowError):
        return False
    return True


def address_problem(address: str) -> str:
    """Return what is wrong with the address of a list or a notice; "" when it can be asked."""
    try:
        parts = urlsplit(address)
        port = parts.port
    except ValueError:
        return _("网址没有读懂")
    if parts.scheme not in ("http", "https") or not parts.hostname or len(parts.hostname) > 240 or port == 0:
        return _("网址要以 http:// 或 https:// 开头")
    if parts.username or parts.password:
        return _("网址里不能有账号和密码")
    if len(address) > LONGEST or not address.isascii() or not address.isprintable() or " " in address:
        return _("网址不超过 500 个字符，中文和空格请写成百分号编码")
    return ""
