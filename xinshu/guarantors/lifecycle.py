"""How a filing (a qualification, a scope) may change: filed by one, confirmed by a second person of the operator.

Nothing is edited once it is confirmed: a newer version replaces it, or it is ended. Versions stay.
"""

from xinshu.core.lifecycle import Lifecycle, Row, State

MANAGE = "guarantors.manage"  # of the operator
OWN = "guarantees.review"  # of a house's own people

LIFECYCLE = Lifecycle(
    "guarantor_filing",
    "登记",
    states=(
        State("draft",     "待确认", "warn", "operator", "另一位运营人员确认"),
        State("confirmed", "有效",   "ok"),
        State("replaced",  "已替换", "mute", final=True),
        State("ended",     "已停用", "mute", final=True),
        State("discarded", "已作废", "mute", final=True),
    ),
    rows=(
        #   action            button    from            to           whose act    permission
        Row("edit",           "修改",   ("draft",),     "draft",     "operator",  MANAGE),
        Row("edit",           "修改",   ("draft",),     "draft",     "guarantor", OWN),
        Row("confirm_filing", "确认",   ("draft",),     "confirmed", "operator",  MANAGE, tone="pri",
            consequence="确认后即按它受理新申请；它所替换的版本留作历史。登记它的人不能确认。"),
        Row("discard_filing", "作废",   ("draft",),     "discarded", "operator",  MANAGE, tone="dan",
            needs_reason=True),
        Row("discard_filing", "作废",   ("draft",),     "discarded", "guarantor", OWN, tone="dan", needs_reason=True),
        Row("end_filing",     "停用",   ("confirmed",), "ended",     "operator",  MANAGE, tone="dan", needs_reason=True,
            consequence="停用后不再按它受理新申请，在保的保函不受影响。"),
    ),
)  # fmt: skip
