"""What a role may do: one table. A permission is `context.verb`; "whose act" is the lifecycle's business."""

# ruff: noqa: E501  (a table is read across)

ROLES: dict[str, tuple[str, frozenset[str]]] = {
    # role            name           permissions
    "applicant":   ("企业经办",     frozenset({"guarantees.view", "guarantees.apply", "guarantees.pay", "guarantees.export", "projects.edit", "enterprises.edit"})),
    "manager":     ("客户经理",     frozenset({"guarantees.view", "guarantees.apply", "guarantees.pay", "guarantees.export", "projects.edit", "enterprises.view"})),
    "reviewer":    ("复审",         frozenset({"guarantees.view", "guarantees.review", "guarantees.export", "enterprises.view"})),
    "signer":      ("签发人",       frozenset({"guarantees.view", "guarantees.issue", "guarantees.export", "enterprises.view"})),
    "beneficiary": ("受益人经办",   frozenset({"guarantees.view", "guarantees.release", "guarantees.export", "projects.edit"})),
    "department":  ("主管部门",     frozenset({"guarantees.view", "guarantees.supervise", "guarantees.export"})),
    "bank":        ("银行经办",     frozenset({"guarantees.view"})),
    "insurer":     ("保险经办",     frozenset({"guarantees.view"})),
    "orgadmin":    ("机构管理员",   frozenset({"integrations.manage"})),
    "operator":    ("平台运营",     frozenset({"accounts.approve", "portal.edit"})),
    "sysadmin":    ("系统管理员",   frozenset({"ledger.operate", "accounts.manage"})),
    "secadmin":    ("安全管理员",   frozenset({"accounts.secure"})),
    "auditor":     ("审计管理员",   frozenset({"ledger.audit"})),
}  # fmt: skip

ROLE_CHOICES = [(code, name) for code, (name, _permissions) in ROLES.items()]


def permissions_of(roles: list[str]) -> frozenset[str]:
    """Return everything that somebody with `roles` may do."""
    return frozenset().union(*(ROLES[role][1] for role in roles if role in ROLES))
