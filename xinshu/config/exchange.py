"""Which systems of departments and trading centres are told of guarantees: from a file that the environment names."""

import json
import os
from pathlib import Path
from typing import Any

from django.core.exceptions import ImproperlyConfigured

from xinshu.config.environment import ENVIRONMENT, PRODUCTION
from xinshu.core.sm import Sm2Key, hmac_sm3
from xinshu.core.sm2_pure import N

VARIABLE = "XINSHU_EXCHANGE_FILE"
TEXTS = ("code", "name", "uscc", "adapter", "url", "public_key")
ADAPTERS = ("bank_bid", "iso20022", "projects")
DEMO = (  # the demo city's: sandboxes inside the worker; the invented codes of accounts.demo and exchange.demo
    {"code": "yz-zjj", "name": "云州市建设工程监管平台（沙箱）", "uscc": "11339900MBDEM004XL", "adapter": "iso20022",
     "url": "sandbox:", "sealed": False},
    {"code": "yz-ggzy", "name": "云州市公共资源交易中心（沙箱）", "uscc": "12339900MBDEM0058H", "adapter": "bank_bid",
     "url": "sandbox:", "sealed": True},
    {"code": "yz-zjj-xm", "name": "云州市建设工程项目库（沙箱）", "uscc": "11339900MBDEM004XL",
     "adapter": "projects", "url": "sandbox:", "sealed": False},
)  # fmt: skip


def receivers(seal_key: str) -> list[dict[str, Any]]:
    """Return the receiving systems, each as the arguments of exchange.destinations.Destination.

    The file is a JSON list. Raises ImproperlyConfigured for one that cannot be read or is not complete, for two of one
    code, and in production for a sandbox or an address without TLS.
    """
    place = os.environ.get(VARIABLE, "")
    if not place:
        return _demo(seal_key) if ENVIRONMENT == "demo" else []
    try:
        told = json.loads(Path(place).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise ImproperlyConfigured(f"{VARIABLE} names a file that cannot be read: {error}") from error
    if not isinstance(told, list):
        raise ImproperlyConfigured(f"{VARIABLE} must hold a JSON list of receiving systems.")
    found = [_checked(row, number) for number, row in enumerate(told, start=1)]
    if len({row["code"] for row in found}) != len(found):
        raise ImproperlyConfigured(f"{VARIABLE} names two systems with one code.")
    return found


def _checked(row: Any, number: int) -> dict[str, Any]:
    where = f"{VARIABLE}, system {number}"
    if not isinstance(row, dict) or not all(isinstance(row.get(name), str) and row[name] for name in TEXTS):
        raise ImproperlyConfigured(f"{where}: {', '.join(TEXTS)} must all be there, as text.")
    if row["adapter"] not in ADAPTERS:
        raise ImproperlyConfigured(f"{where}: adapter must be one of {', '.join(ADAPTERS)}.")
    if not row["url"].startswith("https://") and (PRODUCTION or not row["url"].startswith(("http://", "sandbox:"))):
        raise ImproperlyConfigured(f"{where}: url must begin with https://.")
    sealed = row.get("sealed", False)
    if not isinstance(sealed, bool):
        raise ImproperlyConfigured(f"{where}: sealed must be true or false.")
    return {**{name: row[name] for name in TEXTS}, "sealed": sealed}


def _demo(seal_key: str) -> list[dict[str, Any]]:
    material = hmac_sm3(bytes.fromhex(seal_key), b"xinshu exchange sandbox")
    public = Sm2Key(int.from_bytes(material, "big") % (N - 2) + 1).public_hex
    return [{**row, "public_key": public} for row in DEMO]
