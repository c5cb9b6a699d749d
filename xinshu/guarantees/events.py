"""What other systems can be told of guarantees: a thin word, and only to those for whom the case exists by then."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _
from ninja import Field, Schema

from xinshu.accounts.models import Member
from xinshu.guarantees.lifecycle import LIFECYCLE
from xinshu.guarantees.models import PARTIES, Guarantee
from xinshu.integrations.events import Subject, offer
from xinshu.integrations.leaving import give, given
from xinshu.integrations.schemas import PartyOut, moment, party
from xinshu.ledger.models import Entry

OUTWARD = {  # what beneficiary and department may be told, too
    "guarantee.delivered": _("保函送达"),
    "guarantee.released": _("担保解除"),
    "guarantee.expired": _("保函到期"),
    "guarantee.amended": _("修改生效"),
    "guarantee.reduced": _("减额"),
    "guarantee.paid": _("保函项下付款"),
    "guarantee.exhausted": _("保函付尽"),
    "guarantee.extended": _("保函展期"),
    "guarantee.prolonged": _("不可抗力展期"),
}
INWARD = {
    "guarantee.submitted": _("申请已提交"),
    "guarantee.referred": _("转人工审批"),
    "guarantee.approved": _("审批通过"),
    "guarantee.returned": _("退回补正"),
    "guarantee.papers_asked": _("要求补充材料"),
    "guarantee.declined": _("拒绝承保"),
    "guarantee.cancelled": _("退费终止"),
    "guarantee.withdrawn": _("申请撤回"),
    "guarantee.lapsed": _("申请失效"),
    "guarantee.issued": _("保函签发"),
    "payment.confirmed": _("保费到账"),
    "payment.refused": _("缴费未成功"),
    "payment.refunded": _("保费已退还"),
}


class AmountFen(Schema):
    """金额：以分为单位的整数，币种按 ISO 4217。"""

    value: int = Field(description="分", ge=0)
    currency: str = Field(pattern="^[A-Z]{3}$")


class GuaranteeBusiness(Schema):
    """监管所需的业务数据。机构代码按 GB 32100，地区代码按 GB/T 2260，日期和时刻按 ISO 8601。"""

    amount: AmountFen
    region_code: str = Field(description="工程所在地，GB/T 2260 行政区划代码")
    project: str = Field(description="项目名称")
    project_number: str
    applicant: PartyOut
    guarantor: PartyOut
    guarantor_kind: str = Field(description="bank、insurer 或 guarantor")
    beneficiary: PartyOut
    effective_on: str
    expires_on: str
    issued_at: str
    delivered_at: str
    ended_at: str | None


class GuaranteeEvent(Schema):
    """保函事件的数据。business 只推送给辖区的主管部门。"""

    reference: str
    number: str | None
    kind: str
    state: str
    state_label: str
    version: int
    business: GuaranteeBusiness | None = None
    href: str = Field(description="在接口中读取全文的地址")


FIELDS = {
    "amount": "guarantees.Guarantee.amount",
    "region_code": "projects.Project.region_code",
    "project": "projects.Project.name",
    "project_number": "projects.Project.number",
}


def business_of(guarantee: Guarantee, reader: Member) -> dict[str, Any]:
    """Return the data of an instrument that a department's platform keeps."""
    assert guarantee.amount is not None
    assert guarantee.effective_on is not None
    assert guarantee.expires_on is not None
    told = {
        "amount": {"value": guarantee.amount, "currency": guarantee.currency},
        "region_code": guarantee.project.region_code,
        "project": guarantee.project.name,
        "project_number": guarantee.project.number,
        "applicant": party(guarantee.applicant, reader),
        "guarantor": party(guarantee.guarantor, reader),
        "guarantor_kind": guarantee.guarantor.kind,
        "beneficiary": party(guarantee.beneficiary, reader),
        "effective_on": guarantee.effective_on.isoformat(),
        "expires_on": guarantee.expires_on.isoformat(),
        "issued_at": moment(guarantee.issued_at),
        "delivered_at": moment(guarantee.delivered_at),
        "ended_at": moment(guarantee.ended_at),
    }
    return give(told, FIELDS, reader)


def tell(entry: Entry, member: Member, at: datetime) -> Subject | None:
    """Return the guarantee of an entry as `member` may hear of it; None where it does not exist for them."""
    found = Guarantee.objects.visible_to(member, at).filter(pk=entry.subject_id)
    guarantee = found.select_related(*PARTIES).first()
    if guarantee is None:
        return None
    if entry.kind not in OUTWARD and not guarantee.sides_of(member) & {"applicant", "guarantor"}:
        return None
    data: dict[str, Any] = {
        "reference": guarantee.reference,
        "number": given("guarantees.Guarantee.number", guarantee.number, member),
        "kind": guarantee.kind,
        "state": guarantee.state,
        "state_label": LIFECYCLE.states[guarantee.state].label,
        "version": guarantee.version,
    }
    if entry.kind in OUTWARD and member.can("guarantees.supervise"):
        data["business"] = business_of(guarantee, member)
    return Subject(guarantee.reference, f"/api/v1/guarantees/{guarantee.reference}", data)


offer({**OUTWARD, **INWARD}, tell, schema="guarantee", shape=GuaranteeEvent)
