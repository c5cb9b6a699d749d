"""How the changes of a living guarantee go on: one table per kind of change, and the days that its line waits.

Sources: URDG 758 Art. 11 (an amendment binds the guarantor from its issue, the beneficiary from acceptance; partial
acceptance is rejection; silence is nothing), 25 (expiry on a closed day rolls); 民法典 203.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from xinshu.core.lifecycle import Lifecycle, Row, State

AMENDMENT = Lifecycle(
    "amendment",
    "保函修改",
    states=(
        #     code         word            tone      waits for      for what              working days
        State("in_review", "待审批",       "info",   "guarantor",   "审批修改",              2),
        State("fee_due",   "待补缴保费",   "warn",   "applicant",   "补缴保费",              5),
        State("to_issue",  "待签发",       "info",   "guarantor",   "签发修改函",            1),
        State("sealing",   "签章中",       "info",   "system",      "生成修改函并签章"),
        State("offered",   "待受益人确认", "warn",   "beneficiary", "接受或不接受修改"),
        State("accepted",  "已生效",       "ok",     final=True),
        State("rejected",  "受益人未接受", "danger", final=True),
        State("declined",  "保证人未同意", "danger", final=True),
        State("withdrawn", "已撤回",       "mute",   final=True),
        State("lapsed",    "已失效",       "mute",   final=True),
    ),
    rows=(
        #   action         button          from                      to           whose act      permission
        Row("approve",     "同意修改",     ("in_review",),           "fee_due",   "guarantor",   "guarantees.review",
            tone="pri", consequence="同意后预占增加的额度；需要补缴保费的，通知申请人缴费。"),
        Row("free",        "无需补缴",     ("fee_due",),             "to_issue",  "system"),
        Row("decline",     "不同意修改",   ("in_review", "fee_due", "to_issue"), "declined", "guarantor",
            "guarantees.review", tone="dan", needs_reason=True, consequence="申请人会看到您写的原因，原条款继续有效。"),
        Row("withdraw",    "撤回修改",     ("in_review", "fee_due", "to_issue"), "withdrawn", "applicant",
            "guarantees.apply", tone="dan", needs_reason=True, consequence="撤回后原条款继续有效，已补缴的保费退回。"),
        Row("pay",         "补缴保费",     ("fee_due",),             "fee_due",   "applicant",   "guarantees.pay",
            tone="pri"),
        Row("confirm_fee", "保费到账",     ("fee_due",),             "to_issue",  "system"),
        Row("issue",       "签发修改函",   ("to_issue",),            "sealing",   "guarantor",   "guarantees.issue",
            tone="pri", consequence="签发后保证人即受修改约束；受益人接受以前，原条款对受益人继续有效。"),
        Row("offer",       "送达受益人",   ("sealing",),             "offered",   "system"),
        Row("accept",      "接受修改",     ("offered",),             "accepted",  "beneficiary", "guarantees.release",
            tone="pri", consequence="修改须整体接受。接受后按新条款执行，不能恢复原条款。"),
        Row("reject",      "不接受",       ("offered",),             "rejected",  "beneficiary", "guarantees.release",
            tone="dan", needs_reason=True, consequence="只接受其中一部分也算不接受。原条款继续有效。"),
        Row("lapse",       "失效",         ("in_review", "fee_due", "to_issue", "sealing", "offered"), "lapsed",
            "system"),
    ),
)  # fmt: skip
AMENDMENT_OPEN = tuple(code for code, state in AMENDMENT.states.items() if not state.final)
AMENDMENT_STORY = ("in_review", "fee_due", "to_issue", "offered", "accepted")

REDUCTION = Lifecycle(
    "reduction",
    "减额",
    states=(
        State("planned",   "已约定",       "info"),
        State("asked",     "待受益人确认", "warn",   "beneficiary", "确认减额"),
        State("done",      "已减额",       "ok",     final=True),
        State("declined",  "受益人未确认", "danger", final=True),
        State("withdrawn", "已撤回",       "mute",   final=True),
        State("lapsed",    "已失效",       "mute",   final=True),
    ),
    rows=(
        Row("trigger",     "按约定减额",   ("planned",),           "done",      "system"),
        Row("confirm",     "确认减额",     ("asked",),             "done",      "beneficiary", "guarantees.release",
            tone="pri", consequence="确认后可索赔余额随即减少，不能恢复。"),
        Row("decline",     "不确认",       ("asked",),             "declined",  "beneficiary", "guarantees.release",
            tone="dan", needs_reason=True, consequence="申请人会看到原因，保函金额不变。"),
        Row("withdraw",    "撤回减额",     ("asked",),             "withdrawn", "applicant",   "guarantees.apply",
            tone="dan", needs_reason=True),
        Row("lapse",       "失效",         ("planned", "asked"),   "lapsed",    "system"),
    ),
)  # fmt: skip

SURRENDER = Lifecycle(
    "surrender",
    "退保",
    states=(
        State("in_review", "待监管审核",   "info",   "department",  "审核退保",              5),
        State("returned",  "待补充",       "warn",   "applicant",   "补充退保证明",          3),
        State("done",      "已退保",       "ok",     final=True),
        State("refused",   "不予退保",     "danger", final=True),
        State("withdrawn", "已撤回",       "mute",   final=True),
        State("lapsed",    "已失效",       "mute",   final=True),
    ),
    rows=(
        Row("supply",      "补充后重新提交", ("returned",),        "in_review", "applicant",   "guarantees.apply",
            tone="pri"),
        Row("agree",       "同意退保",     ("in_review",),         "in_review", "beneficiary", "guarantees.release",
            consequence="主管部门审核通过后担保解除，不能恢复。"),
        Row("object",      "提出异议",     ("in_review",),         "in_review", "beneficiary", "guarantees.release",
            tone="dan", needs_reason=True, consequence="有异议的，主管部门不能核准退保。"),
        Row("approve",     "核准退保",     ("in_review",),         "done",      "department",  "guarantees.supervise",
            tone="pri", consequence="核准后担保解除并出具回执，不能恢复。"),
        Row("return",      "退回补充",     ("in_review",),         "returned",  "department",  "guarantees.supervise",
            needs_reason=True, consequence="申请人会收到您写的说明，补充后重新提交。"),
        Row("refuse",      "不予退保",     ("in_review",),         "refused",   "department",  "guarantees.supervise",
            tone="dan", needs_reason=True, consequence="各方都会看到原因，保函继续有效。"),
        Row("withdraw",    "撤回退保",     ("in_review", "returned"), "withdrawn", "applicant", "guarantees.apply",
            tone="dan", needs_reason=True, consequence="撤回后保函继续有效。"),
        Row("lapse",       "失效",         ("in_review", "returned"), "lapsed", "system"),
    ),
)  # fmt: skip
SURRENDER_OPEN = tuple(code for code, state in SURRENDER.states.items() if not state.final)
CONTRACT_CHANGE = Lifecycle(
    "contract_change",
    "主合同变更",
    states=(
        State("asked",     "待保证人答复", "warn",   "guarantor", "书面答复合同变更", 5),
        State("consented", "已书面同意",   "ok",     final=True),
        State("refused",   "未同意",       "danger", final=True),
        State("withdrawn", "已撤回",       "mute",   final=True),
        State("lapsed",    "未答复",       "mute",   final=True),
    ),
    rows=(
        Row("consent",     "书面同意",     ("asked",),         "consented", "guarantor", "guarantees.review",
            tone="pri", consequence="同意后对变更后的债务承担责任，以保函金额为限；同意函签章后送达双方，不能撤回。"),
        Row("refuse",      "不同意",       ("asked",),         "refused",   "guarantor", "guarantees.review",
            tone="dan", needs_reason=True, consequence="不同意的，对法律规定的部分不承担责任；双方会看到原因。"),
        Row("withdraw",    "撤回登记",     ("asked",),         "withdrawn", "applicant", "guarantees.apply",
            tone="dan", needs_reason=True, consequence="合同没有变更的才撤回；撤回后视为没有登记。"),
        Row("lapse",       "保函结束",     ("asked",),         "lapsed",    "system"),
    ),
)  # fmt: skip
FEE_RETURN = Lifecycle(
    "fee_return",
    "退费",
    states=(
        State("asked",        "待核定",   "warn",   "guarantor", "核定退费金额",     3),
        State("stated",       "待复核",   "warn",   "guarantor", "复核另定的退费金额", 2),
        State("paying",       "退款中",   "info",   "system",    "支付渠道退款"),
        State("transferring", "待转账",   "warn",   "guarantor", "转账退还保费",     3),
        State("failed",       "退款未成功", "danger", "guarantor", "再次退款",         2),
        State("done",         "已退费",   "ok",     final=True),
        State("none",         "不退费",   "mute",   final=True),
    ),
    rows=(
        Row("approve",   "按计算退费", ("asked",),  "paying", "guarantor", "billing.reconcile",
            tone="pri", consequence="按签发时的费率版本算出的金额原路退回申请人，不能撤回。"),
        Row("state",     "另定金额",   ("asked",),  "stated", "guarantor", "billing.reconcile",
            needs_reason=True, consequence="与计算不同的金额须由另一人复核，申请人会看到原因。"),
        Row("confirm",   "复核同意",   ("stated",), "paying", "guarantor", "billing.reconcile",
            tone="pri", consequence="按另定的金额原路退回申请人，不能撤回；金额为零的不退费。"),
        Row("send_back", "退回重定",   ("stated",), "asked",  "guarantor", "billing.reconcile", needs_reason=True),
        Row("retry",     "再次退款",   ("failed",), "paying", "guarantor", "billing.reconcile", tone="pri"),
        Row("give_back", "登记已转账", ("transferring",), "done", "guarantor", "billing.reconcile", tone="pri"),
        Row("wait_for_transfer", "待转账", ("paying",), "transferring", "system"),
        Row("pay",       "已退款",     ("paying",), "done",   "system"),
        Row("fail",      "退款未成功", ("paying",), "failed", "system"),
        Row("drop",      "不退费",     ("paying",), "none",   "system"),
    ),
)  # fmt: skip
GROUNDS = (
    ("accepted", _("工程已竣工验收")),
    ("terminated", _("合同已解除或终止")),
    ("not_awarded", _("未中标或招标终止")),
    ("replaced", _("已更换担保")),
    ("paid_back", _("预付款已全部扣回")),
)

ENDS = (("released", _("解除")), ("expired", _("到期")))


@dataclass(frozen=True)
class Tail:
    """How many calendar days after an end the line still waits for what is on its way, and why."""

    days: int
    source: str


TAILS = {
    "released": Tail(0, "受益人或主管部门解除担保即再无索赔，额度随即恢复"),
    "expired": Tail(10, "平台缺省参数：到期日内交出的索赔可能仍在途，留足十个自然日再恢复额度；保证人可以另定"),
}
