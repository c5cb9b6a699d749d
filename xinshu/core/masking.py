"""Covering what identifies a person or opens an account: by kind of value, and by shape within a text."""

import re
from typing import Any

COVERED = "***"
_PHONE = re.compile(r"(?<!\d)(1\d{2})\d{4}(\d{4})(?!\d)")
_RESIDENT = re.compile(r"(?<![0-9A-Za-z])(\d{6})\d{8}(\d{3}[0-9Xx])(?![0-9A-Za-z])")
_ACCOUNT = re.compile(r"(?<!\d)(\d{4})\d{8,11}(\d{4})(?!\d)")  # cards and bank accounts


def text(value: str) -> str:
    """Cover the middle of every number in a text that looks like a mobile, an identity card or a bank account."""
    for pattern in (_RESIDENT, _ACCOUNT, _PHONE):
        value = pattern.sub(r"\1****\2", value)
    return value


def phone(value: str) -> str:
    """138****6021; what is too short for that is covered whole."""
    return f"{value[:3]}****{value[-4:]}" if len(value) >= 8 else COVERED


def person(value: str) -> str:
    """陈**: the family name stays."""
    return f"{value[:1]}**"


def actor(value: str) -> str:
    """陈**（云州恒达路桥工程有限公司）: of a person in an organisation the name; the system has none."""
    return f"{value[:1]}**{value[value.index('（') :]}" if "（" in value else value


def id_number(value: str) -> str:
    """330102********1234."""
    return f"{value[:6]}********{value[-4:]}" if len(value) == 18 else COVERED


def account(value: str) -> str:
    """6222****8888."""
    return f"{value[:4]}****{value[-4:]}" if len(value) >= 12 else COVERED


def address(value: str) -> str:
    """192.0.*.*: a network address without what tells one house from another."""
    parts = value.split(".")
    return ".".join([*parts[:2], "*", "*"]) if len(parts) == 4 else f"{value[:4]}{COVERED}"


def login(value: str) -> str:
    """c***: a user name; a mobile as user name is covered as a mobile."""
    return phone(value) if value.isdecimal() else f"{value[:1]}{COVERED}"


def inside(value: Any) -> Any:
    """Return JSON with every text in it covered as `text` does."""
    if isinstance(value, dict):
        return {key: inside(part) for key, part in value.items()}
    if isinstance(value, list):
        return [inside(part) for part in value]
    return text(value) if isinstance(value, str) else value


def whole(value: Any) -> str:
    """***."""
    return COVERED
