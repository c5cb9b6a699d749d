"""The words of notices: which labels mean what, in which unit, and what begins a lot or a rank. One table for all."""

# ruff: noqa: E501  (a table is read across)

import re
from dataclasses import dataclass

from xinshu.tenders.reading.values import plain

_WON = r"(?:拟定|拟|预)?(?:中标|成交|中选|入围|中签|定标)(?:[（(](?:成交|中标|中选|入围)[)）])?"
_WHO = r"(?:候选)?(?:人|单位|供应商|服务商|方|企业|公司|投标人|社会投资人|承包人|承包商|机构|厂家|厂商)"
_CALLED = r"(?:名称|全称|姓名|信息)?"
WORDS: tuple[tuple[str, str], ...] = (  # code, label without spaces, colon and unit; the first that fits wins
    ("loser", rf"(?:未|非|落)(?:中标|成交|中选)(?:的)?{_WHO}?{_CALLED}(?:名单)?"),
    ("lead", r"(?:联合体)?(?:牵头|主办|主体|主)(?:人|方|单位)(?:名称)?"),
    ("member", r"(?:联合体)?(?:其他)?成员(?:单位|方|[一二三四\d])*(?:名称)?|联合体(?:各方|单位)"),
    ("candidate", rf"(?:第[一二三四五1-5](?:名)?)?(?:推荐)?(?:的)?(?:中标|成交|中选|入围)?候选(?:人|单位|供应商|企业)(?:单位)?{_CALLED}|第[一二三四五1-5]名(?:{_CALLED})|(?:推荐)?(?:的)?(?:中标|成交|中选)?候选人第[一二三四五1-5]名"),
    ("winner", rf"(?:第[一1]名)?(?:确定|最终)?(?:的)?{_WON}{_WHO}{_CALLED}|{_WON}信息|{_WON}名称"),
    ("price", rf"{_WON}(?:总|暂定)?(?:价格|价款|价|金额|报价|总价|总额|额|费率|折扣率|下浮率|优惠率|结果|费用)"),
    ("price", r"(?:签约)?合同(?:总|暂定)?(?:价|价格|价款|金额|总价|总额)"),
    ("offer", r"(?:投标|响应|磋商|谈判|最终|最后|首次|评标|修正|有效|总)?(?:总)?报价(?:总价|金额|承诺|费率|下浮率|情况)?|(?:投标|评标)(?:总)?(?:价格|价|金额|费率)|下浮率|折扣率|优惠率|费率|价格|总价|总金额|总额|金额"),
    ("budget", r"(?:项目|采购|招标|合同包|包|标段)?(?:的)?(?:预算|限价|控制价|拦标价|最高(?:投标)?限价|(?:招标|采购|投标)?控制价|最高限额|上限价|概算|总投资|投资(?:额|估算)|估算价)(?:金额|总额|价格|总价)?"),
    ("deposit", r"(?:投标|履约|磋商|谈判|质量|农民工工资)?保证金(?:金额|数额)?|(?:招标|采购)?代理(?:服务)?(?:费|收费)(?:标准|金额)?|(?:代理)?服务费(?:金额)?|收费金额"),
    ("bidder", r"(?:参与)?(?:投标|响应|报价|参选|竞标|应答|磋商|竞价)(?:的)?(?:人|单位|供应商|企业|方|公司|机构)(?:名称|全称|名单)?"),
    ("party", r"(?:供应商|承包人|承包单位|承包商|服务商|乙方|供货商|供货单位|供货方)(?:[（(]乙方[)）])?(?:名称|全称)?|(?:单位|企业|公司|厂商|机构)(?:名称|全称)"),
    ("lot_name", r"(?:标段|标包|分包|分标|合同包|采购包|包件|包|标项|品目包)(?:[（(](?:包|标段|包件)[)）])?(?:名称|内容)"),
    ("lot_number", r"(?:标段|标包|分包|合同包|采购包|包件|包组|包|标项)(?:[（(](?:包|标段|包件)[)）])?(?:编号|号|序号|代码)?|分标(?:编号|号)?|标号"),
    ("project", r"(?:招标|采购|工程|建设|交易|合同)?(?:项目|工程)(?:名称|全称)|采购标的名称"),
    ("number", r"(?:招标|采购|工程|交易|备案|政府采购|项目|公告|合同)(?:项目)?(?:代码|编号|文号)|(?:项目)?(?:招标|采购)(?:文件)?编号"),
    ("buyer", r"(?:招标|采购|委托|需求)(?:人|单位|方)(?:名称|全称|信息|单位)?|(?:项目)?建设(?:单位|方)(?:名称)?|(?:项目)?业主(?:单位)?(?:名称)?|(?:项目)?(?:发包|比选)(?:人|单位|方)(?:名称)?|甲方"),
    ("agency", r"(?:招标|采购)?(?:人)?(?:委托)?代理(?:机构|单位|公司|人)(?:名称|全称|信息)?|招标机构(?:名称)?|集中采购机构"),
    ("contract_days", r"(?:履约|履行|服务|交货|供货|合同|施工|建设|计划|中标|投标|总|勘察|设计)*(?:期限|工期|周期|履行期限|服务期限?|交货期|交付期|供货期|工期)(?:要求|承诺|[（(](?:日历)?天[)）])?"),
    ("validity_days", r"(?:投标|报价|响应文件)有效期"),
    ("opens_on", r"(?:开标|开启|评标|评审|磋商|谈判|开标评标)(?:时间|日期)|(?:投标|响应)文件(?:递交|提交)?(?:的)?截止(?:时间|日期)"),
    ("award_on", r"(?:定标|中标|成交|中选)(?:时间|日期)|(?:评定|确定)(?:成交|中标)?日期"),
    ("published_on", r"(?:本)?公告(?:发布)?(?:日期|时间)|发布(?:日期|时间)|公示发布(?:日期|时间)"),
    ("publicity", r"(?:结果)?(?:公示|公告)(?:期|期限|期间|时间|起止时间)"),
    ("site", r"(?:建设|工程|项目|施工|实施|服务|交货|项目所在)(?:地点|地址|地区|所在地)|所在地区|所属地区|行政区域|行政区划"),
    ("rank", r"名次|排名|排序|位次|推荐(?:排序|顺序|名次|排名)|(?:中标)?候选人?(?:排序|排名|顺序)|顺序|推荐意见"),
    ("status", r"是否(?:中标|成交|推荐)(?:候选人)?|(?:中标|评审)(?:状态|结论)"),
    ("item", r"(?:货物|标的|品目|产品|设备|物资|商品|服务|工程)(?:名称|内容|范围|要求|时间|标准|类别)|品目(?:号|编码)?|采购标的|品牌(?:[（(/、].{0,8})?|规格(?:型号)?|型号|数量|单位|制造商|生产厂家|(?:中标|成交|投标|合同)?(?:含税)?(?:综合)?单价|施工范围|主要标的"),
    ("other", r"序号|[^\d：:，,]{0,8}(?:地址|电话)|项目(?:经理|负责人|总监)|技术负责人|总监(?:理工程师)?|建造师|注册(?:证书)?编号|证书(?:名称|编号)(?:及编号)?|(?:联系)?地址|通讯地址|联系人|联系方式|联系电话|电话|传真|邮箱|邮编|备注|说明|(?:综合|评标|评审|最终|技术|商务|价格|总)?(?:得分|评分|分数|总分)|质量(?:目标|要求|标准|承诺)?|(?:企业)?(?:类似|代表)?业绩|资质(?:等级|证书|条件)?|安全(?:目标|生产)?|统一社会信用代码|社会信用代码|信用代码|法定代表人|企业规模|(?:项目)?概况|采购方式|招标方式|评标(?:办法|情况)|评审(?:专家|小组)(?:名单|成员)?|异议|投诉|监督(?:部门|单位)|行业主管部门|开户(?:行|银行)|账号"),
)  # fmt: skip
_LABELS = [(code, re.compile(pattern)) for code, pattern in WORDS]
_LISTED = "|".join(f"(?:{pattern})" for _code, pattern in WORDS)
_LOT = re.compile(
    r"(?:第\s*[一二三四五六七八九十\d]{1,3}\s*(?:标段|标包|分包|合同包|采购包|包件|包|标项|标)"
    r"|[一二三四五六七八九十\d]{1,3}\s*(?:标段|标包|合同包|采购包|包件|标项|号?包)"
    r"|(?:标段|标包|分包|合同包|采购包|包件|包|标项)(?:[（(]包[)）])?\s*[\[【]?\s*(?:[一二三四五六七八九十]{1,3}|[A-Za-z]?-?\d{1,3})\s*[\]】]?)"
)
_SPACED = r"[招中采成中投建发][ ]{1,3}[标购交选设包][ ]{1,3}[人价方]"
SEPARATED = re.compile(  # a label and what parts it from its value; the lot that stands right before it
    rf"(?<![\u4e00-\u9fff])(?:(?P<lot>{_LOT.pattern})的?)?(?:本项目|本工程|本标段|其)?(?P<label>{_LISTED}|{_SPACED})"
    r"\s*(?:[（(](?P<aside>[^（()）\n\t]{1,16})[)）])?\s*(?:[:：∶]|(?:依次)?为[:：]?|是)[ ]*"
)
_NUMBERING = re.compile(r"^(?:[（(]?[一二三四五六七八九十\d]{1,3}[)）]?[、.．\s]|[*●■◆▪·★])+")
_BRACKETS = re.compile(r"[（(]([^（()）]*)[)）]$")
_ASIDE = re.compile(
    r"天|日历天|日|盖章|全称|如有|人民币|含税|不含税|公章|小写|大写|总价|报价承诺|成交|中标|投标人|包|标段|乙方|甲方|应付|实付"
)
ORDINAL = re.compile(
    r"(?:(?:中标|成交|中选)?候选人)?第([一二三四五六七八九1-9])(?:名|位|顺位)?(?:(?:推荐)?的?(?:中标|成交|中选|入围)?候选(?:人|单位|供应商|企业)?)?(?:单位)?(?:名称)?"
)
_NUMBERS = {
    sign: number for number, pair in enumerate(zip("一二三四五六七八九", "123456789", strict=True), 1) for sign in pair
}
LONGEST_LABEL = 30


@dataclass(frozen=True)
class Label:
    """What a label means: its code, the unit that it says, and the rank that it names (第一中标候选人: 1)."""

    code: str
    unit: str = ""
    rank: int = 0
    firm: bool = False  # of a price: that of the award or the contract, not of an offer


def label_of(words: str) -> Label | None:
    """Return what `words` mean as a label, else None. "中标价(万元)：" is a price in 万元."""
    words = re.sub(r"\s", "", plain(words))
    words = _NUMBERING.sub("", words).strip(":：*")
    if not words or len(words) > LONGEST_LABEL:
        return None
    unit, whole = "", words
    for _bracket in range(2):
        if (bracketed := _BRACKETS.search(words)) is None:
            break
        unit = unit or unit_of(bracketed[1])
        if not (unit_of(bracketed[1]) or _ASIDE.fullmatch(bracketed[1])):
            break
        words = words[: bracketed.start()]
    unit = unit or (unit_of(whole) if re.search(r"[（(：:/]", whole) else "")
    for code, pattern in _LABELS:
        if pattern.fullmatch(words):
            if code in ("price", "offer") and re.search(r"率$|率[（(]", words):
                unit = unit or "%"
            return Label("price" if code == "offer" else code, unit, ordinal(words) or 0, firm=code == "price")
    if (bracketed := _BRACKETS.search(words)) and len(bracketed[1]) < 9:  # 数量（吨）
        plainer = label_of(words[: bracketed.start()])
        return plainer if plainer is not None and plainer.code in ("item", "other") else None
    return None


def unit_of(words: str) -> str:
    """Return the unit of money that `words` say: 元, 万元, 亿元, %, 元/% where either is meant; "" for none."""
    if re.search(r"美元|欧元|日元|港[元币]|英镑|外币", words):
        return "外币"
    if re.search(r"元\s*/\s*%|元或%|元、%|%\s*/\s*元|元/费率", words):
        return "元/%"
    for unit in ("千万元", "百万元", "千元", "亿元", "万元"):
        if unit in words:
            return unit
    if re.search(r"元|¥|￥", words):
        return "元"
    if "‰" in words:
        return "‰"
    return "%" if re.search(r"[%％]|费率", words) else ""


def ordinal(words: str) -> int | None:
    """Return the rank that `words` are (第一名, 第二中标候选人), None when they are something else."""
    found = ORDINAL.fullmatch(re.sub(r"\s", "", words).strip(":：、.（）()"))
    return _NUMBERS[found[1]] if found else None


def lot_key(words: str) -> str:
    """Return what tells a lot apart however it is written: 第一标段, 标段一 and 1 标段 are the same."""
    words = re.sub(r"\s", "", plain(words))
    said = _LOT.match(words)
    number = re.search(r"[A-Za-z]?-?\d+|[一二三四五六七八九十]+", said[0] if said else words)
    if said is None and not (number and number[0] == words):
        return words
    value = number[0] if number else ""
    return value.lstrip("0-") or value if value.isascii() else str(_counted(value))


def _counted(words: str) -> int:
    tens, ten, ones = words.rpartition("十") if "十" in words else ("", "", words)
    return (_NUMBERS.get(tens, 1) * 10 if ten else 0) + _NUMBERS.get(ones, 0)


def lot_heading(line: str) -> tuple[str, int] | None:
    """Return (what a line that begins a lot calls it, where), None for any other line."""
    start = met.end() if (met := _NUMBERING.match(line)) and not _LOT.match(line) else 0
    found = _LOT.match(line, start)
    if found is None or len(line.strip()) > 60:
        return None
    after = line[found.end() :].lstrip()
    return (
        (found[0], start)
        if not after
        or after[0] in ":：(（、，,.-——[【"
        or (len(line.strip()) <= 24 and not re.search(r"[，。]", after))
        else None
    )
