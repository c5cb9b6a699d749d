"""How an announcement may change. When it is shown is not a state: its times and a moment decide that."""

from xinshu.core.lifecycle import Lifecycle, Row, State

MANAGE = "portal.manage"

BULLETIN = Lifecycle(
    "bulletin",
    "公告",
    states=(
        #     code          word      tone    waits for   for what
        State("draft",      "草稿",   "mute", "platform", "预览后发布"),
        State("published",  "展示中", "ok"),
        State("taken_down", "已下架", "warn"),
        State("deleted",    "已删除", "mute", final=True),
    ),
    rows=(
        #   action       button    from                        to            whose act   permission
        Row("publish",   "发布",   ("draft", "taken_down"),    "published",  "platform", MANAGE, tone="pri",
            consequence="到展示时间起，任何人不登录都能看到；没有填展示时间的，立即展示。"),
        Row("edit",      "修改",   ("draft",),                 "draft",      "platform", MANAGE),
        Row("edit",      "修改",   ("published",),             "published",  "platform", MANAGE),
        Row("edit",      "修改",   ("taken_down",),            "taken_down", "platform", MANAGE),
        Row("take_down", "下架",   ("published",),             "taken_down", "platform", MANAGE, tone="dan",
            needs_reason=True, consequence="立即从公开页面撤下，内容保留，可以改后重新发布。"),
        Row("take_down", "到期下架", ("published",),           "taken_down", "system"),
        Row("delete",    "删除",   ("draft", "published", "taken_down"), "deleted", "platform", MANAGE, tone="dan",
            needs_reason=True, consequence="从公开页面和公告列表中撤下，不能恢复；各版本和操作记录仍留存备查。"),
    ),
)  # fmt: skip
COMING = State("coming", "待展示", "info")
OVER = State("over", "已到期", "mute")
