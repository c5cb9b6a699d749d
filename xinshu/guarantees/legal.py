"""Legal limits of guarantees (法定限额), as a table of dated rules. No database, no clock.

A rule that still needs its official text is marked `checked=False`: it is shown as a hint and blocks nothing.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction


@dataclass(frozen=True)
class Cap:
    """At most `share` of the base amount, or at most `ceiling` 分, for one kind, in force on days within the dates."""

    rule: str
    kind: str
    regime: str  # "tender" 招标投标法, "procurement" 政府采购法
    source: str
    since: date
    until: date | None = None
    share: Decimal | None = None
    ceiling: int | None = None
    checked: bool = True

    def limit(self, base: int | None) -> int | None:
        """Return the largest amount in 分 that the rule allows, or None when the base it needs is unknown."""
        if self.ceiling is not None:
            return self.ceiling
        return None if base is None or self.share is None else base * Fraction(self.share) // 1  # never rounded up


CAPS = (
    Cap(
        "cap.bid.2pct", "bid", "tender", "招标投标法实施条例第26条：不得超过招标项目估算价的2%",
        since=date(2012, 2, 1), share=Decimal("0.02"),
    ),
    Cap(
        "cap.bid.construction", "bid", "tender", "工程建设项目施工招标投标办法（七部委30号令）：最高不得超过80万元",
        since=date(2013, 5, 1), ceiling=80_000_000, checked=False,
    ),
    Cap(
        "cap.performance.10pct", "performance", "tender", "招标投标法实施条例第58条：不得超过中标合同金额的10%",
        since=date(2012, 2, 1), share=Decimal("0.10"),
    ),
)  # fmt: skip


def caps(kind: str, on: date, regime: str = "tender") -> list[Cap]:
    """Return the caps in force for `kind` on the day `on`."""
    return [
        cap
        for cap in CAPS
        if cap.kind == kind and cap.regime == regime and cap.since <= on and (cap.until is None or on <= cap.until)
    ]
