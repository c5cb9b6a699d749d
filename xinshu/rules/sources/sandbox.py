"""Sandbox sources for laptops, demos and tests: answers drawn from the credit code, with delays, failures, duplicates.

They stand for contracts that nobody has signed yet and say so in their names. How a call goes is drawn from code and
minute, so that a demo shows every case and a test can choose one: `behaves` decides, and tests hand in their own.
"""

import hashlib
from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.core.clock import local_day
from xinshu.rules.sources.protocol import NoReply, Reply

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

FINE, BROKEN, SLOW, TWICE = "fine", "broken", "slow", "twice"
PATIENCE = 3_000  # milliseconds that anybody waits
Behaves = Callable[[str, datetime], str]


def by_chance(key: str, at: datetime) -> str:
    """Let one call in sixteen fail, one take too long, one answer twice; the same within a minute."""
    drawn = hashlib.sha256(f"{key}{at:%Y%m%d%H%M}".encode()).digest()[0] % 16
    return {0: BROKEN, 1: SLOW, 2: TWICE}.get(drawn, FINE)


class SandboxSource:
    """One sandbox provider: `draw` makes its values from a number that belongs to the key."""

    def __init__(
        self, code: str, label: "StrOrPromise", facts: tuple[str, ...], draw: Callable[[int, date], dict[str, Any]],
        behaves: Behaves = by_chance, fresh_for: timedelta = timedelta(days=1),
    ) -> None:  # fmt: skip
        self.code, self.label, self.facts, self.draw = code, label, facts, draw
        self.behaves, self.fresh_for = behaves, fresh_for

    def ask(self, key: str, at: datetime) -> Reply:
        """Answer, fail or take too long, as `behaves` says. A duplicate is the same answer twice: it counts once."""
        how = self.behaves(key, at)
        number = int.from_bytes(hashlib.sha256(f"{self.code}{key}".encode()).digest()[:6], "big")
        taken = 80 + number % 400
        if how == BROKEN:
            raise NoReply(_("对方系统返回错误 503"), milliseconds=taken)
        if how == SLOW:
            raise NoReply(_("超过 3 秒没有答复"), late=True, milliseconds=PATIENCE)
        told = [self.draw(number, local_day(at))] * (2 if how == TWICE else 1)
        return Reply(
            {code: value for values in told for code, value in values.items()}, local_day(at).isoformat(), taken
        )


def registry_values(number: int, today: date) -> dict[str, Any]:
    """Draw what a company register says. Amounts in 分."""
    founded = today - timedelta(days=60 + number % 9_000)
    return {
        "registered_capital": (number // 7 % 200 + 1) * 100_000_000,
        "founded_on": founded.isoformat(),
        "standing": ("存续", "存续", "存续", "存续", "吊销", "注销")[number // 11 % 6],
        "abnormal": number // 13 % 9 == 0,
    }


def court_values(number: int, _today: date) -> dict[str, Any]:
    """Draw what courts publish. Amounts in 分."""
    cases = number // 17 % 6
    return {
        "dishonest": number // 19 % 11 == 0,
        "lawsuits": str(cases),
        "owed_amount": cases * (number % 40) * 1_000_000,
    }


def tax_values(number: int, _today: date) -> dict[str, Any]:
    """Draw what the tax office says."""
    return {"tax_grade": "AABBBMCD"[number // 23 % 8], "debt_ratio": f"{30 + number // 29 % 65}"}


REGISTRY = SandboxSource(
    "sandbox_registry", lazy("工商登记（沙箱）"), ("registered_capital", "founded_on", "standing", "abnormal"),
    registry_values,
)  # fmt: skip
COURTS = SandboxSource(
    "sandbox_courts", lazy("司法信息（沙箱）"), ("dishonest", "lawsuits", "owed_amount"), court_values
)
TAX = SandboxSource("sandbox_tax", lazy("税务信息（沙箱）"), ("tax_grade", "debt_ratio"), tax_values)
