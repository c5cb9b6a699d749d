"""What a client can be given: the permissions that operations of the interface ask for. One table, as for roles."""

from django.utils.translation import gettext_lazy as _

from xinshu.accounts.models import Member
from xinshu.core.classification import REVEAL

SCOPES = {
    "guarantees.view": _("查询保函和项目"),
    "guarantees.apply": _("申请保函"),
    "guarantees.pay": _("缴纳保费"),
    "guarantees.review": _("审批保函"),
    "guarantees.issue": _("签发保函"),
    "guarantees.release": _("解除担保"),
    "guarantees.supervise": _("监管辖区内的保函"),
    "claims.view": _("查询索赔"),
    "claims.present": _("提出索赔"),
    "claims.respond": _("对索赔表达意见"),
    "claims.examine": _("审核索赔"),
    "claims.decide": _("复核索赔"),
    "claims.pay": _("索赔付款"),
    "projects.edit": _("登记和修改项目"),
    "tenders.view": _("查询招标公告"),
    "tenders.enter": _("推送招标公告"),
    "watch.view": _("查询风险预警"),
    "watch.handle": _("推送风险事件"),
    REVEAL: _("取得敏感个人信息原文（须由两人授予）"),
}


def grantable(principal: Member) -> list[tuple[str, str]]:
    """Return what a client that acts as `principal` can be given: code and words."""
    return [(code, words) for code, words in all_scopes() if code == REVEAL or principal.can(code)]


def all_scopes() -> list[tuple[str, str]]:
    """Return every scope, code and words."""
    return [(code, str(words)) for code, words in SCOPES.items()]


def words_of(codes: list[str]) -> str:
    """Return scopes in words, for people."""
    return "、".join(str(SCOPES.get(code, code)) for code in codes)
