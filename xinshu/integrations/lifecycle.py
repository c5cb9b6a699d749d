"""How a client of the interface and a subscription to events may change."""

from xinshu.core.lifecycle import Lifecycle, Row, State

MANAGE = "integrations.manage"
CLIENT = Lifecycle(
    "api_client",
    "接口客户端",
    states=(
        #     code        word       tone    waits for    for what
        State("proposed", "待确认", "warn", "principal", "代表人确认授权范围"),
        State("active",   "启用",   "ok"),
        State("paused",   "已停用", "mute"),
        State("closed",   "已注销", "mute", final=True),
    ),
    rows=(
        #   action       button         from                            to          whose act        permission
        Row("confirm",   "确认授权",    ("proposed",),                  "active",   "principal", tone="pri",
            consequence="确认后，持有密钥的系统在授权范围内办理的事项，都记在您的名下。"),
        Row("amend",     "修改授权",    ("proposed", "active", "paused"), "proposed", "administrator", MANAGE),
        Row("limit",     "修改限制",    ("proposed",),                  "proposed", "administrator", MANAGE),
        Row("limit",     "修改限制",    ("active",),                    "active",   "administrator", MANAGE),
        Row("limit",     "修改限制",    ("paused",),                    "paused",   "administrator", MANAGE),
        Row("issue_key", "签发密钥",    ("proposed",),                  "proposed", "administrator", MANAGE),
        Row("issue_key", "签发密钥",    ("active",),                    "active",   "administrator", MANAGE),
        Row("pause",     "停用",        ("active",),                    "paused",   "administrator", MANAGE,
            consequence="停用后，这个客户端的调用全部拒绝，事件暂存。可以随时恢复。"),
        Row("pause",     "停用",        ("active",),                    "paused",   "principal",
            consequence="停用后，这个客户端的调用全部拒绝，事件暂存。由管理员恢复。"),
        Row("resume",    "恢复启用",    ("paused",),                    "active",   "administrator", MANAGE,
            tone="pri"),
        Row("close",     "注销",        ("proposed", "active", "paused"), "closed", "administrator", MANAGE,
            tone="dan", needs_reason=True, consequence="注销后密钥全部作废，不能恢复；调用日志保留。"),
        Row("close",     "拒绝并注销",  ("proposed",),                  "closed",   "principal",
            tone="dan", needs_reason=True, consequence="注销后密钥全部作废，不能恢复；调用日志保留。"),
    ),
)  # fmt: skip
SUBSCRIPTION = Lifecycle(
    "subscription",
    "事件订阅",
    states=(
        State("active", "推送中", "ok"),
        State("paused", "已暂停", "warn", "administrator", "查明接收端后恢复"),
        State("closed", "已取消", "mute", final=True),
    ),
    rows=(
        Row("pause",  "暂停推送", ("active",),          "paused", "administrator", MANAGE,
            consequence="暂停期间的事件会暂存，恢复后补推。"),
        Row("pause",  "自动暂停", ("active",),          "paused", "system"),
        Row("resume", "恢复推送", ("paused",),          "active", "administrator", MANAGE, tone="pri",
            consequence="恢复后先补推暂存的事件。"),
        Row("close",  "取消订阅", ("active", "paused"), "closed", "administrator", MANAGE, tone="dan",
            needs_reason=True, consequence="取消后不再推送，暂存的事件作废，不能恢复。"),
    ),
)  # fmt: skip
