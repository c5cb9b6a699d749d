"""The states of an invoice and the acts between them. An order has one invoice that is not cancelled, at most."""

# ruff: noqa: E501  (a table is read across)

from xinshu.core.lifecycle import Lifecycle, Row, State

INVOICE = Lifecycle(
    "invoice",
    "发票",
    states=(
        State("requested",      "开票中",     "info"),
        State("refused",        "开票未成功", "danger", "applicant", "按提示更正抬头"),
        State("issued",         "已开票",     "ok"),
        State("reversing",      "红冲中",     "info"),
        State("reduced",        "已部分红冲", "ok"),
        State("reverse_failed", "红冲未成功", "danger", "guarantor", "再次红冲"),
        State("reversed",       "已红冲",     "mute", final=True),
    ),
    rows=(
        Row("correct", "更正后重开", ("refused",), "requested", "applicant", "billing.invoice", tone="pri"),
        Row("issue",   "开具",       ("requested",), "issued",  "system"),
        Row("refuse",  "开票未成功", ("requested",), "refused", "system"),
        Row("reverse", "红冲",       ("issued", "reverse_failed"), "reversing", "guarantor", "billing.reverse", tone="dan",
            needs_reason=True, consequence="开具等额红字发票，原发票作废。保费没有退的，申请人可以重新申请开票。"),
        Row("reverse", "红冲",       ("issued",),    "reversing", "system"),
        Row("reduce",  "部分红冲",   ("issued",),    "reversing", "system"),
        Row("confirm_reduction", "部分红字发票已开", ("reversing",), "reduced", "system"),
        Row("confirm_reversal", "红字发票已开", ("reversing",), "reversed",       "system"),
        Row("fail_reversal",    "红冲未成功",   ("reversing",), "reverse_failed", "system"),
    ),
)  # fmt: skip

MATCH = Lifecycle(
    "match",
    "勾对",
    states=(
        State("proposed",  "待确认", "warn", "house", "确认勾对"),
        State("confirmed", "已确认", "ok"),
        State("undone",    "已撤销", "mute", final=True),
    ),
    rows=(
        Row("confirm", "确认", ("proposed",), "confirmed", "house", "billing.reconcile", tone="pri"),
        Row("undo",    "撤销", ("proposed", "confirmed"), "undone", "house", "billing.reconcile"),
    ),
)  # fmt: skip
