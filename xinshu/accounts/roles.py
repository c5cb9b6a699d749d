"""What a role may do: one table. A permission is `context.verb`; "whose act" is the lifecycle's business.

An organisation may have other rights for its business roles, and roles of its own (自定义角色) beside them: both stand
in its table (models.rules.RoleTable). The platform's roles are fixed here, and so is who can never be one person.
"""

# ruff: noqa: E501  (a table is read across)

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

ROLES: dict[str, tuple[str, frozenset[str]]] = {
    # role            name           permissions
    "applicant":   ("企业经办",     frozenset({"guarantees.view", "guarantees.apply", "guarantees.pay", "guarantees.export", "projects.edit", "enterprises.edit", "books.view", "books.export", "claims.view", "claims.respond", "claims.export", "billing.view", "billing.invoice", "billing.export", "tenders.view", "tenders.export", "credit.view", "readings.view", "readings.enter", "readings.export"})),
    "manager":     ("客户经理",     frozenset({"insights.view", "insights.export", "guarantees.view", "guarantees.apply", "guarantees.pay", "guarantees.export", "projects.edit", "enterprises.view", "books.view", "claims.view", "billing.view", "billing.invoice", "tenders.view", "tenders.enter", "tenders.export", "subscriptions.view", "subscriptions.edit", "subscriptions.export", "enterprises.export", "credit.view", "credit.export", "watch.view", "admission.view", "readings.view", "readings.bring", "readings.export"})),
    "reviewer":    ("复审",         frozenset({"insights.view", "insights.edit", "insights.export", "guarantees.view", "guarantees.review", "guarantees.export", "enterprises.view", "work.plans", "work.sign", "work.design", "books.view", "books.limits", "books.export", "claims.view", "claims.decide", "claims.export", "billing.view", "billing.export", "wordings.view", "wordings.edit", "rules.view", "rules.edit", "rules.export", "scoring.view", "scoring.train", "scoring.export", "enterprises.assign", "enterprises.export", "credit.view", "credit.list", "credit.export", "watch.view", "watch.handle", "watch.write", "watch.screen", "watch.export", "enterprises.import", "admission.view", "admission.edit", "admission.export", "readings.view", "readings.export"})),
    "director":    ("分管负责人",   frozenset({"insights.view", "insights.edit", "insights.export", "tenders.view", "tenders.export", "subscriptions.view", "subscriptions.edit", "subscriptions.export", "subscriptions.oversee", "messaging.oversee", "messaging.export", "guarantees.view", "guarantees.review", "guarantees.export", "enterprises.view", "work.plans", "work.sign", "work.design", "work.activate", "books.view", "books.limits", "books.export", "claims.view", "claims.decide", "claims.export", "billing.view", "billing.export", "wordings.view", "wordings.edit", "rules.view", "rules.edit", "rules.export", "scoring.view", "scoring.train", "scoring.export", "enterprises.assign", "enterprises.export", "credit.view", "credit.list", "credit.export", "watch.view", "watch.handle", "watch.approve", "watch.screen", "watch.export", "enterprises.import", "admission.view", "admission.edit", "admission.export", "readings.view", "readings.export"})),
    "signer":      ("签发人",       frozenset({"insights.view", "insights.export", "guarantees.view", "guarantees.issue", "guarantees.export", "enterprises.view", "work.plans", "work.activate", "books.view", "claims.view", "wordings.view", "wordings.activate", "rules.view", "rules.activate", "rules.export", "scoring.view", "scoring.promote", "scoring.export", "enterprises.export", "credit.view", "credit.list", "watch.view", "watch.approve", "watch.screen", "watch.export", "admission.view", "admission.activate", "admission.export"})),
    "examiner":    ("索赔审核",     frozenset({"guarantees.view", "claims.view", "claims.examine", "claims.export", "enterprises.view"})),
    "finance":     ("财务",         frozenset({"guarantees.view", "claims.view", "claims.pay", "claims.recover", "claims.export", "books.view", "billing.view", "billing.reverse", "billing.reconcile", "billing.reserve", "billing.export"})),
    "beneficiary": ("受益人经办",   frozenset({"guarantees.view", "guarantees.release", "guarantees.export", "projects.edit", "claims.view", "claims.present", "claims.export"})),
    "department":  ("主管部门",     frozenset({"guarantees.view", "guarantees.supervise", "guarantees.export", "claims.view", "claims.export", "credit.view", "credit.list", "credit.export"})),
    "bank":        ("银行经办",     frozenset({"guarantees.view", "claims.view"})),
    "insurer":     ("保险经办",     frozenset({"guarantees.view", "claims.view"})),
    "orgadmin":    ("机构管理员",   frozenset({"integrations.manage", "work.appoint"})),
    "operator":    ("平台运营",     frozenset({"accounts.approve", "accounts.draft", "accounts.reveal", "certification.review", "messaging.manage", "exchange.draft", "types.manage", "guarantors.manage", "portal.manage", "credit.manage", "watch.manage", "collecting.manage", "tenders.oversee"})),
    "sysadmin":    ("系统管理员",   frozenset({"ledger.operate", "accounts.view", "accounts.manage", "accounts.reveal"})),
    "secadmin":    ("安全管理员",   frozenset({"accounts.view", "accounts.secure", "accounts.publish", "ledger.retention", "ledger.retain", "exchange.approve"})),
    "auditor":     ("审计管理员",   frozenset({"accounts.view", "ledger.audit", "accounts.reveal", "ledger.retention"})),
}  # fmt: skip

ROLE_CHOICES = [(code, name) for code, (name, _permissions) in ROLES.items()]

PLATFORM = ("operator", "sysadmin", "secadmin", "auditor")  # roles of the platform's own people, fixed
PRIVILEGED = frozenset(PLATFORM)  # shorter idle time, passwords that age, a second factor
GUARDIANS = frozenset({"secadmin", "auditor"})  # whom no system administrator may appoint

# 三权分立 and four eyes: no person holds both, whatever the organisation.
INCOMPATIBLE = (
    ("sysadmin", "secadmin", "系统管理与安全管理须由不同的人担任"),
    ("sysadmin", "auditor",  "系统管理与审计须由不同的人担任"),
    ("secadmin", "auditor",  "安全管理与审计须由不同的人担任"),
    ("operator", "sysadmin", "平台运营与系统管理须由不同的人担任"),
    ("operator", "secadmin", "平台运营与安全管理须由不同的人担任"),
    ("operator", "auditor",  "平台运营与审计须由不同的人担任"),
    ("manager",  "reviewer", "提交与复审须由不同的人担任"),
    ("manager",  "signer",   "提交与签发须由不同的人担任"),
    ("reviewer", "signer",   "复审与签发须由不同的人担任"),
    ("examiner", "finance",  "索赔审核与付款须由不同的人担任"),
    ("reviewer", "finance",  "索赔复核与付款须由不同的人担任"),
    ("director", "finance",  "索赔复核与付款须由不同的人担任"),
)  # fmt: skip

ROLES_OF_KIND: dict[str, tuple[str, ...]] = {
    # kind of organisation   roles that its people may have
    "enterprise":  ("applicant", "beneficiary", "orgadmin"),
    "person":      ("applicant", "beneficiary"),
    "guarantor":   ("manager", "reviewer", "director", "signer", "examiner", "finance", "orgadmin"),
    "bank":        ("bank", "manager", "reviewer", "director", "signer", "examiner", "finance", "orgadmin"),
    "insurer":     ("insurer", "manager", "reviewer", "director", "signer", "examiner", "finance", "orgadmin"),
    "institution": ("beneficiary", "applicant", "orgadmin"),  # a buyer applies for its payment guarantees
    "department":  ("department", "beneficiary", "orgadmin"),
    "operator":    PLATFORM,
}  # fmt: skip


@dataclass(frozen=True)
class PageRights:
    """What a role can be given on one page of the menu: to query, to edit (one right per act), to export."""

    name: str
    query: str
    edit: tuple[tuple[str, str], ...] = ()
    export: str = ""

    @property
    def rights(self) -> list[tuple[str, str]]:
        """Return (permission, what it is called) of everything that can be given here."""
        return [(self.query, "查询"), *self.edit, *([(self.export, "导出")] if self.export else [])]


PAGES = (
    PageRights(
        "保函台账与工程项目", "guarantees.view",
        (("guarantees.apply", "申请"), ("guarantees.pay", "缴费"), ("guarantees.review", "复审"),
         ("guarantees.issue", "签发"), ("guarantees.release", "解除"), ("projects.edit", "项目登记")),
        "guarantees.export",
    ),
    PageRights("中标动态", "tenders.view", (("tenders.enter", "录入公告"),), "tenders.export"),
    PageRights("订阅", "subscriptions.view", (("subscriptions.edit", "维护自己的订阅"), ("subscriptions.oversee", "看各人订阅数")), "subscriptions.export"),
    PageRights("推送效果", "messaging.oversee", (), "messaging.export"),
    PageRights("辖区监督", "guarantees.supervise"),
    PageRights(
        "索赔与追偿", "claims.view",
        (("claims.present", "提出索赔"), ("claims.respond", "表达意见"), ("claims.examine", "审核"),
         ("claims.decide", "复核"), ("claims.pay", "付款"), ("claims.recover", "追偿")),
        "claims.export",
    ),
    PageRights(
        "发票与对账", "billing.view",
        (("billing.invoice", "申请开票"), ("billing.reverse", "红冲"), ("billing.reconcile", "勾对流水"), ("billing.reserve", "准备金方法")),
        "billing.export",
    ),
    PageRights("保函文本", "wordings.view", (("wordings.edit", "起草与检查"), ("wordings.activate", "启用与停用"))),
    PageRights("规则", "rules.view", (("rules.edit", "起草与试跑"), ("rules.activate", "启用与停用")), "rules.export"),
    PageRights("模型与评分", "scoring.view", (("scoring.train", "训练与申请升级"), ("scoring.promote", "批准升级与停用")), "scoring.export"),
    PageRights(
        "风险监测", "watch.view",
        (("watch.handle", "处置"), ("watch.write", "起草监测规则"), ("watch.approve", "复核解冻与启用规则"),
         ("watch.screen", "风险初筛")),
        "watch.export",
    ),
    PageRights("客户洞察", "insights.view", (("insights.edit", "维护客群、提出优惠建议"),), "insights.export"),
    PageRights("企业资料", "enterprises.edit"),
    PageRights("信用库", "credit.view", (("credit.list", "名单"),), "credit.export"),
    PageRights("材料识别", "readings.view", (("readings.enter", "上传与确认"), ("readings.bring", "代客户上传")), "readings.export"),
    PageRights("客户资料", "enterprises.view", (("enterprises.assign", "移交与更新周期"), ("enterprises.import", "导入")), "enterprises.export"),
    PageRights("标签与准入", "admission.view", (("admission.edit", "维护标签、问卷和方案"), ("admission.activate", "启用问卷和方案")), "admission.export"),
    PageRights(
        "审批方案", "work.plans", (("work.sign", "签审批"), ("work.design", "设计方案"), ("work.activate", "启用方案"))
    ),
    PageRights("指定代签人", "work.appoint"),
    PageRights("额度与集中度", "books.view", (("books.limits", "维护限额"),), "books.export"),
    PageRights("系统对接", "integrations.manage"),
)  # fmt: skip
EXPORTS = frozenset(page.export for page in PAGES if page.export)
NEED_QUERY = {right: page.query for page in PAGES for right, _name in page.rights if right != page.query}
# Rights that one role may never hold together, however an organisation arranges its table.
NEVER_TOGETHER = (
    ("guarantees.apply", "guarantees.review"),
    ("guarantees.apply", "guarantees.issue"),
    ("guarantees.review", "guarantees.issue"),
    ("claims.examine", "claims.pay"),
    ("claims.decide", "claims.pay"),
)
RIGHT_NAMES = {right: f"{page.name}·{name}" for page in PAGES for right, name in page.rights}


# What an organisation's table says: for a role of ROLES the rights that differ, for a role of its own
# {"name": …, "rights": […], "state": "active" | "disabled" | "deleted", "revoke": whether deleting takes it from holders}.
# A deleted role stays in the table without rights: its name is still told in old cases, its code never comes again.
Table = Mapping[str, Sequence[str] | Mapping[str, Any]]
OWN_CODE = re.compile(r"own[1-9][0-9]{0,3}")


def is_own(role: str) -> bool:
    """Tell whether `role` is the code of an organisation's own role."""
    return OWN_CODE.fullmatch(role) is not None


def own_roles(table: Table | None) -> dict[str, Mapping[str, Any]]:
    """Return the own roles of an organisation's table, deleted ones too, in the order they came."""
    found = {code: said for code, said in (table or {}).items() if is_own(code) and isinstance(said, Mapping)}
    return dict(sorted(found.items(), key=lambda item: int(item[0][3:])))


def rights_in(table: Table | None, role: str) -> Sequence[str] | frozenset[str]:
    """Return the rights that stand beside `role`, whether they hold (a disabled role gives none) or not."""
    said = (table or {}).get(role)
    if isinstance(said, Mapping):
        return list(said["rights"])
    return ROLES[role][1] if said is None and role in ROLES else said or ()


def permissions_of(roles: Iterable[str], table: Table | None = None) -> frozenset[str]:
    """Return everything that somebody with `roles` may do, where `table` says what differs from ROLES."""
    own = own_roles(table)
    held = [role for role in roles if role in ROLES or own.get(role, {}).get("state") == "active"]
    return frozenset().union(*(rights_in(table, role) for role in held))


def role_name(role: str, table: Table | None = None) -> str:
    """Return what one role is called; "" for a code that nobody knows."""
    return ROLES[role][0] if role in ROLES else str(own_roles(table).get(role, {}).get("name", ""))


def names_of(roles: Iterable[str], table: Table | None = None) -> str:
    """Return what `roles` are called, in one line."""
    return "、".join(name for role in roles if (name := role_name(role, table)))


def in_order(roles: Iterable[str], table: Table | None = None) -> list[str]:
    """Return those of `roles` that there are, each once: ROLES first, then the organisation's own."""
    return [role for role in (*ROLES, *own_roles(table)) if role in set(roles)]


def clash(roles: Iterable[str], table: Table | None) -> str:
    """Return which rights that four eyes keep apart an own role would bring into one hand; "" when none.

    Roles of ROLES among themselves are INCOMPATIBLE's business.
    """
    roles = list(roles)
    held, own = permissions_of(roles, table), permissions_of(filter(is_own, roles), table)
    for one, other in NEVER_TOGETHER:
        if {one, other} <= held and not own.isdisjoint({one, other}):
            return f"{RIGHT_NAMES[one]}与{RIGHT_NAMES[other]}须由不同的人办理"
    return ""


def conflict(roles: Iterable[str]) -> str:
    """Return why one person cannot hold all of `roles`; "" when that can be."""
    held = set(roles)
    return next((why for one, other, why in INCOMPATIBLE if one in held and other in held), "")


def is_privileged(roles: Iterable[str]) -> bool:
    """Tell whether somebody with `roles` administers or operates the platform."""
    return not PRIVILEGED.isdisjoint(roles)


def configurable(kind: str) -> frozenset[str]:
    """Return the rights that an organisation of this kind can distribute among its roles: what they hold in all."""
    if kind == "operator":
        return frozenset()
    return permissions_of(ROLES_OF_KIND[kind]) & frozenset(RIGHT_NAMES)
