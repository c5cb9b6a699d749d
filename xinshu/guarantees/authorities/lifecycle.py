"""How a change of the authority table may go: proposed, set by somebody else, or thrown away."""

from xinshu.core.lifecycle import Lifecycle, Row, State

LIFECYCLE = Lifecycle(
    "authority",
    "审批授权变更",
    states=(
        State("proposed",  "待确认", "warn", "guarantor", "确认"),
        State("set",       "已生效", "ok",   final=True),
        State("discarded", "已作废", "mute", final=True),
    ),
    rows=(
        #   action               button    from           to           whose act    permission
        Row("propose_authority", "起草",   ("proposed",), "proposed",  "guarantor", "work.design"),
        Row("set_authority",     "确认",   ("proposed",), "set",       "guarantor", "work.activate", tone="pri",
            consequence="立即按新的权限审批，在办的申请也是。起草的人不能确认。"),
        Row("discard_authority", "作废",   ("proposed",), "discarded", "guarantor", "work.design", tone="dan",
            needs_reason=True, consequence="现行权限不变。"),
    ),
)  # fmt: skip
