"""How a submission may change. Only what the receiver has acknowledged counts as submitted (回执之前不算报送)."""

from dataclasses import replace

from xinshu.core.lifecycle import Lifecycle, Row, State

SUPERVISE, SEND = "guarantees.supervise", "guarantees.apply"
EDIT = "projects.edit"

SUBMISSION = Lifecycle(
    "submission",
    "报送",
    states=(
        #     code         word        tone      waits for    for what
        State("waiting",   "待报送",   "info",   "system",    "送达接收系统"),
        State("sent",      "待回执",   "warn",   "receiver",  "接收方回执"),
        State("submitted", "已报送",   "ok"),
        State("filed",     "已备案",   "ok",     final=True),
        State("returned",  "被退回",   "danger", "guarantor", "查明原因后重新报送"),
        State("dropped",   "不再报送", "mute",   final=True),
    ),
    rows=(
        #   action     button        from                              to           whose act   permission
        Row("send",    "送出",       ("waiting",),                     "sent",      "system"),
        Row("receipt", "回执",       ("waiting", "sent"),              "submitted", "system"),
        Row("receipt", "回执",       ("waiting", "sent"),              "submitted", "receiver", SUPERVISE),
        Row("file",    "备案",       ("waiting", "sent", "submitted"), "filed",     "system"),
        Row("file",    "备案",       ("waiting", "sent", "submitted"), "filed",     "receiver", SUPERVISE, tone="pri"),
        Row("return",  "退回",       ("waiting", "sent", "submitted"), "returned",  "system"),
        Row("return",  "退回",       ("waiting", "sent", "submitted"), "returned",  "receiver", SUPERVISE,
            tone="dan", needs_reason=True, consequence="保证人会收到您写的原因，改正后重新报送。"),
        Row("resend",  "重新报送",   ("waiting", "sent", "returned"),  "waiting",   "guarantor", SEND, tone="pri",
            consequence="按原内容重新送往接收系统；对方已收到的，以报文编号识别，不会重复登记。"),
        Row("drop",    "不再报送",   ("returned",),                    "dropped",   "guarantor", SEND, tone="dan",
            needs_reason=True, consequence="这份报文就此结束，同一保函后面的报文继续报送。不能恢复。"),
    ),
)  # fmt: skip
COUNTS = ("submitted", "filed")  # what may be called submitted
SETTLED = ("submitted", "filed", "dropped")  # the next message of the same guarantee may go

PROJECT_MESSAGE = Lifecycle(  # the same of a project: what the guarantor does there, its registrant does here
    "project_message",
    "项目推送",
    states=[replace(state, waits_for="registrant") if state.waits_for == "guarantor" else state
            for state in SUBMISSION.states.values()],
    rows=[replace(row, side="registrant", permission=EDIT) if row.side == "guarantor" else row
          for row in SUBMISSION.rows],
)  # fmt: skip

DIFFERENCE = Lifecycle(
    "difference",
    "项目信息差异",
    states=(
        #     code       word            tone    waits for     for what
        State("open",    "待决定",       "warn", "registrant", "选用对方的，或保留本单位的"),
        State("taken",   "已采用对方",   "ok"),
        State("kept",    "保留本单位",   "info"),
        State("settled", "已无差异",     "mute"),
    ),
    rows=(
        #   action    button          from                          to         whose act     permission
        Row("take",   "采用对方的",   ("open", "kept"),             "taken",   "registrant", EDIT, tone="pri"),
        Row("keep",   "保留本单位的", ("open",),                    "kept",    "registrant", EDIT),
        Row("take",   "采用对方的",   ("open",),                    "taken",   "system"),
        Row("keep",   "保留本单位的", ("open",),                    "kept",    "system"),
        Row("settle", "已无差异",     ("open", "kept", "taken"),    "settled", "system"),
        Row("reopen", "重新比对",     ("kept", "taken", "settled"), "open",    "system"),
    ),
)  # fmt: skip
