"""How template versions and readings may change. What was once active is never written again."""

# ruff: noqa: E501  (a table is read across)

from xinshu.core.lifecycle import Lifecycle, Row, State

LIFECYCLE = Lifecycle(
    "template",
    "模板版本",
    states=[
        State("draft", "草稿", waits_for="owner", awaited="检查并启用"),
        State("active", "启用中", tone="ok"),
        State("retired", "已停用", final=True),
    ],
    rows=[
        Row("edit", "修改", ("draft",), "draft", "owner", "documents.edit_templates"),
        Row("activate", "启用", ("draft",), "active", "owner", "documents.edit_templates", tone="pri"),
        Row("edit", "修改", ("draft",), "draft", "system"),
        Row("activate", "启用", ("draft",), "active", "system"),
    ],
)

ENTER = "readings.enter"
BRING = "readings.bring"  # an account manager: papers on behalf of their own customers

READING = Lifecycle(
    "reading",
    "材料",
    states=[
        State("queued",    "排队中",   "info"),
        State("reading",   "识别中",   "info"),
        State("read",      "待确认",   "warn", "owner", "核对识别结果"),
        State("offered",   "待申请人确认", "warn", "owner", "核对客户经理上传的材料"),
        State("returned",  "申请人已退回", "danger", "manager", "按原因更正，或换一份上传"),
        State("refused",   "不能识别", "danger", "owner", "换一份文件，或重新识别"),
        State("failed",    "识别失败", "danger", "owner", "重新识别"),
        State("confirmed", "已确认",   "ok"),
        State("withdrawn", "不采用",   "mute", final=True),
    ],
    rows=[
        #   action       button        from                                      to          whose act permission
        Row("begin",     "开始识别",   ("queued", "reading"),                    "reading",   "system"),
        Row("finish",    "识别完成",   ("reading",),                             "read",      "system"),
        Row("refuse",    "不能识别",   ("reading",),                             "refused",   "system"),
        Row("fail",      "识别失败",   ("reading",),                             "failed",    "system"),
        Row("offer",     "请申请人确认", ("read",),                              "offered",   "system"),
        Row("confirm",   "确认结果",   ("read", "offered"),                      "confirmed", "owner", ENTER, tone="pri",
            consequence="确认的内容会更新到企业资料，并记明来源。"),
        Row("say_kind",  "更改类型",   ("read",),                                "read",      "owner", ENTER),
        Row("say_kind",  "更改类型",   ("offered",),                             "offered",   "owner", ENTER),
        Row("reject",    "退回客户经理", ("offered",),                           "returned",  "owner", ENTER, tone="dan", needs_reason=True,
            consequence="退回后由客户经理更正或换一份上传，材料里的内容不会进入企业资料。"),
        Row("retry",     "重新识别",   ("refused", "failed"),                    "queued",    "owner", ENTER),
        Row("withdraw",  "不采用",     ("read", "offered", "returned", "refused", "failed", "confirmed"),
                                                                                 "withdrawn", "owner", ENTER, needs_reason=True),
        Row("confirm",   "确认结果",   ("read",),                                "confirmed", "manager", BRING, tone="pri",
            consequence="确认的内容会更新到客户的企业资料，并记明由您核对。"),
        Row("offer",     "请申请人确认", ("read", "returned"),                   "offered",   "manager", BRING,
            consequence="申请人会收到通知，由其核对后确认或退回。"),
        Row("say_kind",  "更改类型",   ("read",),                                "read",      "manager", BRING),
        Row("say_kind",  "更改类型",   ("returned",),                            "returned",  "manager", BRING),
        Row("retry",     "重新识别",   ("refused", "failed"),                    "queued",    "manager", BRING),
        Row("withdraw",  "不采用",     ("read", "offered", "returned", "refused", "failed"),
                                                                                 "withdrawn", "manager", BRING, needs_reason=True),
    ],
)  # fmt: skip
