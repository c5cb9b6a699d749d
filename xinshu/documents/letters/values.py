"""What a letter may say: the placeholders, checked before they go into a template."""

import io
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import urlsplit

import segno

Value = str | bool | list[str]


@dataclass(frozen=True)
class Placeholder:
    """One name that a template may use as `data.NAME`. `required`: a template without it is no guarantee."""

    label: str
    required: bool = False
    default: Value | None = None  # None: the caller must hand it in


PLACEHOLDERS: dict[str, Placeholder] = {
    "title": Placeholder("标题", required=True),
    "number": Placeholder("保函编号", required=True),
    "guarantor": Placeholder("出函机构", required=True),
    "applicant": Placeholder("申请人", required=True),
    "beneficiary": Placeholder("受益人", required=True),
    "project": Placeholder("项目", required=True),
    "project_number": Placeholder("项目编号", default=""),
    "amount": Placeholder("金额", required=True),  # "4,862,000.00"
    "amount_in_words": Placeholder("大写金额", required=True),
    "effective_on": Placeholder("生效日", required=True),  # ISO days
    "expires_on": Placeholder("到期日", required=True),
    "issued_on": Placeholder("签发日期", required=True),
    "nature": Placeholder("担保性质", required=True),
    "clauses": Placeholder("条款", required=True),  # paragraphs without numbers
    "documents": Placeholder("索赔单据", default=[]),
    "expiry_place": Placeholder("交单地点", default=""),
    "law": Placeholder("适用法律", default=""),
    "seal_kind": Placeholder("印章种类", default="保函专用章"),
    "draft": Placeholder("样稿", default=False),  # a watermark and no seal
    "verify_code": Placeholder("验证码", required=True),
    "verify_url": Placeholder("查验地址"),  # where the QR code leads, whole
    "verify_site": Placeholder("查验网址", default=""),  # what people type; taken from verify_url
    "qr": Placeholder("查验二维码", required=True, default=""),  # SVG, made from verify_url
}
REQUIRED = frozenset(name for name, placeholder in PLACEHOLDERS.items() if placeholder.required)
_DAYS = ("effective_on", "expires_on", "issued_on")


def checked(values: Mapping[str, Any]) -> dict[str, Value]:
    """Return what a template gets to read: every placeholder, as plain text.

    Raises ValueError naming what is missing, unknown or of the wrong shape: that is a caller's mistake, not a person's.
    """
    unknown = sorted(values.keys() - PLACEHOLDERS.keys())
    missing = sorted(
        name for name, placeholder in PLACEHOLDERS.items() if placeholder.default is None and name not in values
    )
    if unknown or missing:
        raise ValueError(f"letter values: missing {missing}, unknown {unknown}")
    data = {name: _plain(name, values.get(name, item.default)) for name, item in PLACEHOLDERS.items()}
    for name in _DAYS:
        date.fromisoformat(str(data[name]))
    clauses, salutation = data["clauses"], f"{data['beneficiary']}："
    if isinstance(clauses, list) and clauses and clauses[0].startswith(salutation):
        clauses[0] = clauses[0].removeprefix(salutation)  # the layout prints 致：… above
    address = urlsplit(str(data["verify_url"]))
    data["verify_site"] = data["verify_site"] or f"{address.netloc}/verify/"
    data["qr"] = qr_svg(str(data["verify_url"]))
    return data


def qr_svg(text: str) -> str:
    """Return a QR code as SVG. Level M survives a fold or a stamp; every mask reads, trying all eight costs 2 ms."""
    drawn = io.BytesIO()
    segno.make(text, error="m", micro=False, mask=3).save(drawn, kind="svg", border=0, dark="#17212e", xmldecl=False)
    return drawn.getvalue().decode()


def _plain(name: str, value: Any) -> Value:
    if isinstance(value, bool):
        return value
    if isinstance(value, list | tuple):
        return [_text(part) for part in value]
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, str):
        return _text(value)
    raise ValueError(f"letter values: {name} is {type(value).__name__}, not text")


def _text(text: str) -> str:
    """Drop what has no place on paper: control characters, and format characters that turn text around."""
    return "".join(
        " " if unicodedata.category(letter) in {"Cc", "Cf", "Cs", "Co", "Cn"} else letter for letter in str(text)
    )
