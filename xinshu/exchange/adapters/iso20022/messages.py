"""Our fields to XML and back, by the mapping table alone. What was written reads back as it was.

Fields are plain: text, 分 as (amount, currency), days and moments as `date` and `datetime`, lists of text or of dicts.
"""

import re
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from lxml import etree

from xinshu.exchange.adapters import Unusable
from xinshu.exchange.adapters.iso20022.mapping import CODES, MAPPINGS, Mapping, Place, Repeated
from xinshu.exchange.adapters.iso20022.reading import parse

Fields = dict[str, Any]
CHUNKS = 5
_AMOUNT = re.compile(r"[0-9]{1,13}(\.[0-9]{1,5})?")
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_CURRENCY = re.compile(r"[A-Z]{3}")


def write(mapping: Mapping, fields: Fields) -> Any:
    """Return the document of a message. Raises Unusable for a field that is missing or does not fit the schema."""
    root = etree.Element(f"{{{mapping.namespace}}}Document", nsmap={None: mapping.namespace})
    top = etree.SubElement(root, f"{{{mapping.namespace}}}{mapping.element}")
    for row in mapping.rows:
        if isinstance(row, Repeated):
            for item in fields.get(row.field) or ():
                element = _make(top, row.path, mapping.namespace, again=True)
                for place in row.places:
                    _put(element, place, item if isinstance(item, dict) else {"text": item}, mapping)
        else:
            _put(top, row, fields, mapping)
    return root


def to_bytes(root: Any) -> bytes:
    """Return a document as it travels."""
    told: bytes = etree.tostring(root, encoding="UTF-8", xml_declaration=True)
    return told


def read(content: bytes | Any, *expected: Mapping) -> tuple[Mapping, Fields]:
    """Return which message it is and what it says. Raises Unusable, also for one that is not among `expected`."""
    root = parse(content) if isinstance(content, bytes) else content
    name = etree.QName(root)
    identifier = (name.namespace or "").removeprefix("urn:iso:std:iso:20022:tech:xsd:")
    mapping = MAPPINGS.get(identifier)
    if mapping is None or name.localname != "Document" or (expected and mapping not in expected):
        raise Unusable("这不是约定的 ISO 20022 报文")
    top = root.find(f"{{{mapping.namespace}}}{mapping.element}")
    if top is None:
        raise Unusable(f"报文里没有 {mapping.element}")
    fields: Fields = {}
    for row in mapping.rows:
        if isinstance(row, Repeated):
            fields[row.field] = [_item(element, row, mapping) for element in _all(top, row.path, mapping)]
        elif row.kind != "scheme":
            value = _get(top, row, mapping)
            if row.field:
                fields[row.field] = value
    return mapping, fields


def _item(element: Any, row: Repeated, mapping: Mapping) -> Any:
    told = {place.field: _get(element, place, mapping) for place in row.places}
    return told["text"] if set(told) == {"text"} else told


def _put(top: Any, place: Place, fields: Fields, mapping: Mapping) -> None:
    value: Any = fields.get(place.field) if place.field else place.constant
    if value in (None, "") and place.kind != "yes":
        if place.required:
            raise Unusable(f"没有 {place.field}，写不成 {mapping.identifier}")
        return
    if place.kind == "chunks":
        texts = [value[start : start + place.longest] for start in range(0, len(value), place.longest)]
        if len(texts) > CHUNKS:
            raise Unusable(f"{place.field} 太长，写不进 {mapping.identifier}")
        for text in texts:
            _say(_make(top, place.path, mapping.namespace, again=True), text, place)
        return
    element = top if place.path == "." else _make(top, place.path, mapping.namespace)
    if place.kind == "amount":
        fen, currency = value
        element.set("Ccy", currency)
        _say(element, f"{fen // 100}.{fen % 100:02d}", place)
    elif place.kind == "yes":
        _say(element, "true" if value else "false", place)
    elif place.kind == "moment":
        _say(element, value.astimezone(UTC).isoformat().replace("+00:00", "Z"), place)
    else:
        _say(element, place.constant or (value.isoformat() if isinstance(value, date) else value), place)


def _say(element: Any, text: str, place: Place) -> None:
    if len(text) > place.longest:
        raise Unusable(f"{place.field} 超过 {place.longest} 个字符")
    try:
        element.text = text
    except ValueError:
        raise Unusable(f"{place.field} 含有 XML 不允许的字符") from None


def _make(top: Any, path: str, namespace: str, *, again: bool = False) -> Any:
    """Return the element at `path`, made where it is not there yet; its last step anew if `again`."""
    *way, last = path.split("/")
    for name in way:
        found = top.findall(f"{{{namespace}}}{name}")
        top = found[-1] if found else etree.SubElement(top, f"{{{namespace}}}{name}")
    found = [] if again else top.findall(f"{{{namespace}}}{last}")
    return found[-1] if found else etree.SubElement(top, f"{{{namespace}}}{last}")


def _all(top: Any, path: str, mapping: Mapping) -> list[Any]:
    found: list[Any] = top.findall("/".join(f"{{{mapping.namespace}}}{name}" for name in path.split("/")))
    return found


def _get(top: Any, place: Place, mapping: Mapping) -> Any:
    found = [top] if place.path == "." else _all(top, place.path, mapping)
    if not found:
        if place.required:
            raise Unusable(f"{mapping.identifier} 缺少 {place.path}")
        return "" if place.kind in {"text", "chunks"} else None
    texts = [element.text or "" for element in found]
    if any(len(element) for element in found) or any(len(text) > place.longest for text in texts):
        raise Unusable(f"{place.path} 的内容不合规定")
    text = texts[0]
    if place.constant and text != place.constant:
        raise Unusable(f"{place.path} 应是 {place.constant}")
    codes = CODES.get((mapping.identifier, place.field)) or CODES.get(place.field)
    if codes and text not in codes:
        raise Unusable(f"{place.path} 的代码 {text[:10]} 没有约定")
    if place.kind == "chunks":
        return "".join(texts)
    return READERS[place.kind](text, found[0], place)


def _amount(text: str, element: Any, place: Place) -> tuple[int, str]:
    currency = element.get("Ccy") or ""
    try:
        fen = Decimal(text.strip()) * 100 if _AMOUNT.fullmatch(text.strip()) else None
    except InvalidOperation:
        fen = None
    if fen is None or fen != int(fen) or not _CURRENCY.fullmatch(currency):
        raise Unusable(f"{place.path} 不是金额（最多两位小数，带币种）")
    return int(fen), currency


def _day(text: str, element: Any, place: Place) -> date:
    try:
        if _DAY.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass
    raise Unusable(f"{place.path} 不是日期")


def _moment(text: str, element: Any, place: Place) -> datetime:
    try:
        found = datetime.fromisoformat(text)
        if found.tzinfo is not None:
            return found.astimezone(UTC)
    except (ValueError, OverflowError):
        pass
    raise Unusable(f"{place.path} 不是带时区的时刻")


def _yes(text: str, element: Any, place: Place) -> bool:
    if text not in {"true", "false", "1", "0"}:
        raise Unusable(f"{place.path} 应是 true 或 false")
    return text in {"true", "1"}


READERS: dict[str, Any] = {
    "text": lambda text, _element, _place: text,
    "amount": _amount,
    "day": _day,
    "moment": _moment,
    "yes": _yes,
}
