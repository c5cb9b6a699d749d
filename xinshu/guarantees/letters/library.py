"""The clause library (条款库): what differs in a letter from type to type, as texts with places for data. Pure.

Amounts, days and names come into a text through its places only, never typed, so that text and data cannot drift
apart. A type keeps the text of its clauses with its version; whoever makes a new type begins with those kept here.
"""

import re
from collections.abc import Collection

from django.utils.translation import gettext as _

PLACES = (
    "项目",
    "编号",
    "申请人",
    "受益人",
)  # what a clause may take from the case; a whole letter has more (texts.py)
DUTY, EVENTS, PROOF, MORE = "duty", "events", "proof", "more"
_PLACE = re.compile(r"\{([^{}]*)\}")
TYPED = (
    re.compile(r"\d{4}\s*[-年/.]\s*\d{1,2}\s*[-月/.]\s*\d{1,2}"),  # a day
    re.compile(r"\d[\d,]*(?:\.\d+)?\s*(?:万|亿)?\s*元"),  # an amount
    re.compile(r"人民币\s*[零壹贰叁肆伍陆柒捌玖拾佰仟万亿]"),
)
# Words that would turn the promise into something else, or that the law gives no effect.
_FORBIDDEN = (
    ("可撤销", "写明可撤销的承诺不能作为独立保函（法释〔2016〕24号第4条）"),
    ("视为同意", "逾期不答复即视为同意的约定对受益人没有效力（URDG 11）"),
    ("见索即付", "付款方式由出具机构的性质决定，条款里不另写“见索即付”"),
    ("连带责任", "保证方式由出具机构的性质决定，条款里不另写“连带责任”"),
    ("一般保证", "保证方式由出具机构的性质决定，条款里不另写“一般保证”"),
)  # fmt: skip

LIBRARY: dict[str, dict[str, str]] = {
    DUTY: {
        "bid": "参加“{项目}”（编号：{编号}）投标",
        "performance": "履行“{项目}”（编号：{编号}）合同",
        "payment": "作为“{项目}”（编号：{编号}）的发包人，负有按施工合同支付工程款的义务",
        "quality": "对“{项目}”（编号：{编号}）在缺陷责任期内负有修复工程缺陷的义务",
        "wage": "承建“{项目}”（编号：{编号}），负有按时足额支付农民工工资的义务",
        "advance": "就“{项目}”（编号：{编号}）收取预付款，负有按合同使用并由工程款逐次抵扣预付款的义务",
    },
    EVENTS: {
        "bid": "申请人有下列情形之一的，贵方可以索赔：投标截止后撤销投标文件；中标后无正当理由不与贵方订立合同；"
        "订立合同时提出附加条件；不按招标文件要求提交履约担保。",
        "performance": "申请人不履行合同义务或者履行合同义务不符合约定的，贵方可以索赔。"
        "每次付款后最高担保金额相应减少。",
        "payment": "申请人不按施工合同约定的时间和数额支付工程款的，贵方可以就到期未付的部分索赔。"
        "每次付款后最高担保金额相应减少。",
        "quality": "缺陷责任期内由申请人原因造成的缺陷，申请人接到通知后不按约定修复、"
        "也不承担修复费用的，贵方可以就修复费用索赔。"
        "每次付款后最高担保金额相应减少。",
        "wage": "申请人拖欠“{项目}”农民工工资，经贵方责令限期支付而逾期不支付的，"
        "贵方可以书面通知我方以担保金额支付被拖欠的工资。"
        "每次付款后最高担保金额相应减少。",
        "advance": "申请人不按合同使用预付款，或者合同解除、终止时预付款没有抵扣完毕而不退还的，"
        "贵方可以就尚未抵扣的部分索赔。",
    },
    PROOF: {
        "bid": "申请人不按约定参加投标或订立合同的证明材料",
        "performance": "申请人未履行合同义务的证明材料",
        "payment": "工程款的计量、结算或支付确认文件，以及申请人逾期未付的证明材料",
        "quality": "缺陷通知、申请人未予修复的证明材料和修复费用的凭证",
        "wage": "责令限期支付的文书，以及被拖欠工资的人员、金额明细",
        "advance": "预付款的支付凭证，以及尚未抵扣金额的计算说明",
    },
    MORE: {
        "wage": "我方依前款支付后，申请人应在十个工作日内补足担保；贵方退还本保函前，工资支付情况应公示三十日。",
        "advance": "最高担保金额随预付款抵扣逐次递减，以尚未抵扣的预付款余额为限，余额以经贵方确认的抵扣凭证为准。",
    },
}


def faults_in(text: str, fields: Collection[str] = ()) -> list[str]:
    """Return, in words, what keeps a clause out of the library: unknown places, typed data, forbidden words.

    `fields`: the names of the type's own fields, which may stand in its clauses too.
    """
    found = []
    if unknown := sorted({name.strip() for name in _PLACE.findall(text)} - {*PLACES, *fields}):
        found.append(_("没有这样的占位项：%(names)s。") % {"names": "、".join(f"{{{name}}}" for name in unknown)})
    if _PLACE.sub("", text).count("{") or _PLACE.sub("", text).count("}"):
        found.append(_("大括号没有成对。"))
    if any(typed.search(text) for typed in TYPED):
        found.append(_("条款里不要写具体的金额和日期，它们由保函要素带入，避免文字与数据不一致。"))
    found += [_("不能写“%(word)s”：%(why)s。") % {"word": word, "why": why} for word, why in _FORBIDDEN if word in text]
    return found
