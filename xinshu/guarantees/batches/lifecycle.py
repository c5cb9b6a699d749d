"""How a batch may change: uploaded, corrected, submitted, confirmed by somebody else, worked through.

Sides: the house that prepared it, and the guarantor that is bound by it. A guarantor's manager prepares for customers;
then one house stands on both sides, and the act of issuing belongs to another person of it.
"""

from xinshu.core.lifecycle import Lifecycle, Row, State

LIFECYCLE = Lifecycle(
    "batch",
    "批量出函",
    states=(
        #     code         word          tone      waits for    for what            working days
        State("faulty",    "有错待改",   "danger", "preparer",  "改正后重新上传"),
        State("ready",     "待提交",     "warn",   "preparer",  "核对预览并提交"),
        State("to_confirm", "待确认",    "info",   "guarantor", "确认批量出函",    1),
        State("running",   "办理中",     "info",   "system",    "逐行出函"),
        State("paused",    "已暂停",     "warn",   "guarantor", "继续办理"),
        State("finished",  "已办完",     "ok"),
        State("discarded", "已作废",     "mute",   final=True),
    ),
    rows=(
        #   action       button          from                     to            whose act    permission
        Row("replace",   "重新上传",     ("faulty", "ready"),     "ready",      "preparer",  "guarantees.apply"),
        Row("mark",      "标出错误",     ("faulty", "ready"),     "faulty",     "preparer",  "guarantees.apply"),
        Row("submit",    "提交确认",     ("ready",),              "to_confirm", "preparer",  "guarantees.apply",
            tone="pri", consequence="提交后由保证人的签发人确认；确认后逐行申请、审查、收费、签发。"),
        Row("discard",   "作废",         ("faulty", "ready"),     "discarded",  "preparer",  "guarantees.apply",
            tone="dan", consequence="作废后不能恢复，上传的文件仍留档。"),
        Row("withdraw",  "撤回",         ("to_confirm",),         "ready",      "preparer",  "guarantees.apply"),
        Row("return",    "退回",         ("to_confirm",),         "ready",      "guarantor", "guarantees.issue",
            needs_reason=True, consequence="准备人会收到您写的原因，改好后可以重新提交。"),
        Row("confirm",   "确认出函",     ("to_confirm",),         "running",    "guarantor", "guarantees.issue",
            tone="pri", consequence="在自动审批权限内的各行随即收费、签发、送达，保证人受其约束；其余各行转人工审批。"),
        Row("pause",     "暂停",         ("running",),            "paused",     "guarantor", "guarantees.issue",
            consequence="正在办的一行办完后停下，已签发的不受影响。"),
        Row("resume",    "继续",         ("paused",),             "running",    "guarantor", "guarantees.issue",
            tone="pri"),
        Row("finish",    "办完",         ("running",),            "finished",   "system"),
        Row("retry",     "重试失败的行", ("finished",),           "running",    "guarantor", "guarantees.issue",
            consequence="只重办失败的行，已出函的不会再出一次。"),
    ),
)  # fmt: skip
OWN = ("mark", "finish", "replace")  # acts without a button: they follow from others, or have a form of their own
EDITABLE = ("faulty", "ready")
UNDER_WAY = ("running", "paused", "finished")
