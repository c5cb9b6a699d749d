"""Kinds of notices, by their titles."""

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
_TITLES = (
    (FAILED, r"终止|流标|废标|暂停|撤销|失败|中止"),
    (CHANGE, r"变更|更正|澄清|答疑|延期|补遗|修改|补充(?:公告|通知|文件)"),
    (CANDIDATE, r"候选(?:人|单位|供应商)"),
    (PLAN, r"招标计划|采购意向|意向公[开告示]|预公告|计划公告"),
    (CONTRACT, r"合同(?:公告|公示|备案|信息)|采购合同"),
    (AWARD, r"(?:中标|成交|中选|入围|结果|定标|中签)[^，。]{0,8}(?:公告|公示|公布|通知|信息)?$|中标|成交|中选|结果公[告示]"),
    (TENDER, r"招标|采购|磋商|谈判|询价|比选|竞价|询比|资格预审|遴选|公告"),
)  # fmt: skip
_BODY = (
    (CANDIDATE, r"中标候选人"),
    (AWARD, r"中标(?:人|单位|供应商|结果)|成交(?:人|供应商|结果)|中选(?:人|单位)"),
    (TENDER, r"投标人资格要求|获取招标文件"),
)


def kind_of(title: str, text: str = "") -> str:
    """Return the kind of a notice: its title decides, else what its text speaks of."""
    for kind, pattern in _TITLES:
        if re.search(pattern, title):
            return kind
    for kind, pattern in _BODY:
        if re.search(pattern, text):
            return kind
    return OTHER
