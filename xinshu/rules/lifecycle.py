"""How rules may change: a set is on or off; a version is written, tried, activated by a second person."""

from xinshu.core.lifecycle import Lifecycle, Row, State

VIEW, EDIT, ACTIVATE, EXPORT = "rules.view", "rules.edit", "rules.activate", "rules.export"

SET = Lifecycle(
    "rule_set",
    "规则集",
    states=(State("on", "启用", "ok"), State("off", "停用", "mute")),
    rows=(
        #   action       button    from      to     whose act  permission
        Row("switch_off", "停用", ("on",),  "off", "house",   ACTIVATE, tone="dan", needs_reason=True,
            consequence="停用后不再按它判断新业务，已有结论不变，随时可以再打开。"),
        Row("switch_on",  "打开", ("off",), "on",  "house",   ACTIVATE,
            consequence="打开后新业务按生效的版本判断。"),
    ),
)  # fmt: skip
VERSION = Lifecycle(
    "rule_version",
    "规则版本",
    states=(
        State("draft",      "待启用", "warn", "house", "试跑后由另一人启用"),
        State("active",     "已启用", "ok"),
        State("superseded", "已替换", "mute", final=True),
        State("discarded",  "已作废", "mute", final=True),
    ),
    rows=(
        #   action              button    from        to           whose act  permission
        Row("edit",             "修改",   ("draft",), "draft",     "house",   EDIT),
        Row("try_on_history",   "用历史试跑", ("draft",), "draft", "house",   EDIT),
        Row("try_on_history",   "用历史试跑", ("draft",), "draft", "house",   ACTIVATE),
        Row("activate_version", "启用",   ("draft",), "active",    "house",   ACTIVATE, tone="pri",
            consequence="自生效日起的新业务按它判断，已有结论保持原版本。启用后不能修改，只能再启用下一版。"),
        Row("discard_version",  "作废",   ("draft",), "discarded", "house",   EDIT, tone="dan", needs_reason=True,
            consequence="草稿作废，现行版本不变。"),
    ),
)  # fmt: skip
RUN = Lifecycle(
    "rule_run",
    "核查",
    states=(State("asking", "正在询问", "info", "system", "数据源答复"), State("kept", "已有结论", "ok", final=True)),
    rows=(
        Row("ask",    "发起核查", ("asking",), "asking", "house",  VIEW),
        Row("answer", "得出结论", ("asking",), "kept",   "system"),
    ),
)  # fmt: skip
