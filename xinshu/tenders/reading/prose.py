"""Who won, and for how much, where only sentences say so."""

import re
from collections.abc import Iterator

from xinshu.tenders.reading.layout import Cell
from xinshu.tenders.reading.records import Pair
from xinshu.tenders.reading.values import NAME
from xinshu.tenders.reading.words import ordinal

_WON = r"(?:中标|成交|中选|入围)"
_NAMED = r"(?P<name>[^，。；：:\n\t、]{4,60}?)"
_WINNERS = (
    re.compile(rf"(?:确定|确认|现将|推荐|由|同意|选定){_NAMED}(?:为|是)(?:本|该|此)?(?:项目|工程|标段|次招标|次采购)?(?:[^，。；\n]{{0,20}}?)(?:的)?{_WON}(?:人|单位|供应商|方)"),
    re.compile(rf"(?:最终|评审[，,]?|[，。；\n]|^)(?:由)?{_NAMED}(?:以[^。\n，；]{{1,60}}?)?{_WON}(?:[，。；\n]|$)"),
    re.compile(rf"{_WON}(?:人|单位|供应商|方)?(?:确定)?(?:为|是){_NAMED}(?=[，。；\n\t]|$)"),
)  # fmt: skip
_PRICE = re.compile(
    rf"{_WON}(?:总)?(?:价|金额|价格|报价|总价)(?:(?:为|是|[:：])\s*|(?=[¥￥]?\s*\d[\d,.]*\s*(?:亿|万)?元))(?P<price>[^。；\n\t]{{1,90}})"
    r"|以(?P<by>[^。；，\n\t]{1,60}?元[^。；，\n\t]{0,40}?)(?:的(?:价格|报价|投标价))?(?:中标|成交|中选)"
)
_CANDIDATES = re.compile(
    r"(?:推荐|[，。；、\n]|^)\s*(?P<name>[^，。；：:\n\t、]{4,60}?)为(?P<rank>第[一二三四五1-5](?:名)?(?:中标|成交|中选)?候选(?:人|单位|供应商)|第[一二三四五]名)"
)


def winners_in(text: str) -> Iterator[Pair]:
    """Yield who is said to have won."""
    for pattern in _WINNERS:
        told = [met for met in pattern.finditer(text) if NAME.search(met["name"].strip())]
        for met in told:
            yield Pair("winner", _named(met))
        if told:
            return


def price_in(text: str) -> Pair | None:
    """Return what is said to be the price of the award, None where nothing is."""
    if (price := _PRICE.search(text)) is None:
        return None
    return Pair("price", _cell(price, "price" if price["price"] else "by"), firm=True)


def candidates_in(text: str) -> Iterator[Pair]:
    """Yield who is said to be which candidate."""
    for met in _CANDIDATES.finditer(text):
        name = _named(met)
        if NAME.search(name.text):
            yield Pair("candidate", name, rank=ordinal(met["rank"]) or 0)


def _named(met: re.Match[str]) -> Cell:
    name = _cell(met, "name")
    lead = re.match(r".*(?:推荐|确定|最终|由)", name.text)
    return Cell(name.text[lead.end() :], name.start + lead.end()) if lead else name


def _cell(met: re.Match[str], group: str) -> Cell:
    words = met[group]
    lead = len(words) - len(words.lstrip())
    return Cell(words.strip(), met.start(group) + lead)
