"""How a guarantee may change: the whole story of an application and its instrument, row by row.

Amendments, reductions and surrenders are cases of their own (changing.py); here is only what they do to the instrument.
"""

from xinshu.core.lifecycle import Lifecycle, Row, State

LIFECYCLE = Lifecycle(
    "guarantee",
    "保函",
    states=(
        #     code         word          tone      waits for     for what                 working days
        State("draft",     "草稿",       "mute",   "applicant",  "填写并提交申请"),
        State("submitted", "自动审查中", "info",   "system",     "自动审查"),
        State("in_review", "审批中",     "info",   "guarantor",  "给出审批结论",          2),
        State("returned",  "待补正",     "warn",   "applicant",  "补正后重新提交",        3),
        State("fee_due",   "待缴费",     "warn",   "applicant",  "缴纳保费",              5),
        State("to_issue",  "待签发",     "info",   "guarantor",  "签发保函",              1),
        State("issuing",   "签章中",     "info",   "system",     "生成函件并签章"),
        State("in_force",  "在保",       "ok"),
        State("released",  "已解保",     "mute",   final=True),
        State("expired",   "已到期",     "mute",   final=True),
        State("exhausted", "已付尽",     "mute",   final=True),
        State("declined",  "已拒绝",     "danger", final=True),
        State("withdrawn", "已撤回",     "mute",   final=True),
        State("lapsed",    "已失效",     "mute",   final=True),
    ),
    rows=(
        #   action         button        from                      to           whose act     permission
        Row("edit",        "保存",       ("draft",),               "draft",     "applicant",  "guarantees.apply"),
        Row("edit",        "保存",       ("returned",),            "returned",  "applicant",  "guarantees.apply"),
        Row("submit",      "提交申请",   ("draft", "returned"),    "submitted", "applicant",  "guarantees.apply",
            tone="pri", consequence="提交后由保证人审查，审查期间不能修改。"),
        Row("withdraw",    "撤回申请",   ("draft", "submitted", "in_review", "returned", "fee_due"), "withdrawn",
            "applicant", "guarantees.apply", tone="dan", needs_reason=True,
            consequence="撤回后这笔申请就此结束，已占的额度随即释放；需要时可另行申请。"),
        Row("pass",        "自动通过",   ("submitted",),           "fee_due",   "system"),
        Row("refer",       "转人工审批", ("submitted",),           "in_review", "system"),
        Row("approve",     "审批通过",   ("in_review",),           "fee_due",   "guarantor",  "guarantees.review",
            tone="pri", consequence="通过后预占申请人额度并向申请人发出缴费通知。"),
        Row("return",      "退回补正",   ("in_review",),           "returned",  "guarantor",  "guarantees.review",
            needs_reason=True, consequence="申请人会收到您写的说明，补正后重新提交。"),
        Row("ask_papers",  "补材料",     ("in_review",),           "returned",  "guarantor",  "guarantees.review"),
        Row("decline",     "拒绝承保",   ("in_review", "fee_due"), "declined",  "guarantor",  "guarantees.review",
            tone="dan", needs_reason=True, consequence="拒绝后不可恢复，申请人可以重新申请。"),
        Row("cancel",      "退费终止",   ("to_issue",),            "declined",  "guarantor",  "guarantees.issue",
            tone="dan", needs_reason=True, consequence="终止后退还已收保费、释放额度，不能恢复；申请人可以重新申请。"),
        Row("pay",         "缴纳保费",   ("fee_due",),             "fee_due",   "applicant",  "guarantees.pay",
            tone="pri"),
        Row("confirm_fee", "保费到账",   ("fee_due",),             "to_issue",  "system"),
        Row("lapse",       "逾期未缴费", ("fee_due",),             "lapsed",    "system"),
        Row("issue",       "签发保函",   ("to_issue",),            "issuing",   "guarantor",  "guarantees.issue",
            tone="pri", consequence="签发后保证人即受约束：占用申请人额度，函件签章后送达受益人。"),
        Row("deliver",     "送达",       ("issuing",),             "in_force",  "system"),
        Row("release",     "解除担保",   ("in_force",),            "released",  "beneficiary", "guarantees.release",
            tone="dan", needs_reason=True, consequence="解除后保证人不再承担责任，不能恢复。"),
        Row("expire",      "到期",       ("in_force",),            "expired",   "system"),
        Row("amend",       "申请修改",   ("in_force",),            "in_force",  "applicant",  "guarantees.apply"),
        Row("take_over",   "修改生效",   ("in_force",),            "in_force",  "system"),
        Row("reduce",      "申请减额",   ("in_force",),            "in_force",  "applicant",  "guarantees.apply"),
        Row("report_change", "登记合同变更", ("in_force",),        "in_force",  "applicant",  "guarantees.apply"),
        Row("report_change", "登记合同变更", ("in_force",),        "in_force",  "beneficiary", "guarantees.release"),
        Row("fall",        "减额",       ("in_force",),            "in_force",  "system"),
        Row("surrender",   "申请退保",   ("in_force",),            "in_force",  "applicant",  "guarantees.apply"),
        Row("give_back",   "退保解除",   ("in_force",),            "released",  "system"),
        Row("restore",     "恢复额度",   ("released",),            "released",  "system"),
        Row("restore",     "恢复额度",   ("expired",),             "expired",   "system"),
        Row("restore",     "恢复额度",   ("exhausted",),           "exhausted", "system"),
        Row("exhaust",     "付尽",       ("in_force",),            "exhausted", "system"),
    ),
)  # fmt: skip

BEFORE_ISSUE = ("draft", "submitted", "in_review", "returned", "fee_due", "to_issue", "declined", "withdrawn",
                "lapsed")  # fmt: skip
HOLDING = ("fee_due", "to_issue", "issuing", "in_force")  # approved, and not over: the house answers for it, or will
INSTRUMENT = ("in_force", "released", "expired", "exhausted")  # the letter has left the house: others may learn of it
STORY = {  # the stepper: the states of the happy path, in words for the step rather than for the state
    "draft": "填写申请",
    "submitted": "自动审查",
    "in_review": "审批",
    "fee_due": "缴费",
    "to_issue": "签发",
    "issuing": "签章送达",
    "in_force": "在保",
}
