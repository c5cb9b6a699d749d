"""Messages of the bank bid guarantee interface, field by field, and whether a message keeps to them.

One row per field: name, whether it is required ("M" always, "P" in plain guarantees, "1"/"2" with that status), what it
must look like. Fields that the manual does not list may stand beside them: our profile of sealed guarantees adds
`commitment` to 2.1 and `content` to 2.5.
"""

import re
from dataclasses import dataclass
from typing import Any

PLAIN, SEALED = "2", "1"
_DAY = r"\d{4}-\d\d-\d\d"
_SHAPES = {
    "text": r"[^\x00]{1,2000}",
    "long": r"(?s)[^\x00]{1,200000}",
    "decimal": r"\d{1,10}(\.\d{1,6})?",  # decimal(16,6) 元
    "yuan": r"\d{1,10}(\.\d{1,2})?",  # 担保金额: 元, at most two places
    "day": _DAY,
    "moment": rf"{_DAY} \d\d:\d\d:\d\d",
    "whole": r"\d{1,6}",
    "12": r"[12]",
    "01": r"[01]",
    "123": r"[123]",
    "region": r"\d{6}",
    "file": r"PDF|OFD",
    "hex": r"[0-9a-fA-F]{32,64}",
}


@dataclass(frozen=True)
class Field:
    """One field of a message: when it is required, and its shape."""

    name: str
    required: str = ""
    shape: str = "text"


@dataclass(frozen=True)
class Kind:
    """One message: its number in the manual, its path at the receiver, its fields, those of each item of a list."""

    section: str
    path: str
    fields: tuple[Field, ...]
    items: str = ""  # the list's name; the fields are then those of its items


def _fields(required: str, optional: str = "", *more: Field) -> tuple[Field, ...]:
    named = {field.name: field for field in more}
    told = [named.pop(name, Field(name, "M")) for name in required.split()]
    told += [named.pop(name, Field(name)) for name in optional.split()]
    return (*told, *named.values())


ORDER = Kind(
    "2.1",
    "DlgOrderApply",
    _fields(
        "channel_no center_name order_no order_status guarantee_amount guarantee_type principal principal_scc"
        " principal_legal_person principal_legal_cert_type principal_legal_id_card principal_legal_phone guarantor"
        " apply_company_social_credit_code guarantee_file_type guarantee_template_file_id guarantee_template_file_name",
        "zx_order_no project_number project_name address creditor creditor_scc creditor_name creditor_phone"
        " principal_address principal_qualf_name",
        Field("guarantee_amount", "M", "yuan"),
        Field("guarantee_type", "M", "12"),
        Field("guarantee_file_type", "M", "file"),
        Field("block_number", "P"),
        Field("block_name", "P"),
        Field("project_type", "", "12"),
        Field("bid_deadline"),
        Field("valid_day", "", "whole"),
        Field("project_amount", "", "decimal"),
        Field("contract_reckon_amount", "", "decimal"),
        Field("guarantee_end_date", "", "day"),
        Field("tender_publish_date", "", "moment"),
        Field("commitment", "S", "hex"),
    ),
)
STATUS = Kind(
    "2.2",
    "DlgOrderStUpdate",
    _fields("order_no principal applicant order_status_old order_status", "block_number block_name creditor"),
)
RESULT = Kind(
    "2.3",
    "DlgOrderResult",
    (
        Field("order_no", "M"),
        Field("status", "M", "12"),
        Field("block_number"),
        Field("block_name"),
        Field("guarantee_no", "1"),
        Field("guarantor", "1"),
        Field("out_guarantee_time", "1", "moment"),
        Field("guarantee_start_date", "1", "day"),
        Field("guarantee_end_date", "1", "day"),
        Field("note", "2"),
    ),
)
LETTER = Kind(
    "2.4",
    "DlgGuaranteeFile",
    _fields(
        "order_no guarantee_no service_begin_time service_end_time guarantee_file_type guarantee_type"
        " guarantee_file_md5 guarantee_file_hash",
        "",
        Field("guarantee_file_type", "M", "file"),
        Field("guarantee_type", "M", "12"),
        Field("guarantee_file_md5", "M", "hex"),
        Field("guarantee_file_hash", "M", "hex"),
    ),
)
REVEAL = Kind(
    "2.5",
    "DlgDecryptionNotice",
    _fields(
        "order_no guarantee_no bid_time block_name block_number creditor creditor_scc",
        "project_name project_number creditor_phone creditor_agency",
        Field("bid_time", "M", "day"),
        Field("key", "", "hex"),
        Field("creditor_region", "", "region"),
        Field("project_region", "", "region"),
        Field("bid_type", "", "123"),
        Field("project_type", "", "12"),
        Field("content", "", "long"),
    ),
    items="guaranteeList",
)
SURRENDER = Kind(
    "2.6",
    "DlgSurrenderApply",
    _fields(
        "order_no guarantee_no reason apply_time",
        "principal principal_scc principal_phone principal_bank_name principal_bank_account",
    ),
)
SURRENDERED = Kind(
    "2.7",
    "DlgSurrenderResult",
    _fields("guarantee_no order_no result", "remark", Field("result", "M", "01")),
)
KINDS = {kind.path: kind for kind in (ORDER, STATUS, RESULT, LETTER, REVEAL, SURRENDER, SURRENDERED)}


def problems(kind: Kind, data: dict[str, Any]) -> list[str]:
    """Return what is wrong with a message, one sentence each; nothing when it keeps to the table."""
    if kind.items:
        items = data.get(kind.items)
        if not isinstance(items, list) or not items or not all(isinstance(item, dict) for item in items):
            return [f"{kind.items} 应是不为空的列表"]
        return [problem for item in items for problem in _problems(kind, item)]
    return _problems(kind, data)


def _problems(kind: Kind, data: dict[str, Any]) -> list[str]:
    found = []
    for field in kind.fields:
        value = data.get(field.name)
        if value is None or value == "":
            if _required(field.required, data):
                found.append(f"{field.name} 没有填写")
        elif not isinstance(value, str | int) or isinstance(value, bool):
            found.append(f"{field.name} 应是文本")
        elif not re.fullmatch(_SHAPES[field.shape], str(value), re.ASCII):
            found.append(f"{field.name} 的格式不对")
    return found


def _required(when: str, data: dict[str, Any]) -> bool:
    if when in {"", "M"}:
        return when == "M"
    if when in {"P", "S"}:
        return str(data.get("guarantee_type")) == (PLAIN if when == "P" else SEALED)
    return str(data.get("status")) == when
