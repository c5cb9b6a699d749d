"""How cases, alerts, rules and screenings may change."""

# ruff: noqa: E501  (a table is read across)

from xinshu.core.lifecycle import Lifecycle, Row, State

VIEW, HANDLE, APPROVE, WRITE, SCREEN, EXPORT = (
    "watch.view", "watch.handle", "watch.approve", "watch.write", "watch.screen", "watch.export",
)  # fmt: skip
MANAGE = "watch.manage"  # the platform's own rules
CASE = Lifecycle(
    "watch_case",
    "风险案件",
    states=(
        #     code         word        tone      waits for  for what              working days
        State("sealed",    "未公开",   "mute",   "system",  "开标"),
        State("open",      "待处置",   "warn",   "house",   "核实并处置",           2),
        State("frozen",    "已冻结",   "danger", "house",   "核实，问题解决后解冻", 5),
        State("thawing",   "待复核解冻", "law"),
        State("thawed",    "已解冻",   "ok",     final=True),
        State("dismissed", "已排除",   "mute",   final=True),
        State("referred",  "已移交",   "info",   final=True),
    ),
    rows=(
        #   action          button      from                 to           whose act  permission
        Row("reveal",       "公开",     ("sealed",),         "open",      "system"),
        Row("block",        "自动冻结", ("sealed", "open"),  "frozen",    "system"),
        Row("freeze",       "冻结",     ("open",),           "frozen",    "house",   HANDLE, tone="dan",
            needs_reason=True, consequence="冻结后本机构不再受理和签发所涉企业的保函，直到经复核解冻。企业只会看到业务正在核查。"),
        Row("dismiss",      "排除",     ("open",),           "dismissed", "house",   HANDLE, needs_reason=True,
            consequence="核实后没有问题的，写明依据后结案。"),
        Row("refer",        "移交",     ("open",),           "referred",  "house",   HANDLE, needs_reason=True,
            consequence="写明移交给谁、移交什么；移交后本案结案。"),
        Row("take",         "由我处置", ("open",),           "open",      "house",   HANDLE),
        Row("take",         "由我处置", ("frozen",),         "frozen",    "house",   HANDLE),
        Row("propose_thaw", "申请解冻", ("frozen",),         "thawing",   "house",   HANDLE, tone="pri",
            needs_reason=True, consequence="由另一人按审批方案复核；复核通过前仍然冻结。"),
        Row("thaw",         "同意解冻", ("thawing",),        "thawed",    "house",   APPROVE, tone="pri",
            consequence="最后一人签署后解冻，企业的保函恢复办理。"),
        Row("object",       "不同意解冻", ("thawing",),      "frozen",    "house",   APPROVE, needs_reason=True,
            consequence="保持冻结，退回处置人。"),
    ),
)  # fmt: skip
LIVE = ("open", "frozen", "thawing")
UNENDED = ("sealed", *LIVE)
STOPPING = ("frozen", "thawing")  # while a case is so, the gate is shut

ALERT = Lifecycle(
    "watch_alert",
    "预警",
    states=(
        State("open",         "待确认", "warn", "house", "确认预警", 1),
        State("acknowledged", "处理中", "info", "house", "写明处理结果", 5),
        State("handled",      "已处理", "ok",   final=True),
        State("noise",        "误报",   "mute", final=True),
    ),
    rows=(
        Row("acknowledge", "确认",     ("open",),                "acknowledged", "house", HANDLE, tone="pri"),
        Row("handle",      "处理完毕", ("open", "acknowledged"), "handled",      "house", HANDLE, needs_reason=True,
            consequence="写明采取了什么措施。影响仍按半衰期减弱，不因处理而消失。"),
        Row("set_aside",   "标为误报", ("open", "acknowledged"), "noise",        "house", HANDLE, needs_reason=True,
            consequence="误报不再计入企业的风险等级。"),
    ),
)  # fmt: skip
ALERT_LIVE = ("open", "acknowledged")
RULE = Lifecycle(
    "watch_rule",
    "监测规则",
    states=(
        State("draft",      "待启用", "warn", "house", "由另一人启用"),
        State("active",     "已启用", "ok"),
        State("superseded", "已替换", "mute", final=True),
        State("discarded",  "已作废", "mute", final=True),
    ),
    rows=(
        Row("edit",     "修改", ("draft",), "draft",     "house", WRITE),
        Row("edit",     "修改", ("draft",), "draft",     "house", MANAGE),
        Row("activate", "启用", ("draft",), "active",    "house", APPROVE, tone="pri",
            consequence="启用后按新版本监测，已有案件不变。"),
        Row("activate", "启用", ("draft",), "active",    "house", MANAGE, tone="pri",
            consequence="启用后按新版本监测，已有案件不变。"),
        Row("discard",  "作废", ("draft",), "discarded", "house", WRITE, tone="dan", needs_reason=True,
            consequence="草稿作废，现行规则不变。"),
        Row("discard",  "作废", ("draft",), "discarded", "house", MANAGE, tone="dan", needs_reason=True,
            consequence="草稿作废，现行规则不变。"),
    ),
)  # fmt: skip
