"""Whose a price is and what it says: the award's, a bidder's, a budget. Two that differ make both doubtful."""

import re
from dataclasses import replace

from django.utils.translation import gettext as _

from xinshu.tenders.reading.kinds import CANDIDATE, CHANGE
from xinshu.tenders.reading.lots import LONGEST, Lot, Party
from xinshu.tenders.reading.records import Pair
from xinshu.tenders.reading.values import SCALES, Price, read_price

SHORT = 120  # signs of a price that are kept
SMALL, HUGE = (
    100_000,
    100_000_000_000,
)  # 分: a figure below 单位：万元 is seldom less or more, it may be in 元 after all
_SHARE_OF_PRICE = re.compile(  # 中标价的10%: how much of the price a guarantee is, not a price
    r"(?:中标|成交|中选|合同|签约)(?:合同)?总?(?:价款|价格|造价|价|金额|总额)的?\s*(?:\d[\d.]*\s*[%％‰]|百分之)"
)


def take_price(lot: Lot, pair: Pair, owner: Party | None, kind: str) -> None:
    """Read a price into the lot: as the bid of its owner, and as the award where the owner is first or won."""
    price = _priced(pair)
    if price is None or _SHARE_OF_PRICE.search(pair.value.text):
        return
    if pair.rank and (owner is None or owner.rank != pair.rank):
        ranked = (fact.value for fact in lot.facts if fact.code == "candidate" and fact.number == pair.rank)
        owner = next((Party("candidate", name, pair.rank) for name in ranked), owner)
    if owner is not None and owner.code in ("candidate", "bidder"):
        _bid(lot, pair, price, owner)
        if owner.code == "bidder" or owner.rank != 1:
            return
    elif kind == CANDIDATE and not pair.firm and pair.rank != 1:
        return
    rank = pair.rank or (owner.rank if owner is not None and owner.code == "candidate" else 0)
    _award(lot, pair, price, rank, sure=price.sure and kind != CHANGE)


def take_budget(lot: Lot, pair: Pair) -> None:
    """Read a budget or a highest price, the first of the lot."""
    price = _priced(pair)
    if price is not None and price.fen is not None and not lot.has("budget"):
        lot.add("budget", pair.value.text[:SHORT], pair.value, number=price.fen, sure=price.sure, note=price.note)


def _priced(pair: Pair) -> Price | None:
    """Return the price of a pair. A unit told for a whole table is doubted where it makes a figure small or huge."""
    price = read_price(pair.value.text, pair.unit)
    if price is None or price.fen is None or not price.sure or not pair.outside or "元" in pair.value.text:
        return price
    scale = SCALES.get(pair.unit, 100)
    if max(scale, SMALL) <= price.fen < max(HUGE, 1000 * scale):
        return price
    return replace(price, sure=False, note=_("金额大小与表外写的单位“%(unit)s”不相称") % {"unit": pair.unit})


def _bid(lot: Lot, pair: Pair, price: Price, owner: Party) -> None:
    if any(fact.code == "bid" and fact.of == owner.name for fact in lot.facts):
        return
    more = {"note": price.note, "of": owner.name}
    if price.fen is not None:
        lot.add("bid", pair.value.text[:SHORT], pair.value, number=price.fen, sure=price.sure, **more)
    elif price.rate is not None:
        lot.add("bid", f"{price.rate.normalize():f}", pair.value, sure=price.sure, **more)
    else:
        lot.add("bid", pair.value.text[:LONGEST], pair.value, sure=False, **more)


def _award(lot: Lot, pair: Pair, price: Price, rank: int, *, sure: bool) -> None:
    more = {"sure": sure, "note": price.note or (_("第 %(n)d 名的报价") % {"n": rank} if rank else "")}
    if price.fen is not None:
        _amount(lot, pair, price.fen, more)
    elif price.rate is not None:
        if not lot.has("rate"):
            lot.add("rate", f"{price.rate:f}", pair.value, **more)
    elif price.lowest is not None:
        lot.add("lowest", pair.value.text[:SHORT], pair.value, number=price.lowest, **more)
        lot.add("highest", pair.value.text[:SHORT], pair.value, number=price.highest, **more)
    else:
        lot.add("price", pair.value.text[:LONGEST], pair.value, **(more | {"sure": False}))


def _amount(lot: Lot, pair: Pair, fen: int, more: dict[str, object]) -> None:
    """Keep the amount of the award: 中标价 goes before 报价; two that differ are both doubted."""
    known = next((fact for fact in lot.facts if fact.code == "amount"), None)
    if known is None or (known.number != fen and pair.firm and known.of):
        lot.facts = [fact for fact in lot.facts if fact is not known]
        lot.add("amount", pair.value.text[:SHORT], pair.value, number=fen, of="" if pair.firm else "offer", **more)
    elif known.number != fen and pair.firm and more["sure"]:
        doubted = replace(known, sure=False, note=_("几处金额不同，请核对"))
        lot.facts = [doubted if fact is known else fact for fact in lot.facts]
