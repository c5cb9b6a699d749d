"""How a message on one channel, and a message template, may change."""

from django.utils.translation import gettext_lazy as _

from xinshu.core.lifecycle import Lifecycle, Row, State

MESSAGE = Lifecycle(
    "message",
    "发送记录",
    states=(
        State("held",       "待汇总",   "mute", "system", "到时汇总发送"),
        State("below",      "分数不够",   "mute"),
        State("collected",  "已汇总",   "mute", final=True),
        State("queued",     "待发送",   "info", "system", "发送"),
        State("sending",    "发送中",   "info", "system", "等待服务商答复"),
        State("sent",       "已提交",   "ok"),
        State("delivered",  "已送达",   "ok", final=True),
        State("failed",     "发送失败", "danger", "operator", "查看原因，决定是否重发", 1),
        State("unknown",    "结果不明", "warn",   "operator", "核实是否已发出", 1),
        State("suppressed", "不发送",   "mute", final=True),
    ),
    rows=(
        Row("begin",    "开始发送",     ("queued",),                     "sending",    "system"),
        Row("accept",   "服务商受理",   ("sending", "unknown"),          "sent",       "system"),
        Row("postpone", "稍后再发",     ("sending",),                    "queued",     "system"),
        Row("fail",     "发送失败",     ("sending", "unknown", "sent"),  "failed",     "system"),
        Row("doubt",    "结果不明",     ("sending", "queued"),                    "unknown",    "system"),
        Row("deliver",  "送达",         ("sent", "unknown", "failed"),   "delivered",  "system"),
        Row("suppress", "不再发送",     ("queued", "held"),              "suppressed", "system"),
        Row("lift",     "分数提高",     ("below",),                      "queued",     "system"),
        Row("gather",   "分数提高",     ("below",),                      "held",       "system"),
        Row("collect",  "并入汇总",     ("held",),                       "collected",  "system"),
        Row("retry",    "重新发送",     ("failed",),  "queued", "operator", "messaging.manage", tone="pri",
            consequence="按原内容、原地址再发一次。"),
        Row("resend",   "再发一次",     ("unknown",), "queued", "operator", "messaging.manage", tone="dan",
            needs_reason=True, consequence="上一次可能已经发出，再发一次对方可能收到两条。"),
        Row("settle",   "按已发送处理", ("unknown",), "sent",   "operator", "messaging.manage", tone="pri",
            needs_reason=True, consequence="不再发送。请先在服务商后台核实。"),
    ),
)  # fmt: skip

TEMPLATE = Lifecycle(
    "message_template",
    "消息模板",
    states=(
        State("draft", "草稿", "mute", "operator", "核对后启用"),
        State("active", "使用中", "ok"),
        State("retired", "已停用", "mute", final=True),
    ),
    rows=(
        Row("edit", "保存草稿", ("draft",), "draft", "operator", "messaging.manage"),
        Row("activate", "启用模板", ("draft",), "active", "operator", "messaging.manage", tone="pri",
            consequence="启用后新消息立即按此版本发送，原版本停用。"),
        Row("retire", "停用模板", ("active",), "retired", "operator", "messaging.manage", tone="dan",
            needs_reason=True, consequence="停用后短信和微信不再发送此类消息，邮件和推送改用平台默认文字。"),
    ),
)  # fmt: skip

APPROVALS = {"": _("未查询"), "pending": _("审核中"), "approved": _("审核通过"), "refused": _("审核未通过")}
