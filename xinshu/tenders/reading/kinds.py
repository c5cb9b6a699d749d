"""Kinds of notices, by their titles; where a title only names the project, by what the text begins with."""

# ruff: noqa: E501  (a table is read across)

import re

from django.utils.translation import gettext_lazy as _

AWARD, CANDIDATE, TENDER, CHANGE, FAILED, CONTRACT, PLAN, OTHER = (
    "award", "candidate", "tender", "change", "failed", "contract", "plan", "other",
)  # fmt: skip
KINDS = {
    AWARD: _("中标结果"),
    CANDIDATE: _("中标候选人公示"),
    TENDER: _("招标公告"),
    CHANGE: _("变更公告"),
    FAILED: _("终止公告"),
    CONTRACT: _("合同公告"),
    PLAN: _("招标计划"),
    OTHER: _("其他公告"),
}
_TITLES = (  # what a title says beyond doubt; the first that fits wins
    (OTHER, r"验收(?:情况)?(?:报告|公告|公示|结果|单)|评标报告|评价(?:结果)?公示|开标(?:项目|安排)表|注意事项$|(?:资产|设备|物资|车辆)[^，。]{0,8}(?:出售|拍卖|转让|处置)|履约验收|执行情况|投诉|监督(?:检查|意见)|处罚|不良行为"),
    (FAILED, r"终止|流标|废标|废选|暂停|撤销|采购失败|招标失败|失败公告|中止"),
    (CONTRACT, r"合同(?:的)?(?:公告|公示|公开|备案|信息)?(?:[（(][^（）()]{1,8}[)）])?[】\])）]*$|政府采购合同|合同(?:公告|公示|备案)|合同书$"),
    (CHANGE, r"变更|更正|澄清|答疑|延期|补遗|(?<!装)修改(?!造)|补充(?:公告|通知|文件)"),
    (CANDIDATE, r"候选(?:人|单位|供应商)"),
    (PLAN, r"招标计划|采购计划|采购意向|意向公[开告示]|预公[告示]|预告|计划公告|招标文件的?(?:预)?公示|标前公示|征求意见|意见征[集询求]|征询意见|"
           r"需求(?:的)?(?:公示|公开|征[求询集]|论证)|采购需求$|参数(?:的)?(?:公示|公开|征)|调研|市场调查|论证|推介会?|推荐日|产品需求|介绍会|演示说明|(?:方案|参数|意见|需求|信息)(?:的)?征[集求询]|咨询公告"),
    (AWARD, r"(?:中标|成交|中选|入围|结果|定标|中签)[^，。]{0,8}(?:公告|公示|公布|通知|信息)?$|(?:中标|成交|中选|入围|定标)(?:[（(][^（）()]{2}[)）])?(?:结果|公[告示]|通知)|结果公[告示]"),
    (TENDER, r"(?:招标|采购|磋商|谈判|询价|比选|竞价|询比|议价|遴选|竞谈|招租|邀请|征集供应商|资格预审|单一来源)(?:[^，。]{0,6})(?:公告|公示|邀请|函|书|通知)|招标文件|竞争性(?:磋商|谈判)|单一来源|资格预审|议标|比选|询价|竞价"),
)  # fmt: skip
_VOID = r"(?:废标|流标)(?:的)?(?:理由|原因|结果)|终止(?:的)?原因|(?:项目|采购包\d*|合同包\d*)(?:流标|废标)"
_HELD = r"(?:中标|成交)(?:人|供应商|单位|金额)|主要标的信息|有限公司[^，。\n]{0,80}\d元?"  # what only a lot that was awarded tells
_WON = r"(?:确定|推荐)?(?:中标|成交|中选)(?:单位|人|供应商)(?:如下|[:：为])"
_BODY = (
    (FAILED, r"(?:流标|废标|废选|终止)(?:结果)?公[告示]|终止的?原因|项目终止的"),
    (OTHER, r"招标内容与范围及招标方案说明"),  # how platforms register a project, before its notice
    (CONTRACT, r"合同基本情况|合同编号[:：]?[^，。]{0,80}合同名称|供应商[（(]乙方[)）]|合同公告|合同签[署订]时间|合同金额.{0,40}合同期限|合同主要信息"),
    (CHANGE, r"更正公告|变更公告|原公告(?:的)?(?:主要信息|项目|采购)|更正(?:内容|事项|信息)"),
    (CANDIDATE, r"中标候选人"),
    (AWARD, r"中标(?:人|单位|供应商|结果|金额|公告)|成交(?:人|供应商|结果|金额|公告)|中选(?:人|单位|公告)|评标结果公示|主要标的(?:部分)?信息"),
    (PLAN, r"采购计划编号|项目所在采购意向|采购计划名称|意向公开|市场调研|征求意见|立项论证|预计采购时间"),
    (TENDER, r"投标人资格要求|获取(?:招标|采购)文件|公开招标|竞争性(?:磋商|谈判)|询价|比选|潜在投标人|招标公告|招标条件|采购方式|预算金额"),
)  # fmt: skip
_WEAK = (
    (TENDER, r"招标|采购|磋商|谈判|公告"),
)  # fmt: skip
OPENING = 3000  # signs of a text that say what it is


def kind_of(title: str, text: str = "") -> str:
    """Return the kind of a notice: its title decides, where that says little what its text speaks of."""
    title = _bare(title)
    if re.search(r"(?:评标|评审|评选|开标|比选)结果", title) and "候选" in text:
        return CANDIDATE
    opening = text[:OPENING]
    for kind, pattern in _TITLES:
        if re.search(pattern, title):
            return _by_text(kind, title, opening, text)
    for kind, pattern in (*_BODY, *_WEAK):
        if re.search(pattern, opening if (kind, pattern) in _BODY else title):
            return kind
    return OTHER


def _by_text(kind: str, title: str, opening: str, text: str) -> str:
    """Return the kind that a title tells, or what its text makes of it: a result without a winner, a review with one."""
    if kind == AWARD and re.search(_VOID, opening) and not re.search(_HELD, text):
        return FAILED
    if kind == PLAN and "结果" in title and re.search(_WON, opening):
        return AWARD
    if kind == TENDER and title.endswith("公示"):  # 采购项目公示 says no more than that something is made public
        return next(
            (told for told, pattern in _BODY if told in (CONTRACT, AWARD) and re.search(pattern, opening)), kind
        )
    return kind


def _bare(title: str) -> str:
    """Return a title without what stands in brackets at its end: the agency, the number, the lot."""
    title = title.strip()
    while met := re.search(r"(?<=.{6})\s*[\[（(〔][^\[\]（）()〔〕]{0,60}[\]）)〕]\s*$", title):
        if re.search(r"变更|更正|废标|流标|终止|合同|公告|公示", met[0]):
            break
        title = title[: met.start()]
    return title
