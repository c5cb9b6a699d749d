"""Covering what a log must not hold: secrets and personal numbers, by name of the field and by shape of the text."""

import json
import re
from typing import Any

from xinshu.core.masking import COVERED, text

SECRET_NAMES = re.compile(r"(secret|password|token|signature|authorization|account|verify_?code|^code$)", re.IGNORECASE)
PERSONAL_NAMES = re.compile(r"(phone|mobile|id_?number|id_?card|contact|legal_representative)", re.IGNORECASE)
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
            told = str(value)
            return told[:1] + COVERED + (told[-2:] if len(told) > 6 else "")
    return text(value) if isinstance(value, str) else value


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
