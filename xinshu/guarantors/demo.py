"""The demo city's guarantors: licences and scopes, filed by one person of the operator and confirmed by another."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.contrib.auth.hashers import make_password

from xinshu.accounts import demo as people
from xinshu.accounts.actions.membership import join_organisation, open_account
from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import local_day
from xinshu.guarantors.actions import confirm_filing, file_qualification, file_scope
from xinshu.guarantors.models import Qualification
from xinshu.guarantors.standing import REQUIRED
from xinshu.guarantors.terms.actions import activate_terms, write_terms

WAN = 10_000_00  # 分
BEGUN = date(2023, 1, 1)
AUTHORITIES = {
    "guarantor": "云州市地方金融管理局", "bank": "国家金融监督管理总局云州监管分局",
    "insurer": "国家金融监督管理总局云州监管分局",
}  # fmt: skip
DAYS = {people.SECOND_GUARANTOR: 28}  # whose licence ends soon; the others' in two years
SCOPES = (  # who              region  at most, 万元
    (people.GUARANTOR, people.REGION[:4], None),
    (people.BANK, "", 5_000),
    (people.INSURER, people.REGION[:4], 1_000),
)


def file_for(houses: Sequence[Organisation], at: datetime) -> None:
    """File what every house has, confirmed; leave one record to be confirmed by the demo's operator."""
    operator = Member.objects.select_related("user", "organisation").get(user__username="operator")
    account = open_account(
        "operator2", make_password(None), name="沈知远", phone="12300008090", by=SYSTEM, at=at - timedelta(days=900)
    )
    filer = join_organisation(account, operator.organisation, ["operator"], by=SYSTEM, at=at - timedelta(days=900))
    for number, house in enumerate(houses, start=1):
        until = local_day(at) + timedelta(days=DAYS.get(house.name, 730))
        licence: dict[str, Any] = {
            "kind": REQUIRED[Organisation.Kind(house.kind)][0], "certificate": f"云融证字第 {number:04d} 号",
            "authority": AUTHORITIES[house.kind], "valid_from": BEGUN, "valid_until": until,
        }  # fmt: skip
        confirm_filing(file_qualification(house, licence, by=filer, at=at), by=operator, at=at)
        for name, region, most in SCOPES:
            if name == house.name:
                scope = {
                    "kind": "", "region_code": region, "most_amount": most * WAN if most else None, "valid_from": BEGUN
                }  # fmt: skip
                confirm_filing(file_scope(house, scope, by=filer, at=at), by=operator, at=at)
    record = {
        "kind": Qualification.Kind.RECORD, "certificate": "云建担备 2026-017", "authority": "云州市住房和城乡建设局",
        "valid_from": local_day(at),
    }  # fmt: skip
    file_qualification(houses[0], record, by=filer, at=at)


TERMS = (
    "保证人按签发的函件承担保证责任，函件与本条款不一致的，以函件为准。",
    "申请人应如实提供资料；资料有变化的，应在五个工作日内更新。",
    "保证人收到索赔后即通知申请人；申请人可以提出意见，意见不延长审核时限。",
    "保证人付款后，申请人应在五个工作日内偿还付款金额和费用。",
)


def put_terms(writer: Member, second: Member, at: datetime) -> None:
    """Give the writer's house terms for all kinds, in force since `at`."""
    activate_terms(write_terms("", "\n".join(TERMS), by=writer, at=at), by=second, at=at)
