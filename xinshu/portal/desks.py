"""What each role finds on its workbench: one table. Where the work comes from is in work.py."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from xinshu.accounts.models import Member
from xinshu.accounts.roles import is_own, permissions_of
from xinshu.portal.work import (
    AWARDS,
    CERTIFICATIONS,
    DELIVERIES,
    GUARANTEES,
    PAPERS,
    REGISTRATIONS,
    SEALED,
    SHORT,
    SYSTEMS,
    Source,
)
from xinshu.web.jinja import address


@dataclass(frozen=True)
class Start:
    """A place where this role often begins; absent while the installation has no such page."""

    label: str | Promise
    hint: str | Promise
    icon: str
    to: str

    @property
    def href(self) -> str:
        return address(self.to)


@dataclass(frozen=True)
class Desk:
    """What one role finds."""

    sources: tuple[Source, ...] = ()
    starts: tuple[Start, ...] = ()
    manual: str = ""  # its page in docs/manual


_l = gettext_lazy
APPLY = Start(_l("申请保函"), _l("选项目、核资料、提交"), "plus", "guarantees:new")
REGISTER = Start(_l("保函台账"), _l("查询、筛选、导出"), "doc", "guarantees:list")
VERIFY = Start(_l("保函查验"), _l("编号、二维码或文件"), "qr", "guarantees:verify")
CLAIMS = Start(_l("索赔台账"), _l("收到的索赔与时限"), "law", "claims:list")
RECOURSE = Start(_l("追偿台账"), _l("代偿、收回、核销"), "redo", "claims:recourses")
PROJECTS = Start(_l("工程项目"), _l("项目、参建方与金额"), "build", "projects:list")
EVIDENCE = Start(_l("存证核验"), _l("核对检查点与证明"), "link", "ledger:evidence")
APPROVE = Start(_l("注册审核"), _l("核对机构与联系人"), "users", "accounts:registrations")
CERTIFY = Start(_l("认证审核"), _l("逐项核对企业认证"), "shieldok", "certification:list")
USERS = Start(_l("用户与权限"), _l("新增、角色、锁定、离职"), "user", "accounts:users")
ROLE_CHANGES = Start(_l("角色变更"), _l("批准他人的角色"), "swap", "accounts:role_changes")
EMERGENCY = Start(_l("应急处置"), _l("停用机构、停止导出"), "ban", "accounts:emergency")
OPERATE = Start(_l("任务投递"), _l("失败原因与重试"), "redo", "ledger:deliveries")
PLANS = Start(_l("审批方案"), _l("谁在什么条件下签署"), "tree", "work:plans")
DELEGATE = Start(_l("我的委托"), _l("请同事在期间内代签"), "swap", "work:delegations")
LOG = Start(_l("操作日志"), _l("谁在何时做了什么"), "clock", "ledger:log")

CLIENTS = Start(_l("接口客户端"), _l("登记系统、密钥与授权"), "link", "integrations:clients")
CALLS = Start(_l("调用日志"), _l("系统调用了什么"), "clock", "integrations:calls")

DESKS: dict[str, Desk] = {
    # role                 work from          starts                                manual
    "applicant":   Desk((GUARANTEES, PAPERS, AWARDS), (APPLY, REGISTER, PROJECTS, VERIFY),    "applicant"),
    "manager":     Desk((GUARANTEES, PAPERS, AWARDS), (APPLY, REGISTER, PROJECTS, VERIFY),    "manager"),
    "reviewer":    Desk((GUARANTEES,),     (REGISTER, PROJECTS, DELEGATE, VERIFY), "reviewer"),
    "director":    Desk((GUARANTEES,),     (REGISTER, PLANS, DELEGATE, VERIFY),    "reviewer"),
    "signer":      Desk((GUARANTEES,),     (REGISTER, VERIFY, EVIDENCE),           "signer"),
    "examiner":    Desk((GUARANTEES,),     (CLAIMS, REGISTER, VERIFY),             "claims"),
    "finance":     Desk((GUARANTEES,),     (CLAIMS, RECOURSE, REGISTER),           "claims"),
    "beneficiary": Desk((GUARANTEES,),     (REGISTER, CLAIMS, VERIFY, PROJECTS),   "beneficiary"),
    "department":  Desk((GUARANTEES,),     (REGISTER, VERIFY, EVIDENCE),           "department"),
    "bank":        Desk((GUARANTEES,),     (REGISTER, VERIFY),                     "issuer"),
    "insurer":     Desk((GUARANTEES,),     (REGISTER, VERIFY),                     "issuer"),
    "orgadmin":    Desk((SHORT, SYSTEMS),  (CLIENTS, CALLS, VERIFY),               "orgadmin"),
    "operator":    Desk((REGISTRATIONS, CERTIFICATIONS), (APPROVE, CERTIFY, VERIFY, EVIDENCE),            "operator"),
    "sysadmin":    Desk((DELIVERIES,),     (OPERATE, USERS, EVIDENCE),             "sysadmin"),
    "secadmin":    Desk((SEALED,),         (ROLE_CHANGES, EMERGENCY, EVIDENCE),    "secadmin"),
    "auditor":     Desk((SEALED,),         (LOG, EVIDENCE, VERIFY),                "auditor"),
}  # fmt: skip

# An organisation's own roles have no desk in the table: theirs is made of what their rights allow.
SOURCES_BY_RIGHT = (("guarantees.view", GUARANTEES), ("work.appoint", SHORT), ("integrations.manage", SYSTEMS))
STARTS_BY_RIGHT = (
    ("guarantees.apply", APPLY),
    ("guarantees.view", REGISTER),
    ("guarantees.view", PROJECTS),
    ("claims.view", CLAIMS),
    ("work.plans", PLANS),
    ("work.sign", DELEGATE),
    ("integrations.manage", CLIENTS),
    ("integrations.manage", CALLS),
)


def desks_of(member: Member) -> list[Desk]:
    """Return the desks of the roles that `member` holds, in the table's order; one for all own roles comes last."""
    desks = [desk for role, desk in DESKS.items() if role in member.roles]
    if own := [role for role in member.roles if is_own(role)]:
        rights = permissions_of(own, member.organisation.role_table)
        sources = tuple(source for right, source in SOURCES_BY_RIGHT if right in rights)
        desks.append(Desk(sources, (*(start for right, start in STARTS_BY_RIGHT if right in rights), VERIFY)))
    return desks


def sources_of(member: Member) -> list[Source]:
    """Return where work comes from for `member`, each once."""
    return _once(source for desk in desks_of(member) for source in desk.sources)


def starts_of(member: Member) -> list[Start]:
    """Return the places where `member` often begins, each once, as far as they are there."""
    return [start for start in _once(start for desk in desks_of(member) for start in desk.starts) if start.href]


def waiting_count(member: Member, at: datetime) -> int:
    """Return how many things wait for `member`: the number beside 工作台."""
    return sum(source.count(member, at) for source in sources_of(member))


def _once(items: Iterator[Any]) -> list[Any]:
    return list(dict.fromkeys(items))
