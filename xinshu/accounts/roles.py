"""What a role may do: one table. A permission is `context.verb`; "whose act" is the lifecycle's business.

An organisation may have other rights for its business roles (models.rules.RoleTable); the platform's own roles are
fixed here, and so is who can never be one person.
"""

# ruff: noqa: E501  (a table is read across)

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

ROLES: dict[str, tuple[str, frozenset[str]]] = {
    # role            name           permissions
    "applicant":   ("企业经办",     frozenset({"guarantees.view", "guarantees.apply", "guarantees.pay", "guarantees.export", "projects.edit", "enterprises.edit", "books.view", "books.export"})),
    "manager":     ("客户经理",     frozenset({"guarantees.view", "guarantees.apply", "guarantees.pay", "guarantees.export", "projects.edit", "enterprises.view", "books.view"})),
    "reviewer":    ("复审",         frozenset({"guarantees.view", "guarantees.review", "guarantees.export", "enterprises.view", "work.plans", "work.sign", "work.design", "books.view", "books.limits", "books.export"})),
    "director":    ("分管负责人",   frozenset({"guarantees.view", "guarantees.review", "guarantees.export", "enterprises.view", "work.plans", "work.sign", "work.design", "work.activate", "books.view", "books.limits", "books.export"})),
    "signer":      ("签发人",       frozenset({"guarantees.view", "guarantees.issue", "guarantees.export", "enterprises.view", "work.plans", "work.activate", "books.view"})),
    "beneficiary": ("受益人经办",   frozenset({"guarantees.view", "guarantees.release", "guarantees.export", "projects.edit"})),
    "department":  ("主管部门",     frozenset({"guarantees.view", "guarantees.supervise", "guarantees.export"})),
    "bank":        ("银行经办",     frozenset({"guarantees.view"})),
    "insurer":     ("保险经办",     frozenset({"guarantees.view"})),
    "orgadmin":    ("机构管理员",   frozenset({"integrations.manage", "work.appoint"})),
    "operator":    ("平台运营",     frozenset({"accounts.approve", "accounts.draft", "accounts.reveal", "messaging.manage"})),
    "sysadmin":    ("系统管理员",   frozenset({"ledger.operate", "accounts.view", "accounts.manage", "accounts.reveal"})),
    "secadmin":    ("安全管理员",   frozenset({"accounts.view", "accounts.secure", "accounts.publish", "ledger.retention", "ledger.retain"})),
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
)  # fmt: skip

ROLES_OF_KIND: dict[str, tuple[str, ...]] = {
    # kind of organisation   roles that its people may have
    "enterprise":  ("applicant", "beneficiary", "orgadmin"),
    "person":      ("applicant", "beneficiary"),
    "guarantor":   ("manager", "reviewer", "director", "signer", "orgadmin"),
    "bank":        ("bank", "manager", "reviewer", "director", "signer", "orgadmin"),
    "insurer":     ("insurer", "manager", "reviewer", "director", "signer", "orgadmin"),
    "institution": ("beneficiary", "orgadmin"),
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
    PageRights("辖区监督", "guarantees.supervise"),
    PageRights("企业资料", "enterprises.edit"),
    PageRights("客户资料", "enterprises.view"),
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
)
RIGHT_NAMES = {right: f"{page.name}·{name}" for page in PAGES for right, name in page.rights}


def permissions_of(roles: Iterable[str], table: Mapping[str, Sequence[str]] | None = None) -> frozenset[str]:
    """Return everything that somebody with `roles` may do, where `table` says what differs from ROLES."""
    table = table or {}
    return frozenset().union(*(table.get(role, ROLES[role][1]) for role in roles if role in ROLES))


def names_of(roles: Iterable[str]) -> str:
    """Return what `roles` are called, in one line."""
    return "、".join(ROLES[role][0] for role in roles if role in ROLES)


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
