"""/api/v1/submissions: a receiver's system reads what was reported to it, acknowledges it, files it, returns it."""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Field, Query, Router, Schema

from xinshu.core.clock import now
from xinshu.core.refusals import Invalid, Unknown
from xinshu.exchange.actions import submissions as acts
from xinshu.exchange.lifecycle import SUBMISSION, SUPERVISE
from xinshu.exchange.models import InLine, Submission
from xinshu.exchange.queries import submission_for
from xinshu.integrations.interface import responses
from xinshu.integrations.leaving import given
from xinshu.integrations.models import Caller
from xinshu.integrations.schemas import ActionOut, Version, actions, caller, moment, page_of, read_cursor

router = Router(tags=["监管报送"])
STATE = f"^({'|'.join(SUBMISSION.states)})$"


class SubmissionOut(Schema):
    """一份报送。content 是报送内容，生成时固定；金额以分为单位。"""

    reference: str
    state: str
    state_label: str
    version: int
    event: str = Field(description="sealed 密文登记，reveal 开标还原，issue 签发，release 解保，expiry 到期 等")
    event_label: str
    order: str = Field(description="报送单号：同一保函、同一系统的各份报送相同")
    number: int = Field(description="序号，从 1 起")
    message: str = Field(description="报文编号：重复送达时不变，用它去重")
    content: dict[str, Any]
    commitment: str = Field(description="密文登记的承诺值：SM3(nonce ‖ 规范 JSON)，十六进制；没有时为空")
    receipt: str
    answer: str
    created_at: str | None
    receipted_at: str | None
    decided_at: str | None
    actions: list[ActionOut]


class SubmissionPage(Schema):
    """一页报送，最新的在前。"""

    items: list[SubmissionOut]
    next: str | None = Field(description="下一页的 cursor；没有下一页时为空")


class SubmissionFilters(Schema):
    """查询条件，都可以不填。"""

    state: str = Field("", pattern=f"{STATE[:-1]}?$")
    limit: int = Field(50, ge=1, le=200)
    cursor: str = Field("", max_length=400)


class DecisionIn(Schema):
    """办理一步。"""

    version: Version
    receipt: str = Field("", max_length=80, description="回执编号；登记回执时必填")
    reason: str = Field("", max_length=500, description="意见；退回时必填")


def represent(case: Submission, by: Caller) -> dict[str, Any]:
    """Return a submission as its receiver may have it."""
    return {
        "reference": case.reference,
        "state": case.state,
        "state_label": case.standing.label,
        "version": case.version,
        "event": case.event,
        "event_label": str(case.get_event_display()),
        "order": given("exchange.Submission.order", case.order, by),
        "number": case.number,
        "message": case.message,
        "content": given("exchange.Submission.content", case.content, by),
        "commitment": case.commitment,
        "receipt": case.receipt,
        "answer": given("exchange.Submission.answer", case.answer, by),
        "created_at": moment(case.created_at),
        "receipted_at": moment(case.receipted_at),
        "decided_at": moment(case.decided_at),
        "actions": actions(SUBMISSION.possible(case, by), ACTS),
    }


@router.get(
    "", response=responses(SubmissionPage), summary="查询报送", operation_id="list_submissions", url_name="submissions"
)
def list_submissions(request: HttpRequest, filters: Query[SubmissionFilters]) -> dict[str, Any]:
    """返回报送给本机构的记录，最新的在前。开标前的密文登记不在其中。"""
    by = caller(request, SUPERVISE)
    found = Submission.objects.visible_to(by, now()).filter(receiver=by.organisation_id).order_by("-pk")
    if filters.state:
        found = found.filter(state=filters.state)
    if filters.cursor:
        place = read_cursor(filters.cursor)
        if len(place) != 2 or place[0] != "submissions":
            raise Invalid(_("分页位置没有读懂。"), fields={"cursor": _("请原样使用上一页返回的 next")})
        found = found.filter(pk__lt=place[1])
    rows = list(found.select_related("guarantee")[: filters.limit + 1])
    shown, following = page_of(rows, filters.limit, lambda row: ("submissions", row.pk))
    return {"items": [represent(row, by) for row in shown], "next": following}


@router.get(
    "/{reference}", response=responses(SubmissionOut), summary="读取报送", operation_id="read_submission",
    url_name="submission",
)  # fmt: skip
def read_submission(request: HttpRequest, reference: str) -> dict[str, Any]:
    """返回一份报送。不存在的和您不能看到的，答复相同。"""
    by = caller(request, SUPERVISE)
    return represent(submission_for(by, reference, now()), by)


@router.post(
    "/{reference}/actions/{action}", response=responses(SubmissionOut), summary="回执、备案或退回",
    operation_id="act_on_submission", url_name="submission_act",
)  # fmt: skip
def act_on_submission(request: HttpRequest, reference: str, action: str, told: DecisionIn) -> dict[str, Any]:
    """办理 `actions` 中列出的一步：receipt 登记回执，file 备案，return 退回。同样的回执再来一次，答复相同。"""
    by, at = caller(request, SUPERVISE), now()
    case = submission_for(by, reference, at)
    if action not in ACTS:
        raise Unknown(_("没有这项操作。"))
    case.version = told.version
    ACTS[action](case, by, at, told)
    return represent(submission_for(by, reference, at), by)


Act = Callable[[InLine, Caller, datetime, DecisionIn], object]
ACTS: dict[str, Act] = {  # of any message in a line
    "receipt": lambda case, by, at, told: acts.acknowledge(case, receipt=told.receipt, by=by, at=at),
    "file": lambda case, by, at, told: acts.file_submission(
        case, receipt=told.receipt, answer=told.reason, by=by, at=at
    ),
    "return": lambda case, by, at, told: acts.return_submission(case, reason=told.reason, by=by, at=at),
}
