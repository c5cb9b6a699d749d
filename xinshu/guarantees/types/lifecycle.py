"""How one version of a type may change: written, tried, activated by somebody else, replaced or retired."""

from xinshu.core.lifecycle import Lifecycle, Row, State

LIFECYCLE = Lifecycle(
    "type",
    "保函类型",
    states=(
        State("draft",      "草稿",   "mute", "platform", "试用"),
        State("tested",     "待启用", "warn", "platform", "由另一人启用"),
        State("active",     "使用中", "ok"),
        State("superseded", "旧版本", "mute", final=True),
        State("retired",    "已停办", "mute", final=True),
        State("discarded",  "已作废", "mute", final=True),
    ),
    rows=(
        #   action      button        from                  to            whose act   permission
        Row("edit",     "修改",       ("draft", "tested"),  "draft",      "platform", "types.manage"),
        Row("try",      "试用",       ("draft",),           "tested",     "platform", "types.manage", tone="pri"),
        Row("activate", "启用",       ("tested",),          "active",     "platform", "types.manage", tone="pri",
            consequence="启用后新申请按这个版本办理，已出具的保函仍按原版本。写过这个版本的人不能启用。"),
        Row("discard",  "作废草稿",   ("draft", "tested"),  "discarded",  "platform", "types.manage", tone="dan",
            consequence="作废后不能恢复，可以另起新版本。"),
        Row("retire",   "停办",       ("active",),          "retired",    "platform", "types.manage", tone="dan",
            needs_reason=True, consequence="停办后不能再申请，已出具的保函不受影响；恢复要起草并启用新版本。"),
        Row("supersede", "被新版本替代", ("active",),       "superseded", "system"),
        Row("supersede", "被新版本替代", ("retired",),      "retired",    "system"),
    ),
)  # fmt: skip

EVER_ACTIVE = ("active", "superseded", "retired")
