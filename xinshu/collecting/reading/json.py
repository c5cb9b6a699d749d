"""Lists and notices that are JSON documents: items and values by JMESPath."""

import json
from decimal import Decimal
from typing import Any
from urllib.parse import quote

import jmespath
from jmespath.exceptions import JMESPathError

from xinshu.collecting.reading.lists import Listed, ListPage, Page, Unreadable, absolute, identity, moment_of, page_of
from xinshu.collecting.reading.recipes import Recipe

ID = "{id}"


class Json:
    """A list of items, with their texts or with the addresses of documents that hold them."""

    def list_of(self, page: Page, recipe: Recipe) -> ListPage:
        """Return the items that `recipe.items` finds."""
        document = document_of(page)
        items = at(recipe.items, document)
        if not isinstance(items, list):
            raise Unreadable("items")
        listed = [_listed(item, page, recipe) for item in items]
        following = at(recipe.next, document) if recipe.next else ""
        there = [one for one in listed if one is not None]
        address = absolute(page.address, following) if isinstance(following, str) and following else ""
        return page_of(there, next=address, broken=len(listed) - len(there))

    def body_of(self, page: Page, recipe: Recipe) -> str:
        """Return the text that `recipe.body` finds in the notice's own document."""
        return text_at(recipe.body, document_of(page))


def document_of(page: Page) -> Any:
    """Return the page as a document. Raises Unreadable for what is no JSON."""
    try:
        return json.loads(page.text, parse_float=Decimal)
    except (ValueError, RecursionError):
        raise Unreadable("json") from None


def at(path: str, document: Any) -> Any:
    """Return what stands at `path`; None where the document has another shape."""
    try:
        return jmespath.search(path, document)
    except (JMESPathError, RecursionError, OverflowError, TypeError):
        return None


def text_at(path: str, document: Any) -> str:
    """Return the text or number at `path`, "" for anything else."""
    found = at(path, document) if path else ""
    if isinstance(found, bool) or not isinstance(found, (str, int, Decimal)):
        return ""
    return str(found)


def _listed(item: Any, page: Page, recipe: Recipe) -> Listed | None:
    told, title = text_at(recipe.id, item).strip(), " ".join(text_at(recipe.title, item).split())
    if not told or not title:
        return None
    if ID in recipe.link:
        address = absolute(page.address, recipe.link.replace(ID, quote(told, safe="")))
    else:
        link = text_at(recipe.link, item) if recipe.link else ""
        address = absolute(page.address, link) if link else ""
    region = text_at(recipe.region, item)
    return Listed(
        identity(told), title, address, moment_of(at(recipe.date, item) if recipe.date else None),
        region if region.isascii() and region.isdecimal() and 2 <= len(region) <= 12 else "",
        text_at(recipe.body, item),
    )  # fmt: skip
