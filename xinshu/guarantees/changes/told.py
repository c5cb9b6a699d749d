"""Who is told what of amendments, reductions and surrenders: a table, as announcements.py."""

from collections.abc import Iterable
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from xinshu.accounts.models import Organisation
from xinshu.core.money import yuan
from xinshu.guarantees.actions.surrenders import departments_of
from xinshu.guarantees.announcements import SIDES
from xinshu.guarantees.changes.desk import page_of
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.models.changes import Change
from xinshu.ledger.models import Entry
from xinshu.messaging.announcing import Announcement, declare
from xinshu.messaging.kinds import HIGH, NORMAL


def _charged(entry: Entry) -> bool:
    return bool(entry.data.get("fee"))


def _free(entry: Entry) -> bool:
    return not entry.data.get("fee")


RELEASE, VIEW, APPLY = "guarantees.release", "guarantees.view", "guarantees.apply"
TOLD = (
    Announcement("amendment.proposed", "guarantor", "guarantees.review", "warn", "WP", NORMAL, _("%(applicant)s申请修改%(kind)s %(number)s：%(reason)s")),
    Announcement("amendment.agreed", "applicant", "guarantees.pay", "warn", "SMWP", HIGH, _("%(kind)s %(number)s 的修改已获同意，请补缴保费 %(fee)s 元。"), _charged),
    Announcement("amendment.agreed", "guarantor", "guarantees.issue", "warn", "WP", NORMAL, _("%(kind)s %(number)s 的修改函待签发。"), _free),
    Announcement("amendment.fee_paid", "guarantor", "guarantees.issue", "warn", "WP", NORMAL, _("%(kind)s %(number)s 的修改已补缴保费，待签发修改函。")),
    Announcement("amendment.fee_refused", "applicant", "guarantees.pay", "danger", "SMWP", HIGH, _("%(kind)s %(number)s 的补缴没有付成：%(reason)s。可以换个账户再付。")),
    Announcement("amendment.fee_late", "guarantor", "guarantees.issue", "danger", "MWP", HIGH, _("%(kind)s %(number)s 的修改有一笔迟到的补缴，请核对并退还。")),
    Announcement("amendment.declined", "applicant", APPLY, "danger", "SMWP", HIGH, _("%(kind)s %(number)s 的修改未获同意，原条款继续有效：%(reason)s")),
    Announcement("amendment.offered", "beneficiary", RELEASE, "warn", "SMWP", HIGH, _("%(guarantor)s修改了%(kind)s %(number)s，请确认是否接受。您接受以前原条款继续有效。")),
    Announcement("amendment.offered", "applicant", VIEW, "info", "WP", NORMAL, _("%(kind)s %(number)s 的修改函已签发，等受益人确认。")),
    Announcement("amendment.accepted", "applicant", VIEW, "ok", "SMWP", HIGH, _("受益人已接受%(kind)s %(number)s 的修改，新条款即时生效。")),
    Announcement("amendment.accepted", "guarantor", VIEW, "ok", "MWP", NORMAL, _("受益人已接受%(kind)s %(number)s 的修改，新条款即时生效。")),
    Announcement("amendment.extended", "applicant", VIEW, "warn", "SMWP", HIGH, _("%(kind)s %(number)s 已应受益人要求展期，索赔视为撤回。")),
    Announcement("amendment.extended", "beneficiary", VIEW, "ok", "SMWP", HIGH, _("%(kind)s %(number)s 已按您的要求展期，这次索赔视为撤回。")),
    Announcement("amendment.extended", "guarantor", VIEW, "info", "WP", NORMAL, _("%(kind)s %(number)s 已应受益人要求展期，修改函正在签章。")),
    Announcement("amendment.rejected", "applicant", VIEW, "danger", "SMWP", HIGH, _("受益人没有接受%(kind)s %(number)s 的修改，原条款继续有效：%(reason)s")),
    Announcement("amendment.rejected", "guarantor", VIEW, "danger", "MWP", NORMAL, _("受益人没有接受%(kind)s %(number)s 的修改，原条款继续有效：%(reason)s")),
    Announcement("amendment.lapsed", "applicant", VIEW, "info", "WP", NORMAL, _("%(kind)s %(number)s 的修改已失效：%(reason)s")),
    Announcement("reduction.asked", "beneficiary", RELEASE, "warn", "SMWP", HIGH, _("%(applicant)s申请把%(kind)s %(number)s 减少 %(amount)s 元，请确认。")),
    Announcement("reduction.done", "applicant", VIEW, "ok", "WP", NORMAL, _("%(kind)s %(number)s 已减少 %(amount)s 元，额度随之释放。")),
    Announcement("reduction.done", "guarantor", VIEW, "info", "WP", NORMAL, _("%(kind)s %(number)s 已减少 %(amount)s 元，额度随之释放。")),
    Announcement("reduction.done", "beneficiary", VIEW, "info", "WP", NORMAL, _("%(kind)s %(number)s 已减少 %(amount)s 元，可索赔余额随之减少。")),
    Announcement("reduction.declined", "applicant", VIEW, "danger", "SMWP", HIGH, _("受益人没有确认%(kind)s %(number)s 的减额：%(reason)s")),
    Announcement("contract_change.reported", "guarantor", "guarantees.review", "warn", "SMWP", HIGH, _("%(kind)s %(number)s 的主合同有变更，请书面答复是否同意：%(reason)s")),
    Announcement("contract_change.reported", "beneficiary", VIEW, "info", "WP", NORMAL, _("%(kind)s %(number)s 登记了主合同变更，等保证人答复。")),
    Announcement("contract_change.reported", "applicant", VIEW, "info", "WP", NORMAL, _("%(kind)s %(number)s 登记了主合同变更，等保证人答复。")),
    Announcement("contract_change.consented", "beneficiary", VIEW, "ok", "SMWP", HIGH, _("%(guarantor)s已书面同意%(kind)s %(number)s 的主合同变更。")),
    Announcement("contract_change.consented", "applicant", VIEW, "ok", "SMWP", HIGH, _("%(guarantor)s已书面同意%(kind)s %(number)s 的主合同变更。")),
    Announcement("contract_change.refused", "beneficiary", VIEW, "danger", "SMWP", HIGH, _("%(guarantor)s不同意%(kind)s %(number)s 的主合同变更：%(reason)s")),
    Announcement("contract_change.refused", "applicant", VIEW, "danger", "SMWP", HIGH, _("%(guarantor)s不同意%(kind)s %(number)s 的主合同变更：%(reason)s")),
    Announcement("surrender.asked", "department", "guarantees.supervise", "warn", "SMWP", HIGH, _("%(applicant)s申请%(kind)s %(number)s 退保，请审核。")),
    Announcement("surrender.asked", "beneficiary", RELEASE, "warn", "SMWP", HIGH, _("%(applicant)s申请%(kind)s %(number)s 退保。可以同意或提出异议，由主管部门审核。")),
    Announcement("surrender.asked", "guarantor", VIEW, "info", "WP", NORMAL, _("%(applicant)s申请%(kind)s %(number)s 退保，由主管部门审核。")),
    Announcement("surrender.supplied", "department", "guarantees.supervise", "warn", "WP", NORMAL, _("%(applicant)s已补充%(kind)s %(number)s 的退保证明，请审核。")),
    Announcement("surrender.agreed", "department", "guarantees.supervise", "info", "WP", NORMAL, _("受益人同意%(kind)s %(number)s 退保。")),
    Announcement("surrender.objected", "department", "guarantees.supervise", "danger", "WP", HIGH, _("受益人对%(kind)s %(number)s 退保提出异议：%(reason)s")),
    Announcement("surrender.objected", "applicant", VIEW, "danger", "SMWP", HIGH, _("受益人对%(kind)s %(number)s 退保提出异议：%(reason)s")),
    Announcement("surrender.returned", "applicant", APPLY, "warn", "SMWP", HIGH, _("%(kind)s %(number)s 退保需要补充：%(reason)s")),
    Announcement("surrender.approved", "applicant", VIEW, "ok", "SMWP", HIGH, _("%(kind)s %(number)s 退保已核准，回执 %(receipt)s。")),
    Announcement("surrender.approved", "guarantor", VIEW, "ok", "MWP", NORMAL, _("%(kind)s %(number)s 退保已核准，回执 %(receipt)s。")),
    Announcement("surrender.approved", "beneficiary", VIEW, "info", "MWP", NORMAL, _("%(kind)s %(number)s 退保已核准，担保解除，回执 %(receipt)s。")),
    Announcement("surrender.refused", "applicant", VIEW, "danger", "SMWP", HIGH, _("%(kind)s %(number)s 不予退保，保函继续有效：%(reason)s")),
    Announcement("surrender.refused", "guarantor", VIEW, "info", "WP", NORMAL, _("%(kind)s %(number)s 不予退保，保函继续有效：%(reason)s")),
    Announcement("surrender.refused", "beneficiary", VIEW, "info", "WP", NORMAL, _("%(kind)s %(number)s 不予退保，保函继续有效：%(reason)s")),
    Announcement("fee_return.asked", "guarantor", "billing.reconcile", "warn", "WP", NORMAL, _("%(kind)s %(number)s 提前结束，按签发时的费率应退 %(amount)s 元，请核定。")),
    Announcement("fee_return.asked", "applicant", VIEW, "info", "WP", NORMAL, _("%(kind)s %(number)s 提前结束，按签发时的费率算出应退 %(amount)s 元，算法见退费页面，等保证人核定。")),
    Announcement("fee_return.stated", "guarantor", "billing.reconcile", "warn", "WP", NORMAL, _("%(kind)s %(number)s 的退费另定为 %(amount)s 元，请另一人复核。")),
    Announcement("fee_return.sent_back", "guarantor", "billing.reconcile", "warn", "WP", NORMAL, _("%(kind)s %(number)s 的退费金额被退回，请重新核定：%(reason)s")),
    Announcement("fee_return.approved", "applicant", VIEW, "ok", "WP", NORMAL, _("%(kind)s %(number)s 的退费已核定为 %(amount)s 元，将原路退回。")),
    Announcement("fee_return.dropped", "applicant", VIEW, "danger", "SMWP", HIGH, _("%(kind)s %(number)s 不退费：%(reason)s")),
    Announcement("fee_return.failed", "guarantor", "billing.reconcile", "danger", "MWP", HIGH, _("%(kind)s %(number)s 的退费没有退成：%(reason)s。可以再次退款。")),
    Announcement("fee_return.paid", "applicant", VIEW, "ok", "SMWP", HIGH, _("%(kind)s %(number)s 的保费已退还 %(amount)s 元，算法见退费页面。")),
    Announcement("surrender.withdrawn", "department", "guarantees.supervise", "info", "WP", NORMAL, _("%(applicant)s撤回了%(kind)s %(number)s 的退保申请。")),
)  # fmt: skip
SAMPLES = {
    "applicant": "云州恒达路桥工程有限公司", "guarantor": "云州融信融资担保有限公司", "kind": "履约保函",
    "number": "LY20261121-8K3M7Q2P", "reason": "工期顺延", "fee": "1,200.00", "amount": "486,200.00",
    "receipt": "THZ20261121-8K3M7Q2P",
}  # fmt: skip
KINDS_TOLD = tuple(dict.fromkeys(row.kind for row in TOLD))


declare(TOLD, SAMPLES, {**SIDES, "department": _("主管部门")}, _("保函变更"))


def tell(entry: Entry, change: Change) -> None:
    """Tell everybody whom the table names for an entry about a change."""
    guarantee = change.guarantee
    words = {
        **words_of(guarantee),
        "reason": str(entry.data.get("reason", "")),
        "fee": yuan(entry.data.get("fee") or 0),
        "amount": yuan(entry.data.get("amount") or 0),
        "receipt": str(entry.data.get("receipt", "")),
    }
    for row in TOLD:
        if row.kind == entry.kind and row.when(entry):
            _tell(row, guarantee, words, page_of(change), f"{row.code}:{entry.pk}", entry.at)


def _tell(row: Announcement, guarantee: Guarantee, words: dict[str, str], link: str, key: str, at: datetime) -> None:
    for house in _houses(row.side, guarantee, at):
        row.send(house, words, link=link, subject=guarantee, key=key, at=at, sealed_until=guarantee.secret_until)


def _houses(side: str, guarantee: Guarantee, at: datetime) -> Iterable[Organisation]:
    return departments_of(guarantee, at) if side == "department" else [getattr(guarantee, side)]


def words_of(guarantee: Guarantee) -> dict[str, str]:
    """Return what every line about a guarantee names."""
    return {
        "applicant": guarantee.applicant.name,
        "guarantor": guarantee.guarantor.name,
        "kind": str(guarantee.get_kind_display()),
        "number": guarantee.number or guarantee.reference,
    }
