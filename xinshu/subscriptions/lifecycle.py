"""How a subscription may change: its owner edits it, switches it off and on again."""

from xinshu.core.lifecycle import Lifecycle, Row, State

VIEW, EDIT, EXPORT, OVERSEE = (
    "subscriptions.view", "subscriptions.edit", "subscriptions.export", "subscriptions.oversee",
)  # fmt: skip

SUBSCRIPTION = Lifecycle(
    "notice_subscription",
    "订阅",
    states=(State("on", "启用", "ok"), State("off", "停用", "mute")),
    rows=(
        #   action                 button  from      to     whose act permission
        Row("edit_subscription",   "修改", ("on",),  "on",  "owner",  EDIT),
        Row("edit_subscription",   "修改", ("off",), "off", "owner",  EDIT),
        Row("switch_off",          "停用", ("on",),  "off", "owner",  EDIT,
            consequence="停用后不再匹配新公告，已命中的保留，可以再启用。"),
        Row("switch_on",           "启用", ("off",), "on",  "owner",  EDIT),
    ),
)  # fmt: skip
