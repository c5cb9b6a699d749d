"""The text of an announcement: Markdown, never HTML of the writer's own; no pictures from elsewhere."""

from markdown_it import MarkdownIt
from markupsafe import Markup

from xinshu.portal.manual import wrap_tables

DEEPER = {"h1": "h2", "h2": "h3", "h3": "h4", "h4": "h5", "h5": "h6"}  # the title is the page's own h1


def shown_text(source: str) -> Markup:
    """Return `source` as HTML: paragraphs, lists, tables, links. Anything else stands there as it was typed."""
    markdown = MarkdownIt("commonmark", {"html": False, "breaks": True}).enable("table").disable("image")
    wrap_tables(markdown)
    tokens = markdown.parse(source)
    for token in tokens:
        token.tag = DEEPER.get(token.tag, token.tag)
        for child in token.children or ():
            if child.type == "link_open" and not str(child.attrGet("href") or "").startswith("/"):
                child.attrSet("rel", "noopener noreferrer nofollow")
    return Markup(markdown.renderer.render(tokens, markdown.options, {}))  # noqa: S704 -- MarkdownIt escapes


def readable(text: str) -> str:
    """Return `text` without characters that no paper shows (feeds refuse them), lines ended alike."""
    lines = text.replace("\r\n", "\n").replace("\r", "\n")
    return "".join(letter for letter in lines if letter in "\n\t" or letter.isprintable()).strip()


def beginning(text: str, length: int = 120) -> str:
    """Return the first words of a text, for lists and feeds."""
    words = " ".join(text.replace("#", " ").replace("*", "").split())
    return words if len(words) <= length else f"{words[: length - 1]}…"
