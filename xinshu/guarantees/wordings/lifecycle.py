"""How one version of a text may change: written, checked by the linter, activated by somebody else, replaced.

A house's text is the house's; the platform's, which stands in where a house has none, is its operators'.
"""

from xinshu.core.lifecycle import Lifecycle, Row, State

_RIGHTS = {"house": ("wordings.edit", "wordings.activate"), "platform": ("types.manage", "types.manage")}


def _rows(side: str) -> tuple[Row, ...]:
    edit, activate = _RIGHTS[side]
    return (
        #   action              button      from                  to           whose  permission
        Row("edit",             "修改",     ("draft", "checked"), "draft",     side,  edit),
        Row("check_wording",    "检查",     ("draft",),           "checked",   side,  edit, tone="pri"),
        Row("activate_wording", "启用",     ("checked",),         "active",    side,  activate, tone="pri",
            consequence="启用后新签发的保函用这个版本，已签发的保函保持原版本。写过这个版本的人不能启用。"),
        Row("discard_wording",  "作废草稿", ("draft", "checked"), "discarded", side,  edit, tone="dan",
            consequence="作废后不能恢复，可以另起新版本。"),
        Row("retire_wording",   "停用",     ("active",),          "retired",   side,  activate, tone="dan",
            needs_reason=True, consequence="停用后新签发的保函改用平台文本，已签发的保函不受影响。"),
    )  # fmt: skip


LIFECYCLE = Lifecycle(
    "wording",
    "保函文本",
    states=(
        State("draft",      "草稿",   "mute", "house", "检查"),
        State("checked",    "待启用", "warn", "house", "由另一人启用"),
        State("active",     "使用中", "ok"),
        State("superseded", "旧版本", "mute", final=True),
        State("retired",    "已停用", "mute", final=True),
        State("discarded",  "已作废", "mute", final=True),
    ),
    rows=(*_rows("house"), *_rows("platform"), Row("supersede", "被新版本替代", ("active",), "superseded", "system")),
)  # fmt: skip
