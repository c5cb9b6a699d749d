"""Lists and notices that are web pages: rows and texts by CSS selectors."""

import re

from lxml import etree
from lxml import html as lxml_html
from lxml.cssselect import CSSSelector
from lxml.html import HtmlElement

from xinshu.collecting.reading.lists import Listed, ListPage, Page, Unreadable, absolute, identity, moment_of, page_of
from xinshu.collecting.reading.recipes import Recipe


class Html:
    """A list of rows, each with a link to the page of its notice."""

    def list_of(self, page: Page, recipe: Recipe) -> ListPage:
        """Return the rows that `recipe.items` finds."""
        tree, listed, broken = tree_of(page), [], 0
        for row in CSSSelector(recipe.items)(tree):
            one = _listed(row, page, recipe)
            broken += one is None
            if one is not None:
                listed.append(one)
        following = _first(tree, recipe.next)
        href = following.get("href", "") if following is not None else ""
        return page_of(listed, next=absolute(page.address, href) if href else "", broken=broken)

    def body_of(self, page: Page, recipe: Recipe) -> str:
        """Return the part of the page that `recipe.body` finds."""
        return part_of(page, recipe.body)


def tree_of(page: Page) -> HtmlElement:
    """Return the page as a tree. Raises Unreadable for what is none."""
    text = re.sub(r"^\s*<\?xml[^>]*\?>", "", page.text.replace("\0", ""))
    try:
        found = lxml_html.fromstring(text)
    except (etree.ParserError, ValueError) as error:
        raise Unreadable(str(error)) from None
    return found


def part_of(page: Page, selector: str) -> str:
    """Return the elements that `selector` finds as HTML, the whole page where there is no selector; "" for nothing."""
    tree = tree_of(page)
    found = CSSSelector(selector)(tree) if selector else [tree]
    return "\n".join(str(lxml_html.tostring(one, encoding="unicode", with_tail=False)) for one in found)


def _first(tree: HtmlElement, selector: str) -> HtmlElement | None:
    found = CSSSelector(selector)(tree) if selector else []
    return found[0] if found else None


def _text(element: HtmlElement | None) -> str:
    return " ".join(element.text_content().split()) if element is not None else ""


def _listed(row: HtmlElement, page: Page, recipe: Recipe) -> Listed | None:
    link = _first(row, recipe.link or "a[href]")
    if link is None and row.tag == "a":
        link = row
    href = link.get("href", "") if link is not None else ""
    address = absolute(page.address, href) if href else ""
    titled = _first(row, recipe.title) if recipe.title else link
    title = (titled.get("title") or _text(titled)) if titled is not None else ""
    if not address or not title.strip():
        return None
    met = re.search(recipe.id, address) if recipe.id else None
    told = (met[1] if met.groups() else met[0]) if met else address
    day = moment_of(_text(_first(row, recipe.date))) if recipe.date else moment_of(_text(row))
    return Listed(identity(told or address), " ".join(title.split()), address, day, recipe.region)
