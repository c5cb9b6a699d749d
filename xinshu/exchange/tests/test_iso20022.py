"""ISO 20022: every message against its XSD, there and back, and whatever else calls itself XML."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from xinshu.core.sm import Sm2Key
from xinshu.exchange.adapters import Unusable
from xinshu.exchange.adapters.iso20022 import mapping as tables
from xinshu.exchange.adapters.iso20022.mapping import CODES, MAPPINGS, Mapping, Place, Repeated
from xinshu.exchange.adapters.iso20022.messages import read, to_bytes, write
from xinshu.exchange.adapters.iso20022.reading import DEEPEST, LARGEST, parse
from xinshu.exchange.adapters.iso20022.signature import check, sign

FOLDERS = [parent / "shared/data/standards/iso20022_tsrv" for parent in Path(__file__).resolve().parents]
XSDS = next((folder for folder in FOLDERS if folder.is_dir()), None)
KEY, OTHER = Sm2Key(4711), Sm2Key(4712)
with_schemas = pytest.mark.skipif(XSDS is None, reason="../shared/data/standards/iso20022_tsrv is not on this machine")


def must_be_valid(root: Any, mapping: Mapping) -> None:
    assert XSDS is not None
    etree.XMLSchema(etree.parse(XSDS / f"{mapping.identifier}.xsd")).assertValid(etree.fromstring(to_bytes(root)))


# XML 1.0 has no control characters; a carriage return travels as a reference.
letters = st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Cn"), include_characters="\n\t")


def text(longest: int) -> st.SearchStrategy[str]:
    return st.text(letters, min_size=1, max_size=min(longest, 60))


def value_of(place: Place, mapping: Mapping) -> st.SearchStrategy[Any]:
    codes = CODES.get((mapping.identifier, place.field)) or CODES.get(place.field)
    if codes:
        return st.sampled_from(sorted(codes))
    if place.field == "sequence":
        return st.from_regex(r"[a-zA-Z0-9]{1,4}", fullmatch=True)
    return {
        "amount": st.tuples(st.integers(0, 10**13 - 1), st.sampled_from(["CNY", "USD"])),
        "day": st.dates(date(1990, 1, 1), date(2190, 1, 1)),
        "moment": st.integers(631_152_000, 6_900_000_000).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
        "yes": st.booleans(),
        "chunks": st.text(letters, min_size=1, max_size=200).map(lambda words: words * 300),
    }.get(place.kind, text(place.longest))


@st.composite
def messages(draw: Any) -> tuple[Mapping, dict[str, Any]]:
    mapping = draw(st.sampled_from(list(MAPPINGS.values())))
    fields: dict[str, Any] = {}
    for row in mapping.rows:
        if isinstance(row, Repeated):
            item = st.fixed_dictionaries({place.field: value_of(place, mapping) for place in row.places})
            some = draw(st.lists(item, max_size=3))
            fields[row.field] = [one["text"] if set(one) == {"text"} else one for one in some]
        elif row.field and row.kind != "scheme":
            here = row.required or (draw(st.booleans()) and not _excluded(row, fields))
            nothing = "" if row.kind in {"text", "chunks"} else None
            fields[row.field] = draw(value_of(row, mapping)) if here else nothing
    if mapping is tables.ISSUANCE and not fields["wording"]:
        fields["wording"] = "x"
    if mapping is tables.STATUS:  # the message that a status is about is told whole or not at all
        parts = ["original_kind", "original_from", "original_to", "original_message", "original_at"]
        if not all(fields[part] for part in parts):
            fields |= dict.fromkeys(parts[:-1], "") | {"original_at": None}
    return mapping, fields


def _excluded(row: Place, fields: dict[str, Any]) -> bool:
    return row.field == "decrease" and fields.get("increase") is not None


@with_schemas
@settings(max_examples=150, deadline=None)
@given(messages())
def test_what_is_written_is_valid_and_reads_back_as_it_was(message):
    mapping, fields = message

    root = sign(write(mapping, fields), key=KEY, signer="信枢")

    must_be_valid(root, mapping)
    content = to_bytes(root)
    check(parse(content), KEY.public_hex)
    assert read(content) == (mapping, fields)


@pytest.mark.parametrize("mapping", MAPPINGS.values(), ids=lambda mapping: mapping.identifier)
def test_every_required_field_is_missed_by_name(mapping):
    for row in mapping.rows:
        if isinstance(row, Place) and row.required and row.field and row.kind != "yes":
            with pytest.raises(Unusable, match=f"没有 {row.field}|没有 "):
                write(mapping, {})


def status(**other: Any) -> dict[str, Any]:
    told = {
        "original_kind": "tsrv.001.001.01", "original_from": "信枢", "original_to": "中心", "original_message": "m1",
        "original_at": datetime(2026, 11, 21, 2, 0, tzinfo=UTC), "status": "ACTC", "reasons": [], "receipt": "HZ-1",
    }  # fmt: skip
    return told | other


def test_a_message_altered_after_signing_or_signed_by_another_is_refused():
    content = to_bytes(sign(write(tables.TRADE_STATUS, status()), key=KEY, signer="中心"))

    check(parse(content), KEY.public_hex)
    for wrong in (
        content.replace(b"HZ-1", b"HZ-2"),
        content.replace(b"ACTC", b"REJT"),
        to_bytes(write(tables.TRADE_STATUS, status())),
    ):
        with pytest.raises(Unusable, match="签名"):
            check(parse(wrong), KEY.public_hex)
    with pytest.raises(Unusable, match="签名不对"):
        check(parse(content), OTHER.public_hex)


def test_a_second_signature_does_not_hide_behind_the_first():
    root = sign(write(tables.TRADE_STATUS, status()), key=KEY, signer="中心")
    sign(root, key=OTHER, signer="别人")

    with pytest.raises(Unusable):
        check(root, KEY.public_hex)


BOMB = (
    '<!DOCTYPE lolz [<!ENTITY a "haha">' + "".join(
        f'<!ENTITY {chr(98 + n)} "{f"&{chr(97 + n)};" * 10}">' for n in range(9)
    ) + "]><lolz>&j;</lolz>"
)  # fmt: skip
FILE = '<!DOCTYPE x [<!ENTITY f SYSTEM "file:///etc/passwd">]><x>&f;</x>'
HOSTILE = {
    "nothing": b"",
    "blanks": b"   ",
    "text": "你好".encode(),
    "half": b"<Document><a>",
    "bomb": BOMB.encode(),
    "a file of ours": FILE.encode(),
    "an outer document type": b'<!DOCTYPE x SYSTEM "http://127.0.0.1:9/x.dtd"><x/>',
    "an unknown entity": b"<x>&nbsp;</x>",
    "another encoding": '<?xml version="1.0" encoding="GB18030"?><x>中</x>'.encode("gb18030"),
    "a lie about the encoding": b'<?xml version="1.0" encoding="UTF-16"?><x/>',
    "sixteen bits": '<?xml version="1.0"?><!DOCTYPE x [<!ENTITY a "b">]><x>&a;</x>'.encode("utf-16"),
    "huge": b"<x>" + b"a" * LARGEST + b"</x>",
    "deep": b"<a>" * (DEEPEST + 2) + b"</a>" * (DEEPEST + 2),
    "very deep": b"<a>" * 20_000 + b"</a>" * 20_000,
    "many": b"<a>" + b"<b/>" * 30_000 + b"</a>",
    "a zero": b"<x>\0</x>",
    "half a character": b"<x>\xed\xa0\x80</x>",
}


@pytest.mark.parametrize("content", HOSTILE.values(), ids=list(HOSTILE))
def test_hostile_xml_is_refused_in_words(content):
    with pytest.raises(Unusable) as refusal:
        parse(content)

    assert str(refusal.value).startswith("报文")


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("tsrv.018.001.01", "tsrv.099.001.01", "不是约定"),
        ("TradStsRpt", "Other", "没有 TradStsRpt"),
        ("<Sts>ACTC</Sts>", "<Sts>GOOD</Sts>", "没有约定"),
        ("<Sts>ACTC</Sts>", "", "缺少"),
        ("<Sts>ACTC</Sts>", "<Sts><b>ACTC</b></Sts>", "不合规定"),
        ("2026-11-21T02:00:00Z", "yesterday", "不是带时区的时刻"),
        ("2026-11-21T02:00:00Z", "2026-11-21T02:00:00", "不是带时区的时刻"),
        ("HZ-1", "9" * 36, "不合规定"),
    ],
)
def test_a_message_that_does_not_keep_to_its_schema_is_refused(old, new, why):
    content = to_bytes(write(tables.TRADE_STATUS, status())).decode()
    assert old in content

    with pytest.raises(Unusable, match=why):
        read(content.replace(old, new).encode())


@pytest.mark.parametrize("amount", ["1e9", "-1", "1.001", "1,000", "", "NaN", "９"])
def test_an_amount_that_is_none_is_refused(amount):
    fields = {"number": "LY1", "guarantor_name": "保证人", "demand": "D1", "presented_at": status()["original_at"],
              "amount": (12_345, "CNY"), "discrepancies": []}  # fmt: skip
    content = to_bytes(write(tables.REFUSAL, fields)).decode()

    with pytest.raises(Unusable, match="金额"):
        read(content.replace(">123.45<", f">{amount}<").encode())


def test_what_the_schema_has_no_room_for_is_refused_before_it_is_sent():
    for wrong, why in (({"receipt": "9" * 36}, "超过"), ({"reasons": ["a\0b"]}, "XML 不允许")):
        with pytest.raises(Unusable, match=why):
            write(tables.TRADE_STATUS, status(**wrong))
    with pytest.raises(Unusable, match="太长"):
        write(tables.AMENDMENT, {
            "sequence": "1", "happened_on": date(2026, 1, 1), "number": "1", "guarantor_name": "a",
            "wording": "字" * 100_001,
        })  # fmt: skip
