"""Legal limits of guarantees (法定限额) as tables of dated rules. No database, no clock.

A rule that still needs its official text is marked `checked=False`: it is shown as a hint and blocks nothing.
A type (kinds.Kind) carries the rows that concern it, so that a new type brings its own.
"""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

TENDER, PROCUREMENT = "tender", "procurement"  # 招标投标法, 政府采购法
MOST, LEAST = "most", "least"


@dataclass(frozen=True)
class Cap:
    """At most (or at least) `share` of the base amount, or `ceiling` 分, for one kind, on days within the dates."""

    rule: str
    kind: str
    regime: str  # TENDER or PROCUREMENT; "": both
    source: str
    since: date
    until: date | None = None
    share: Decimal | None = None
    ceiling: int | None = None
    checked: bool = True
    bound: str = MOST

    def limit(self, base: int | None) -> int | None:
        """Return the amount in 分 that the rule allows or asks for, or None when the base it needs is unknown."""
        if self.ceiling is not None:
            return self.ceiling
        if base is None or self.share is None:
            return None
        exact = base * Fraction(self.share)
        return exact // 1 if self.bound == MOST else -(-exact // 1)  # a cap is never rounded up, a floor never down

    def keeps(self, amount: int, limit: int) -> bool:
        """Tell whether `amount` (分) is within `limit`."""
        return amount <= limit if self.bound == MOST else amount >= limit


QUALITY = "《建设工程质量保证金管理办法》（建质〔2017〕138号）"
WAGES = "《工程建设领域农民工工资保证金规定》（人社部发〔2021〕65号）"
CAPS = (
    Cap(
        "cap.bid.2pct", "bid", TENDER, "招标投标法实施条例第26条：不得超过招标项目估算价的2%",
        since=date(2012, 2, 1), share=Decimal("0.02"),
    ),
    Cap(
        "cap.bid.construction", "bid", TENDER, "工程建设项目施工招标投标办法（七部委30号令）：最高不得超过80万元",
        since=date(2013, 5, 1), ceiling=80_000_000, checked=False,
    ),
    Cap(
        "cap.bid.budget", "bid", PROCUREMENT, "政府采购法实施条例第33条：不得超过采购项目预算金额的2%（待核）",
        since=date(2015, 3, 1), share=Decimal("0.02"), checked=False,
    ),
    Cap(
        "cap.performance.10pct", "performance", TENDER, "招标投标法实施条例第58条：不得超过中标合同金额的10%",
        since=date(2012, 2, 1), share=Decimal("0.10"),
    ),
    Cap(
        "cap.quality.3pct", "quality", "", f"{QUALITY}：不得高于工程价款结算总额的3%，以保函替代的相同",
        since=date(2017, 7, 1), share=Decimal("0.03"),
    ),
    Cap(
        "cap.wage.3pct", "wage", "", f"{WAGES}：不超过施工合同额的3%",
        since=date(2021, 11, 1), share=Decimal("0.03"),
    ),
    Cap(
        "floor.wage.half", "wage", "", f"{WAGES}：下浮后也不得低于施工合同额的0.5%",
        since=date(2021, 11, 1), share=Decimal("0.005"), bound=LEAST,
    ),
    Cap(
        "floor.wage.usual", "wage", "", f"{WAGES}：原则上不低于施工合同额的1%，低于的须有下浮依据",
        since=date(2021, 11, 1), share=Decimal("0.01"), checked=False, bound=LEAST,
    ),
    Cap(
        "cap.advance.whole", "advance", "", "工程担保惯例：预付款担保不超过预付款金额，并随抵扣递减（待核）",
        since=date(2012, 2, 1), share=Decimal("1"), checked=False,
    ),
)  # fmt: skip


@dataclass(frozen=True)
class Rule:
    """A dated rule that is no share of an amount; what it asks stands beside its name in compliance.py."""

    rule: str
    source: str
    since: date
    until: date | None = None
    checked: bool = True

    def holds(self, on: date) -> bool:
        """Tell whether the rule is in force on the day `on`."""
        return self.since <= on and (self.until is None or on <= self.until)


RULES = {
    rule.rule: rule
    for rule in (
        Rule(
            "mutual.payment", "工程款支付担保额度与履约担保额度对等（建市〔2019〕68号，待核）", date(2019, 6, 20),
            checked=False,
        ),
        Rule(
            "conflict.quality", "工程竣工前已缴纳履约保证金的，不得同时预留工程质量保证金（建质〔2017〕138号，待核）",
            date(2017, 7, 1), checked=False,
        ),
        Rule("defects.longest", "缺陷责任期最长不超过二年（建质〔2017〕138号，待核）", date(2017, 7, 1), checked=False),
        Rule("wage.period", f"{WAGES}：保函有效期不短于施工工期", date(2021, 11, 1)),
        Rule("wage.exempt", f"{WAGES}：施工合同额低于300万元的，各地可以免除存储", date(2021, 11, 1)),
        Rule(
            "deposit.only_four",
            "《保障中小企业款项支付条例》（国令第802号）第13条：工程建设中只可收取投标、履约、工程质量、农民工工资四种保证金",
            date(2025, 6, 1),
        ),
        Rule(
            "form.accepted",
            "《保障中小企业款项支付条例》（国令第802号）第13条：依法以金融机构保函提供的，建设单位不得拒绝",
            date(2025, 6, 1),
        ),
    )
}  # fmt: skip


def in_force(rules: tuple[Cap, ...], on: date, regime: str = TENDER) -> list[Cap]:
    """Return those of `rules` that hold on the day `on` under `regime`."""
    return [
        cap
        for cap in rules
        if cap.regime in ("", regime) and cap.since <= on and (cap.until is None or on <= cap.until)
    ]
