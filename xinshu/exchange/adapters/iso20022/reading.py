"""XML from outside: UTF-8, no document type, no entities, nothing fetched, bounded in size, depth and parts."""

import re
from typing import Any

from lxml import etree

from xinshu.exchange.adapters import Unusable

LARGEST = 512 * 1024  # bytes
MOST_PARTS = 20_000
DEEPEST = 40
_DECLARED = re.compile(rb"\A\s*<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")


def parse(content: bytes) -> Any:
    """Return the root of a document. Raises Unusable, in words for people, for whatever it is not safe to read."""
    if len(content) > LARGEST:
        raise Unusable("报文超过允许的长度")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise Unusable("报文不是 UTF-8 编码") from None
    declared = _DECLARED.match(content.removeprefix(b"\xef\xbb\xbf"))
    if declared and declared[1].lower() not in {b"utf-8", b"utf8", b"us-ascii"}:
        raise Unusable("报文声明的编码不是 UTF-8")
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        raise Unusable("报文带有文档类型定义（DTD），不予读取")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, dtd_validation=False, huge_tree=False,
        remove_comments=True, remove_pis=True, encoding="utf-8",
    )  # fmt: skip
    try:
        root = etree.fromstring(text.encode(), parser)
    except (etree.XMLSyntaxError, ValueError):
        raise Unusable("报文不是格式正确的 XML") from None
    if root.getroottree().docinfo.doctype:
        raise Unusable("报文带有文档类型定义（DTD），不予读取")
    _measure(root)
    return root


def _measure(root: Any) -> None:
    waiting, parts = [(root, 1)], 0
    while waiting:
        element, depth = waiting.pop()
        parts += 1
        if depth > DEEPEST or parts > MOST_PARTS:
            raise Unusable("报文的层次或元素太多")
        waiting += [(child, depth + 1) for child in element]
