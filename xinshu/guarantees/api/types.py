"""/api/v1/guarantee-types: every type that may be applied for, with limits, papers and fields of its own."""

from typing import Any

from django.http import HttpRequest
from ninja import Field, Router, Schema

from xinshu.core.clock import local_day, now
from xinshu.guarantees import kinds
from xinshu.integrations.interface import responses
from xinshu.integrations.schemas import (
    Money,
    caller,
    money,
)

types = Router(tags=["保函类型"])
CODE = r"^[a-z][a-z0-9_]{0,19}$"


class DocumentOut(Schema):
    """一份材料。"""

    title: str
    required: bool = Field(description="缺少时转人工审批")


class LimitOut(Schema):
    """一条现行的金额限制：不超过（most）或不低于（least）基数的一个比例，或者一个固定金额。"""

    rule: str
    bound: str
    share: str | None = Field(description="比例，例如 0.02")
    ceiling: Money | None
    source: str
    checked: bool = Field(description="依据已核对；未核对的只作提示")


class ExtraOut(Schema):
    """类型自己的一个字段，申请时填写。"""

    name: str
    sort: str = Field(description="text 文字、number 数字、date 日期、amount 金额（分）、choice 选项")
    required: bool = Field(description="不填不能提交")
    help: str
    choices: list[str]


class TypeOut(Schema):
    """一种可以申请的保函。"""

    code: str
    label: str
    number: int = Field(description="类型的版本号")
    applicant: str = Field(description="由谁申请：contractor 承包人，buyer 建设单位")
    beneficiary: str = Field(description="向谁出具：buyer、contractor、labour 人社部门")
    base: str = Field(description="金额按哪个基数核对：estimate、award、contract、settlement、advance")
    base_label: str
    secret_until_opening: bool
    documents: list[DocumentOut]
    fields: list[ExtraOut]
    limits: list[LimitOut]


@types.get("", response=responses(list[TypeOut]), summary="保函类型", operation_id="list_types", url_name="types")
def list_types(request: HttpRequest) -> list[dict[str, Any]]:
    """返回现在可以申请的保函类型，以及今天有效的金额限制。"""
    caller(request, "guarantees.view")
    on = local_day(now())
    return [
        {
            "code": kind.code,
            "label": str(kind.label),
            "number": kind.number,
            "applicant": kind.applicant,
            "beneficiary": kind.beneficiary,
            "base": kind.base,
            "base_label": str(kind.base_label),
            "secret_until_opening": kind.secret_until_opening,
            "documents": [{"title": one.title, "required": one.required} for one in kind.documents],
            "fields": [{**vars(one), "choices": list(one.choices)} for one in kind.fields],
            "limits": [
                {
                    "rule": cap.rule,
                    "bound": cap.bound,
                    "share": None if cap.share is None else str(cap.share),
                    "ceiling": money(cap.ceiling),
                    "source": cap.source,
                    "checked": cap.checked,
                }
                for cap in kinds.caps(kind.code, on)
            ],
        }
        for kind in kinds.KINDS.values()
        if not kind.retired
    ]
