"""Covering what a log must not hold: secrets and personal numbers, by name of the field and by shape of the text."""

import json
import re
from typing import Any

COVERED = "***"
SECRET_NAMES = re.compile(r"(secret|password|token|signature|authorization|account|verify_?code|^code$)", re.IGNORECASE)
PERSONAL_NAMES = re.compile(r"(phone|mobile|id_?number|id_?card|contact|legal_representative)", re.IGNORECASE)
_PHONE = re.compile(r"(?<!\d)(1\d{2})\d{4}(\d{4})(?!\d)")
_RESIDENT = re.compile(r"(?<![0-9A-Za-z])(\d{6})\d{8}(\d{3}[0-9Xx])(?![0-9A-Za-z])")
_ACCOUNT = re.compile(r"(?<!\d)(\d{4})\d{8,11}(\d{4})(?!\d)")  # cards and bank accounts
LONGEST = 2_000


def masked(value: Any, name: str = "") -> Any:
    """Return `value` (JSON) with everything covered that identifies a person or opens a door."""
    if isinstance(value, dict):
        return {str(key): masked(part, str(key)) for key, part in value.items()}
    if isinstance(value, list):
        return [masked(part, name) for part in value]
    if name and value not in (None, "", True, False):
        if SECRET_NAMES.search(name):
            return COVERED
        if PERSONAL_NAMES.search(name):
            text = str(value)
            return text[:1] + COVERED + (text[-2:] if len(text) > 6 else "")
    return masked_text(value) if isinstance(value, str) else value


def masked_text(text: str) -> str:
    """Return `text` with numbers of phones, people and accounts covered in their middle."""
    for pattern in (_RESIDENT, _ACCOUNT, _PHONE):
        text = pattern.sub(r"\1****\2", text)
    return text


def masked_body(content: bytes, content_type: str) -> str:
    """Return what a log keeps of a body: masked JSON, cut; of anything else only how much it was."""
    if not content:
        return ""
    if "json" in content_type:
        try:
            shown = json.dumps(masked(json.loads(content)), ensure_ascii=False)
        except (ValueError, RecursionError):
            return f"（不是 JSON，{len(content)} 字节）"
        return shown.encode("utf-8", "replace").decode().replace("\0", "")[:LONGEST]
    return f"（{content_type.split(';')[0][:60] or '未说明类型'}，{len(content)} 字节）"
