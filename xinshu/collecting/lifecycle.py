"""How a source may change: nothing is asked regularly that was not tried first."""

from xinshu.core.lifecycle import Lifecycle, Row, State

MANAGE = "collecting.manage"
SOURCE = Lifecycle(
    "collecting_source",
    "采集来源",
    states=(
        State("draft", "待试采", "warn", "operator", "试采"),
        State("tried", "已试采", "info", "operator", "启用"),
        State("on",    "采集中", "ok"),
        State("off",   "已停用", "mute"),
    ),
    rows=(
        #   action          button      from                      to       whose act   permission
        Row("edit_source",  "修改",     ("draft", "tried", "off"), "draft", "operator", MANAGE),
        Row("try_source",   "试采",     ("draft", "tried", "off"), "tried", "operator", MANAGE,
            consequence="现在读取一页列表和一条公告，只显示读到的内容，不保存公告。"),
        Row("switch_on",    "启用",     ("tried", "off"),          "on",    "operator", MANAGE, tone="pri",
            consequence="启用后按设定的间隔采集，新公告进入中标动态并推送给相关的人。"),
        Row("collect_now",  "立即采集", ("on",),                   "on",    "operator", MANAGE),
        Row("switch_off",   "停用",     ("on",),                   "off",   "operator", MANAGE, tone="dan",
            needs_reason=True, consequence="停用后不再访问这个来源。已采集的公告都保留，可以再启用。"),
    ),
)  # fmt: skip
