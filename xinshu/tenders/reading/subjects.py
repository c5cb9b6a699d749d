"""What a notice is about as a whole: where (region) and which trade, told by the title and the facts that were read."""

import re
from collections.abc import Iterable, Iterator

from django.utils.translation import gettext as _

from xinshu.core.divisions import name_of
from xinshu.tenders.reading.facts import Fact
from xinshu.tenders.reading.regions import bare, numbered, region_of
from xinshu.tenders.reading.trades import trade_label, trade_of

_ADDRESS = re.compile(
    r"(?:采购人|采购单位|招标人|招标单位|建设单位)(?:信息)?[^。]{0,90}?地\s*址\s*[:：]?\s*([^\n\t，。；]{4,40})"
)
_PLACED = re.compile(
    r"(?:项目|工程)(?:建设)?(?:地点|地址|位置)?(?:位于|坐落于|坐落在|在)\s*[:：]?\s*([^\n\t，。；]{3,30})"
)
_HOUSE = (
    r"[\u4e00-\u9fff（）()]{2,30}?(?:医院|大学|学院|院区|学校|中学|小学|局|委员会|政府|中心|公司|研究院|[院站队所])"
)
_SAID = (  # whose notice it is, in running text
    re.compile(rf"受\s*({_HOUSE})\s*的?委托"),
    re.compile(rf"(?:采购单位|采购机构|采购人|招标人|比选人|采购意向)(?:名称)?\s*[:：]?\s*({_HOUSE})"),
    re.compile(rf"我(?:院|校|局|单位|公司)[（(]({_HOUSE})[)）]"),
    re.compile(
        rf"(?<![\u4e00-\u9fff])(?:根据|因)?({_HOUSE})(?:[（(][^（()）\n]{{2,20}}[)）])?(?:拟|现拟|决定|业务|发展|对|就)"
    ),
)
_AREA = re.compile(r"(?:行政区[域划]|项目所在地区?|项目(?:实施|建设)?地[点址])\s*[:：]?\s*([\u4e00-\u9fff]{2,20})")
_IN_NUMBER = re.compile(r"[A-Z0-9]-([\u4e00-\u9fff]{1,8}[省市县区])-\d")
_BODY = re.compile(  # a public body: those buy, and seldom sell
    r"([\u4e00-\u9fff]{2,9}(?:省|市|县|区|州|盟|旗)[\u4e00-\u9fff]{0,12}?(?:医院|局|大学|学院|学校|中学|小学|政府|委员会|管理处|财政))"
)
_TITLED = re.compile(
    r"^(?:[^，。；\s]{4,40}?(?=关于))?(?:关于|就)?(?P<name>.{4,200}?)的?(?:评标结果|评审结果|(?:中标|成交|中选)?候选人|(?:中标|成交|中选|采购|招标|磋商|谈判|询价)(?:[（(](?:成交|中标)[)）])?结果|"
    r"(?:公开|邀请|竞争性)?(?:招标|采购|磋商|谈判|询价|比选|竞价)|中标|成交|中选|流标|废标|终止|更正|变更|澄清|合同)"
    r"(?:[（(](?:成交|中标)[)）])?(?:结果)?(?:公告|公示|公开)"
)
_CENTRE = re.compile(r"([^\s，。；：:（(《“]{2,14}?)(?:公共资源(?:电子)?交易|政府采购(?:网|云|中心|平台)|政采云)")


def about(text: str, title: str, facts: Iterable[Fact], hint: str = "") -> Iterator[Fact]:
    """Yield the region and the trade, each with its place in the text, where they are told."""
    facts = list(facts)
    places = list(_places(text, title, facts))
    region = region_of([words for words, _start, _sure in places], hint)
    if region is None and (found := numbered(text)) is not None:
        yield Fact("region", *found)
    if region is not None:
        _words, start, firm = places[region.source]
        elsewhere = bool(hint) and region.code[:2] != hint[:2]
        sure = region.sure and firm and not elsewhere
        note = _("来源在另一个省份") if elsewhere else "" if sure else _("几处说法不同，或只有地名的一部分")
        yield Fact("region", region.code, start + region.start, start + region.end, sure=sure, note=note)
    if not any(fact.code == "project" for fact in facts) and (project := _project(text, title)) is not None:
        facts.append(project)
        yield project
    for words, start in _names(text, title, facts):
        told = trade_of(words)
        if told is not None:
            yield Fact("trade", told[0], start + told[1], start + told[2])
            return


def _places(text: str, title: str, facts: list[Fact]) -> Iterator[tuple[str, int, bool]]:
    """Yield where the place would be told: words, where they stand, and whether they alone would do."""
    yield from ((fact.value, fact.start, True) for fact in facts if fact.code == "site")
    words, lead = bare(title)
    if (at := text.find(title)) >= 0:
        yield words, at + lead, True
    yield from ((fact.value, fact.start, True) for fact in facts if fact.code in ("project", "buyer"))
    for pattern in (_AREA, *_SAID, _PLACED, _ADDRESS, _BODY, _CENTRE, _IN_NUMBER):
        if found := pattern.search(text):
            yield found[1], found.start(1), True


def _project(text: str, title: str) -> Fact | None:
    """Return the project as the title calls it: without the agency before it and the kind of notice behind."""
    words, lead = bare(title)
    met = _TITLED.match(words)
    if met is None or (at := text.find(title)) < 0:
        return None
    start = at + lead + met.start("name")
    return Fact("project", met["name"], start, start + len(met["name"]))


def _names(text: str, title: str, facts: list[Fact]) -> Iterator[tuple[str, int]]:
    yield from ((fact.value, fact.start) for fact in facts if fact.code in ("project", "lot_name"))
    if (at := text.find(title)) >= 0:
        yield title, at


def called(fact: Fact) -> str:
    """Return what a region or trade is called; of every other fact its value."""
    return {"region": name_of, "trade": trade_label}.get(fact.code, str)(fact.value)
