"""Where a notice is about (行政区划): divisions that are named where the place of a project would be told.

Places of evidence are asked in order: what the notice calls the place, its title, the buyer, the buyer's address, the
trading centre. Deeper divisions refine larger ones; what contradicts the first is left aside. A name that several
divisions bear counts only within one that is told. A house stands where its own name says (上海市第一医院安徽医院:
安徽); a school that is called after a place, or known by its seat, gives way to a place beside it.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cache

from daachorse import MATCH_KIND_LEFTMOST_LONGEST, CharwiseDoubleArrayAhoCorasick

from xinshu.core.divisions import divisions, lineage, within
from xinshu.tenders.reading.placenames import COMMON, ORDINARY
from xinshu.tenders.reading.seats import SEATS, ZONES

_PEOPLES = (
    r"(?:(?:汉|回|蒙古|土家|苗|侗|布依|彝|藏|羌|傣|景颇|白|哈尼|壮|傈僳|朝鲜|哈萨克|蒙古|柯尔克孜|维吾尔|瑶|黎|满|畲|仡佬|水|"
    r"东乡|保安|撒拉|裕固|土|锡伯|达斡尔|塔吉克|拉祜|佤|布朗|毛南|仫佬|各|纳西|独龙|怒|普米|鄂温克|鄂伦春|京)族)+"
)
_FORM = re.compile(
    rf"(?:(?:{_PEOPLES}|维吾尔|壮族|回族)?自治(?:区|州|县|旗)|特别行政区|地区|林区|新区|矿区|左旗|右旗|[省市县区盟旗])$"
)
_LANDMARK = re.compile(
    r"[山河湖江岛岭桥站]|水库|机场|物流|集团|公司|国际|金融|花园|家园|小区|商贸|置业|酒店|度假|文化|旅游|置地|新城"
)
_STREET = re.compile(r"(?:[东西南北中一二三四五]{0,2}(?:路|街|大道|巷|弄|大厦|广场|大街)|银行|证券|话|菜|牌)")
_VILLAGE = re.compile(r"[^，。、市县区]{0,2}(?:镇|乡|村|街道|社区)")
_SCHOOL = re.compile(r"[^，。、（(]{0,6}(?:大学|学院)")
_HALVES = re.compile("[\ud800-\udfff]")  # of characters: no automaton reads them
_START = re.compile(r"(?:^|关于|[\[【（(〔“\s]|[:：]|由|[A-Za-z0-9]|\d年)$")
_QUARTERS = {  # 浙北, 鄂东: a part of a province
    "冀": "130000", "晋": "140000", "辽": "210000", "苏": "320000", "浙": "330000", "皖": "340000",
    "闽": "350000", "赣": "360000", "鲁": "370000", "豫": "410000", "鄂": "420000", "湘": "430000", "粤": "440000",
    "桂": "450000", "琼": "460000", "川": "510000", "黔": "520000", "滇": "530000", "陇": "620000",
}  # fmt: skip
_HOUSES = r"(?:院区|分院|校区|分校|中医院|中西医结合医院|(?:第[一二三四五六七八九十])?人民医院|中心医院|妇幼保健院)"
_OWN_HOUSE = re.compile(_HOUSES)
_BRANCH = re.compile(r"(?:市|省)?(?:医院|院区|分院|校区|分校|医学中心|研究院|研究生院)")
_MOTHER = re.compile(r"(?:医院|大学|学院|医疗中心|医学中心|总院|研究院)$")
_CALLED_AFTER = re.compile(r"[^，。、（(]{0,3}(?:医院|中学|小学|学校|饭店|宾馆|公园)")
_NUMBERED = (  # numbers that begin with the code of the division that keeps them
    re.compile(r"[\[【](\d{4}|\d{6})[\]】](?=[A-Z]{2})"),
    re.compile(r"(?<![\d.-])(\d{6})-20[12]\d-\d{4}"),
    re.compile(r"编[号码][:：]?\s*[A-Z]{0,5}(\d{6})(?:000)?20[12]\d{5}"),
)
_OFFERED = re.compile(
    r"^(?=[^，。；\s]{0,40}?(?:招标|代理|咨询|管理|造价|监理|采购(?:服务)?中心|交易中心|事务所))"
    r"\s*[^，。；\s]{4,40}?(?:公司|中心|事务所)\s*(?:受[^，。]{2,40}?委托)?[，,]?\s*(?:关于|就)"
)
_TAIL = re.compile(r"[\[【（(][^\]】）)]{0,40}(?:公司|代理|中心|事务所)[^\]】）)]{0,8}[\]】）)]\s*$")
_LEVELS = frozenset("省市县区旗盟")
LONGEST = 400  # signs of one place of evidence that are looked at


CLEAR, SCHOOL, LOOSE = 0, 1, 2  # a school is called after a place, and may have a house in another


@dataclass(frozen=True)
class Mention:
    """A division that is named; `codes` are several where several bear the name. LOOSE: hardly its own place."""

    codes: tuple[str, ...]
    start: int
    end: int
    doubt: int


@dataclass(frozen=True)
class Region:
    """Where it is: the code, where that was told, and whether nothing speaks against it."""

    code: str
    source: int  # which of the places of evidence
    start: int
    end: int
    sure: bool


def short_of(name: str) -> str:
    """Return what a division is called without its form: 恩施土家族苗族自治州 -> 恩施."""
    short = _FORM.sub("", name)
    return short if len(short) >= 2 else name


@cache
def _names() -> tuple[CharwiseDoubleArrayAhoCorasick, list[str], dict[str, tuple[str, ...]], frozenset[str]]:
    """Return the automaton, its words, the codes of each, and which are full names."""
    book: dict[str, list[str]] = defaultdict(list)
    full: set[str] = set()
    larger: set[str] = set()
    for one in divisions().values():
        book[one.name].append(one.code)
        full.add(one.name)
        if one.code.endswith("00"):
            larger.add(short_of(one.name))
        if one.name.endswith("自治州") and (called := short_of(one.name) + "州") not in book:  # 海南州
            book[called].append(one.code)
    for one in divisions().values():
        short = short_of(one.name)
        county = not one.code.endswith("00")
        if short in full or (county and short in larger) or (one.parent and short in ORDINARY):
            continue
        if one.code not in book[short] and not any(code.endswith("0000") for code in book[short]):
            book[short].append(one.code)
    for word, code in (
        *SEATS.items(),
        *ZONES.items(),
        *((sign + part, code) for sign, code in _QUARTERS.items() for part in "东西南北中"),
    ):
        if word not in book:
            book[word] = [code]
    words = list(book)
    automaton = CharwiseDoubleArrayAhoCorasick(words, match_kind=MATCH_KIND_LEFTMOST_LONGEST)
    return automaton, words, {word: tuple(codes) for word, codes in book.items()}, frozenset(full)


def mentions(text: str) -> list[Mention]:
    """Return the divisions that `text` names, without streets and other things that are called after them."""
    automaton, words, codes, full = _names()
    text = _HALVES.sub(" ", text[:LONGEST])
    told: list[Mention] = []
    for start, end, which in automaton.find(text):
        word, after = words[which], text[end : end + 12]
        if word in SEATS:
            if not told or told[-1].end < start:  # 西安电子科技大学 is not 电子科技大学
                told.append(Mention(codes[word], start, end, SCHOOL))
            continue
        if word not in full and (_STREET.match(after) or _VILLAGE.match(after)):
            continue
        if told and word not in full and _only_called(text, told[-1], codes[word], start, end):
            continue
        if told and codes[word][0].endswith("00") and _is_mother(text, told[-1], start, after):
            told[-1] = replace(told[-1], doubt=max(told[-1].doubt, SCHOOL))
            told.append(Mention(codes[word], start, end, CLEAR))
            continue
        told.append(Mention(codes[word], start, end, _doubt(word, codes[word], text[:start], after, full)))
    return told


def _doubt(word: str, codes: tuple[str, ...], before: str, after: str, full: frozenset[str]) -> int:
    county = word not in full and all(not code.endswith("00") for code in codes)
    lone = len(word) == 2 and word in full  # 西区, 赵县: also a part of other words
    other = word not in full and after[:1] in _LEVELS  # 云州市 is not 云州区: hardly the place that we know
    quarter = word[0] in _QUARTERS and word[1:] in tuple("东西南北中")
    if other or (county and (word in COMMON or _LANDMARK.match(after))):
        return LOOSE
    if (county or lone or quarter) and not _START.search(before) and not _OWN_HOUSE.match(after):
        return LOOSE
    return SCHOOL if _SCHOOL.match(after) else CLEAR


def _only_called(text: str, last: Mention, codes: tuple[str, ...], start: int, end: int) -> bool:
    """Tell whether a house in one place is only called after another: 昆明市延安医院."""
    near = 0 <= start - last.end <= 1 and text[last.end - 1] in _LEVELS
    return near and not _shared(last.codes, codes) and _CALLED_AFTER.match(text, end) is not None


def _is_mother(text: str, last: Mention, start: int, after: str) -> bool:
    """Tell whether what was named last is the mother of a house that bears this name: 上海市第一医院安徽医院."""
    between = text[last.end : start]
    return len(between) <= 24 and bool(_BRANCH.match(after) and _MOTHER.search(between))


def _shared(some: Iterable[str], others: Iterable[str]) -> bool:
    return bool({code[:2] for code in some} & {code[:2] for code in others})


def numbered(text: str) -> tuple[str, int, int] | None:
    """Return the division whose code a number of the project begins with, and where that stands; at most a city."""
    for pattern in _NUMBERED:
        for met in pattern.finditer(text[: 10 * LONGEST]):
            known = lineage(met[1].ljust(6, "0"))
            if known:
                return known[:2][-1].code, met.start(1), met.end(1)
    return None


def bare(title: str) -> tuple[str, int]:
    """Return a title without the agency that publishes it, and how many signs fell away before it."""
    lead = met.end() if (met := _OFFERED.match(title)) else 0
    return _TAIL.sub("", title[lead:]), lead


def region_of(evidence: Sequence[str], hint: str = "") -> Region | None:
    """Return the deepest division that the places of evidence tell, the first of them first; None for none.

    `hint`: a division that is known from elsewhere (the source's own); it only helps to tell namesakes apart.
    """
    told = [(place, one) for place, text in enumerate(evidence) for one in mentions(text)]
    told.sort(key=lambda row: row[1].doubt)
    best: Region | None = None
    for place, one in told:
        known = best.code if best is not None else hint
        codes = [code for code in one.codes if within(code, known)] if known else []
        codes = codes or [code for code in one.codes if _helped(code, told)] or list(one.codes)
        if len(codes) != 1:
            continue
        code = codes[0]
        if best is None:
            best = Region(code, place, one.start, one.end, sure=one.doubt != LOOSE)
        elif within(code, best.code):
            best = replace(best, code=code, source=place, start=one.start, end=one.end) if code != best.code else best
        elif code[:2] != best.code[:2] and _speaks(one, place, best.source):
            best = replace(best, sure=False)
    return best


def _speaks(one: Mention, place: int, source: int) -> bool:
    """Tell whether what is named in `place` speaks against what `source` tells: no school beside a place does."""
    return place <= source if one.doubt == CLEAR else one.doubt == SCHOOL and place < source


def _helped(code: str, told: Iterable[tuple[int, Mention]]) -> bool:
    """Tell whether something larger that is told without doubt holds `code`."""
    return any(len(one.codes) == 1 and code != one.codes[0] and within(code, one.codes[0]) for _place, one in told)
