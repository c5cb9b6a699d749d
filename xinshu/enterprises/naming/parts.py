"""A company name in its parts: region, trade name, industry, form; and what is no part of it: a branch, 集团. Pure."""

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, lru_cache

from xinshu.core.divisions import divisions
from xinshu.enterprises.naming.words import BRANCHES, FOLD, FORMS, HOUSES, INDUSTRIES, LONGEST_INDUSTRY, NUMERALS

LONGEST = 120
_GONE = re.compile(r"[\s\u200b-\u200f\u2060\ufeff·•・‧.,，。、:：;；\"'“”‘’\x00-\x1f\ud800-\udfff]+")
_BRACKETS = str.maketrans("[]{}【】〔〕〈〉<>「」『』", "()()()()()()()()")
_BRANCH = re.compile(rf"^(.{{3,}}(?:公司|集团))((?:(?!公司).){{0,24}}?(?:{'|'.join(BRANCHES)}))$")
_BRANCH_OF_HOUSE = re.compile(
    rf"^(.{{2,}}?(?:银行|研究院|设计院|勘察院|事务所|工程局|总厂))(.{{0,20}}?(?:{'|'.join(BRANCHES)}))$"
)
_INSIDE = re.compile(r"\(([^()]*)\)")
_FORMS = sorted(FORMS, key=len, reverse=True)
_HOUSES = [
    (re.compile(whole.replace("N", f"([{NUMERALS}]{{1,3}})")), short.replace("N", r"\1")) for whole, short in HOUSES
]
_PLACE = re.compile(r"^[\u4e00-\u9fff]{2,3}?(?:自治区|自治州|自治县|省|市|县)(?!政)(?=[\u4e00-\u9fff]{2})")
_ENDS = ("特别行政区", "维吾尔自治区", "壮族自治区", "回族自治区", "自治区", "省", "市", "地区", "盟")


@dataclass(frozen=True)
class Parts:
    """What a name is made of. `written`: the whole without brackets' widths and spaces; "" where a part is missing."""

    written: str
    region: str = ""
    trade: str = ""
    industry: str = ""
    form: str = ""  # what FORMS calls it
    group: bool = False
    note: str = ""  # what stands in brackets and is neither a place nor 集团
    branch: str = ""
    firm: str = ""  # of a branch: the name of the firm whose it is

    @property
    def alike(self) -> str:
        """The name as the law compares it: 有限责任公司 and 有限公司 are one form."""
        return self.written.replace("有限责任公司", "有限公司")

    @property
    def folded(self) -> str:
        """`alike` with signs that are taken for each other made one: key to names with a slip."""
        return fold(self.alike)

    @property
    def core(self) -> str:
        """Trade name and industry: key to the same firm with its region or form left out."""
        return fold(self.trade + self.industry)

    @property
    def short(self) -> str:
        """The trade name alone."""
        return fold(self.trade)


def plain(name: str) -> str:
    """Return `name` as names are compared: half width, capital letters, round brackets, no spaces or marks."""
    text = unicodedata.normalize("NFKC", name[: 2 * LONGEST]).translate(_BRACKETS)
    return _GONE.sub("", text).upper()[:LONGEST]


def fold(text: str) -> str:
    """Return `text` with one sign for all that are taken for each other: 己达 and 已达 fold alike."""
    return text.translate(FOLD)


@lru_cache(maxsize=20_000)
def parts_of(name: str) -> Parts:
    """Cut a name into its parts. Whatever stands there, something comes back; nothing is looked up but tables."""
    written = plain(name)
    if met := _BRANCH.match(written) or _BRANCH_OF_HOUSE.match(written):
        firm = parts_of(met[1])
        return Parts(
            written, firm.region, firm.trade, firm.industry, firm.form, firm.group, firm.note, met[2], firm.written
        )
    text, inside = _INSIDE.sub("", written), _INSIDE.findall(written)
    text = text.replace("(", "").replace(")", "")
    form = next((form for form in _FORMS if text.endswith(form) and len(text) > len(form)), "")
    stem = text.removesuffix(form)
    notes = [one for one in inside if one and "集团" not in one and one not in FORMS]
    form = form or next((one for one in inside if one in FORMS and one != "集团"), "")
    group = "集团" in form or stem.endswith("集团") or "集团" in inside
    stem = stem.removesuffix("集团").removesuffix("控股集团")
    for whole, short in _HOUSES:
        stem, met_house = whole.subn(short, stem, count=1)
        if met_house:
            break
    region, rest = _cut_region(stem)
    places = [one for one in notes if _is_place(one)]
    if not region and places:
        region = places[0]
    trade, industry = _cut_industry(rest)
    if not trade:  # 上海建工: what looks like a place and an industry is the trade name
        trade, industry = stem, ""
    note = "".join(one for one in notes if one not in places)
    return Parts(written, _bare(region), trade, industry, FORMS.get(form, ""), group, note)


def _cut_industry(stem: str) -> tuple[str, str]:
    """Return trade name and industry: words of industries are taken from the end while two signs stay before them."""
    at = len(stem)
    while True:
        size = next((size for size in range(min(LONGEST_INDUSTRY, at), 1, -1) if stem[at - size : at] in INDUSTRIES), 0)
        if not size or at - size == 1:
            return (stem[:at], stem[at:])
        at -= size
        if at == 0:
            return "", stem


def _cut_region(stem: str) -> tuple[str, str]:
    """Return the region at the beginning (of 湖北省宜昌市 the last) and what follows it, at least two signs."""
    region, rest = "", stem
    for _level in range(3):
        found = _place_at(rest)
        inside = not region or _bare(region) in within().get(_bare(found), ())
        if not found or not inside or len(rest) - len(found) < 2:
            break
        region, rest = found, rest[len(found) :]
    if not region and (met := _PLACE.match(stem)):  # a place that no table knows
        region, rest = met[0], stem[len(met[0]) :]
    return region, rest


def _place_at(text: str) -> str:
    for size in range(min(11, len(text)), 1, -1):
        if text[:size] in _places() and not (text[size - 1] == "市" and text[size : size + 1] == "政"):
            return text[:size]
    return ""


def _is_place(text: str) -> bool:
    return text == "中国" or text in _places()


def _bare(region: str) -> str:
    """Return a region as it is compared: 云州市 and 云州 are one."""
    for end in (*_ENDS, "县", "区"):
        if region.endswith(end) and len(region) - len(end) >= 2:
            return region.removesuffix(end)
    return region


@cache
def _places() -> frozenset[str]:
    """Return how regions stand at the head of a name: all in full, provinces and cities also without 省 and 市."""
    names = {one.name for one in divisions().values() if len(one.name) > 2}
    short = {_bare(one.name) for one in divisions().values() if one.code.endswith("00") or one.name.endswith("市")}
    return frozenset(name for name in names | short if len(name) >= 2 and name not in {"市辖区", "县", "市辖"})


@cache
def within() -> dict[str, frozenset[str]]:
    """Return for a region's bare name those that it lies in: 宜昌 in 湖北."""
    table: dict[str, set[str]] = {}
    for one in divisions().values():
        above = divisions().get(one.parent)
        while above is not None:
            table.setdefault(_bare(one.name), set()).add(_bare(above.name))
            above = divisions().get(above.parent)
    return {name: frozenset(above) for name, above in table.items()}
