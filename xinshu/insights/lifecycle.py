"""How segments and proposals may change: tables of acts."""

from xinshu.core.lifecycle import Lifecycle, Row, State

VIEW, EDIT, EXPORT = "insights.view", "insights.edit", "insights.export"
ADOPT = "guarantees.apply"  # what an account manager holds; `set_tier` asks for it, too

SEGMENT = Lifecycle(
    "segment",
    "客群",
    states=(State("on", "在用", "ok"), State("off", "停用", "mute")),
    rows=(
        #   action            button    from           to     whose act  permission
        Row("edit_segment",   "修改",   ("on",),       "on",  "house",   EDIT),
        Row("close_segment",  "停用",   ("on",),       "off", "house",   EDIT, tone="dan", needs_reason=True,
            consequence="停用后不再统计，各版本都保留，可以再启用。"),
        Row("reopen_segment", "启用",   ("off",),      "on",  "house",   EDIT),
    ),
)  # fmt: skip
PROPOSAL = Lifecycle(
    "discount_proposal",
    "优惠建议",
    states=(
        State("proposed", "待客户经理核定", "warn", "manager", "核定或不采纳"),
        State("adopted",  "已核定",         "ok",   final=True),
        State("declined", "未采纳",         "mute", final=True),
        State("recalled", "已撤回",         "mute", final=True),
    ),
    rows=(
        Row("adopt",   "核定等级", ("proposed",), "adopted",  "manager", ADOPT, tone="pri",
            consequence="核定后这家客户以后的保费按这个等级优惠，秒批额度不变。提出建议的人不能核定。"),
        Row("decline", "不采纳",   ("proposed",), "declined", "manager", ADOPT, needs_reason=True,
            consequence="建议作废，客户的优惠不变。"),
        Row("recall",  "撤回",     ("proposed",), "recalled", "house",   EDIT, needs_reason=True,
            consequence="建议撤回，客户的优惠不变。"),
    ),
)  # fmt: skip
