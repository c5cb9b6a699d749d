"""集中度: which share of its own means an issuer may stand surety with for one client, one group, all. No database.

The figures bind by law for financing guarantees. A guarantor's bid and performance guarantees are not financing
guarantees (条例第二条); we hold them to the same figures as internal control (docs/decisions/0019).
"""

# ruff: noqa: E501  (a table is read across)

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

CLIENT, GROUP, TOTAL, TOTAL_SMALL = "client", "group", "total", "total_small"
SCOPES = {CLIENT: "单一客户", GROUP: "集团客户", TOTAL: "全部客户", TOTAL_SMALL: "全部客户（主要服务小微、三农）"}


@dataclass(frozen=True)
class Rule:
    """The largest share of `base` for one client or group, from a day until a day (both inclusive)."""

    issuer_kind: str
    scope: str
    share: Fraction
    base: str
    source: str
    valid_from: date
    valid_until: date | None = None

    def holds_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day <= self.valid_until)

    def ceiling(self, base_amount: int) -> int:
        """Return the limit in 分; rounded down, for a limit must never lie above the share."""
        return base_amount * self.share.numerator // self.share.denominator

    @property
    def percent(self) -> str:
        return f"{float(self.share * 100):g}%"

    @property
    def words(self) -> str:
        """The share as people say it: "10%", "10 倍"."""
        return f"{self.share} 倍" if self.share.denominator == 1 else self.percent


INTERIM = "《融资性担保公司管理暂行办法》（2010 年第 3 号令）第二十七条"
INTERIM_TOTAL = "《融资性担保公司管理暂行办法》（2010 年第 3 号令）第二十八条"
DECREE_TOTAL = "《融资担保公司监督管理条例》（国务院令第 683 号）第十五条"
DECREE = "《融资担保公司监督管理条例》（国务院令第 683 号）第十六条"
EXPOSURES = "《商业银行大额风险暴露管理办法》（银保监会令 2018 年第 1 号）"
RULES = (
    #    kind         scope   share              of what           source                     from               until
    Rule("guarantor", CLIENT, Fraction(10, 100), "净资产",       INTERIM,                   date(2010, 3, 8),  date(2017, 9, 30)),
    Rule("guarantor", GROUP,  Fraction(15, 100), "净资产",       INTERIM,                   date(2010, 3, 8),  date(2017, 9, 30)),
    Rule("guarantor", CLIENT, Fraction(10, 100), "净资产",       DECREE,                    date(2017, 10, 1)),
    Rule("guarantor", GROUP,  Fraction(15, 100), "净资产",       DECREE,                    date(2017, 10, 1)),
    Rule("guarantor", TOTAL,  Fraction(10),      "净资产",       INTERIM_TOTAL,             date(2010, 3, 8),  date(2017, 9, 30)),
    Rule("guarantor", TOTAL,  Fraction(10),      "净资产",       DECREE_TOTAL,              date(2017, 10, 1)),
    Rule("guarantor", TOTAL_SMALL, Fraction(15), "净资产",       DECREE_TOTAL,              date(2017, 10, 1)),
    Rule("bank",      CLIENT, Fraction(15, 100), "一级资本净额", f"{EXPOSURES}第七条",      date(2018, 7, 1)),
    Rule("bank",      GROUP,  Fraction(20, 100), "一级资本净额", f"{EXPOSURES}第八条",      date(2018, 7, 1)),
)  # fmt: skip


def rules_on(issuer_kind: str, day: date) -> dict[str, Rule]:
    """Return the rule of each scope for issuers of this kind; empty where the law names no share."""
    return {rule.scope: rule for rule in RULES if rule.issuer_kind == issuer_kind and rule.holds_on(day)}
