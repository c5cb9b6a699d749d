"""Feeds: RSS 2.0 and Atom. The text comes with the entry, or from its page where a selector says so."""

from lxml import etree

from xinshu.collecting.reading.html import part_of
from xinshu.collecting.reading.lists import Listed, ListPage, Page, Unreadable, absolute, identity, moment_of, page_of
from xinshu.collecting.reading.recipes import Recipe

BODY = ("encoded", "content", "description", "summary")
DATE = ("pubDate", "published", "updated", "date")


class Rss:
    """A feed of entries."""

    def list_of(self, page: Page, recipe: Recipe) -> ListPage:
        """Return the entries of the feed."""
        parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
        try:
            root = etree.fromstring(page.content, parser)
        except (etree.XMLSyntaxError, ValueError):
            root = None
        if root is None or etree.QName(root).localname not in ("rss", "feed", "RDF"):
            raise Unreadable("feed")
        entries = list(root.iter("{*}item", "{*}entry"))
        listed = [_listed(one, page, recipe) for one in entries]
        there = [one for one in listed if one is not None]
        following = next((one.get("href", "") for one in root.iter("{*}link") if one.get("rel") == "next"), "")
        address = absolute(page.address, following) if following else ""
        return page_of(there, next=address, broken=len(listed) - len(there))

    def body_of(self, page: Page, recipe: Recipe) -> str:
        """Return the part of the entry's page that `recipe.body` finds."""
        return part_of(page, recipe.body)


def _child(entry: etree._Element, *names: str) -> str:
    for name in names:
        for one in entry.iterchildren(f"{{*}}{name}"):
            text = "".join(one.itertext()).strip()
            if text:
                return text
    return ""


def _link(entry: etree._Element) -> str:
    atom = [one for one in entry.iterchildren("{*}link") if one.get("href")]
    chosen = next((one for one in atom if one.get("rel", "alternate") == "alternate"), atom[0] if atom else None)
    return chosen.get("href", "") if chosen is not None else _child(entry, "link")


def _listed(entry: etree._Element, page: Page, recipe: Recipe) -> Listed | None:
    link, title = _link(entry), " ".join(_child(entry, "title").split())
    address = absolute(page.address, link) if link else ""
    told = _child(entry, "guid", "id") or address
    body = "" if recipe.body else _child(entry, *BODY)
    if not told or not title or not (address or body):
        return None
    return Listed(identity(told), title, address, moment_of(_child(entry, *DATE)), recipe.region, body)
