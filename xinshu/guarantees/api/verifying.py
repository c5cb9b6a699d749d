"""/api/v1/verify: whether a letter is genuine, for everybody, without a key."""

from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Router, Schema

from xinshu.core.clock import now
from xinshu.core.refusals import Invalid
from xinshu.guarantees import verification
from xinshu.guarantees.verification import Verdict
from xinshu.integrations.interface import raw_body, responses
from xinshu.integrations.schemas import (
    Money,
    money,
)
from xinshu.web.words import mask_name

public = Router(tags=["查验"])


class VerifyIn(Schema):
    """函件上的编号；有 6 位验证码时一并填写，可看到全称。"""

    number: str = Field(min_length=1, max_length=40)
    code: str = Field("", pattern=r"^([0-9]{6})?$")


class CheckOut(Schema):
    """核验的一项。"""

    passed: bool | None
    title: str
    detail: str


class LetterOut(Schema):
    """函件信息。没有验证码时名称部分遮盖。"""

    number: str | None
    kind: str
    amount: Money | None
    guarantor: str
    applicant: str
    beneficiary: str
    project: str
    effective_on: str | None
    expires_on: str | None


class VerdictOut(Schema):
    """查验结论：genuine 真实有效，expired 已到期，released 已解保，exhausted 已付尽，secret 真实而开标前保密，
    unknown 没有查到，forged 不是平台签发，doubtful 核验没有通过，unreadable 文件读不出来。"""

    outcome: str
    letter: LetterOut | None
    checks: list[CheckOut]
    differs: list[str] = Field(description="文件与存证不一致的项目；不显示原函内容")


@public.post(
    "", response=responses(VerdictOut), auth=None, summary="查验保函", operation_id="verify", url_name="verify"
)
def verify(request: HttpRequest, asked: VerifyIn) -> dict[str, Any]:
    """凭函件上的编号查验，任何人都可以用，不需要密钥。"""
    at = now()
    judge = (
        verification.by_code(asked.number, asked.code, at) if asked.code else verification.by_number(asked.number, at)
    )
    return _verdict(judge)


@public.post(
    "/letter", response=responses(VerdictOut), auth=None, summary="查验函件文件", operation_id="verify_letter",
    url_name="verify_letter", openapi_extra=raw_body("收到的 PDF 原文件", "application/pdf"),
)  # fmt: skip
def verify_letter(request: HttpRequest) -> dict[str, Any]:
    """请求体就是 PDF 原文件。任何人都可以用，不需要密钥。"""
    if not request.body:
        raise Invalid(_("没有收到文件。"), fields={"body": _("请求体是空的")})
    return _verdict(verification.by_file(request.body, now()))


def _verdict(verdict: Verdict) -> dict[str, Any]:
    case = verdict.guarantee
    letter = None
    if case is not None:
        says = verdict.says
        shown = (lambda name: name) if verdict.whole_names else mask_name
        letter = {
            "number": case.number,
            "kind": case.kind,
            "amount": money(case.amount, case.currency),
            "guarantor": says["guarantor"],
            "applicant": shown(says["applicant"]),
            "beneficiary": shown(says["beneficiary"]),
            "project": says["project"],
            "effective_on": case.effective_on and case.effective_on.isoformat(),
            "expires_on": case.expires_on and case.expires_on.isoformat(),
        }
    checks = [{"passed": check.passed, "title": check.title, "detail": check.detail} for check in verdict.checks]
    return {
        "outcome": verdict.outcome,
        "letter": letter,
        "checks": checks,
        "differs": [str(difference.label) for difference in verdict.differences],
    }
