"""Which guarantees a notice asks for: sentences that speak of a 履约保证金, an 履约担保 and the like."""

import re
from decimal import Decimal

from xinshu.tenders.reading.facts import Fact
from xinshu.tenders.reading.values import plain, read_price

# kind of guarantee as guarantees.kinds calls it -> how notices call it
CALLED = (
    ("performance", r"履约(?:保证金|担保|保函|保证)"),
    ("bid", r"投标(?:保证金|担保|保函)"),
    ("advance", r"预付款(?:担保|保函|保证)"),
    ("quality", r"(?:工程)?质量(?:保证金|保函|担保)"),
    ("wage", r"(?:农民工)?工资(?:支付)?(?:保证金|保函|担保)"),
    ("payment", r"(?:工程款)?支付(?:担保|保函)"),
)
_NOT = re.compile(r"(?:不收取|免收|无需|不需|不要求|免除|不提交|退还|取消)")
_DAYS = re.compile(r"(\d{1,3})\s*(?:个)?(工作日|日历天|天|日)内")
_SENTENCE = re.compile(r"[^。；;\n\t]+")
_KINDS = [(kind, re.compile(pattern)) for kind, pattern in CALLED]


def guarantees_in(text: str) -> list[Fact]:
    """Return the guarantees asked for, with rate or amount and the days in which they are due, where they are told."""
    facts: list[Fact] = []
    for sentence in _SENTENCE.finditer(text):
        words = plain(sentence[0])
        for kind, pattern in _KINDS:
            met = pattern.search(words)
            if met is None or any(fact.code == "guarantee" and fact.value == kind for fact in facts):
                continue
            if _NOT.search(words):
                break
            start = sentence.start() + met.start()
            price = read_price(words[met.end() :]) if re.search(r"\d", words[met.end() :]) else None
            rate = price.rate if price is not None and price.rate is not None and price.rate < 1 else None
            amount = price.fen if price is not None and price.sure else None
            sure = amount is not None or rate is not None or re.search(r"须|应|提交|缴纳|提供|递交", words) is not None
            facts.append(Fact("guarantee", kind, start, sentence.end(), sure=sure, number=amount, note=_rate(rate)))
            if due := _DAYS.search(words):
                days = int(due[1])
                facts.append(
                    Fact("deadline_days", kind, sentence.start() + due.start(), sentence.start() + due.end(),
                         number=days, note=due[2])
                )  # fmt: skip
            break
    return facts


def _rate(rate: Decimal | None) -> str:
    return "" if rate is None else f"{rate:f}"
