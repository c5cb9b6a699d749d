"""How a retention rule, and a clearing under it, come about: one proposes, another decides."""

from xinshu.core.lifecycle import Lifecycle, Row, State

_ENDS = [
    State("refused", "未批准", "danger", final=True),
    State("withdrawn", "已撤回", "mute", final=True),
]


def _rows(approve: str, target: str, consequence: str) -> list[Row]:
    return [
        Row("approve", approve, ("proposed",), target, "second", "ledger.retain", tone="pri", consequence=consequence),
        Row("refuse", "不批准", ("proposed",), "refused", "second", "ledger.retain", tone="dan", needs_reason=True),
        Row("withdraw", "撤回申请", ("proposed",), "withdrawn", "proposer"),
    ]


RULE = Lifecycle(
    "retention_rule",
    "留存规则",
    [
        State("proposed", "待批准", "info", waits_for="second", awaited="安全管理员批准", working_days=1),
        State("active", "使用中", "ok"),
        State("superseded", "已被替代", "mute", final=True),
        *_ENDS,
    ],
    _rows("批准启用", "active", "启用后，超过期限的日志可以申请清除；规则本身不清除任何内容。"),
)

REDACTION = Lifecycle(
    "redaction",
    "到期清除",
    [
        State("proposed", "待批准", "info", waits_for="second", awaited="安全管理员批准", working_days=1),
        State("approved", "正在清除", "info"),
        State("done", "已清除", "ok", final=True),
        *_ENDS,
    ],
    [
        *_rows("批准清除", "approved", "到期日志的内容和姓名将被永久清除，不能恢复；编号、时间、摘要和证明保留。"),
        Row("finish", "完成清除", ("approved",), "done", "system"),
    ],
)
