"""How a demand, an injunction and a recourse case may change, row by row.

The sides of a demand: beneficiary who demands, guarantor who examines and pays, applicant who is told and may speak.
The days by which something is due are not in the table: they follow the nature of the promise (clocks.py).
"""

from xinshu.core.lifecycle import Lifecycle, Row, State

OPEN = ("incomplete", "examining", "deciding", "suspended", "complying")  # may still be withdrawn
UNDECIDED = ("examining", "deciding")

DEMAND = Lifecycle(
    "demand",
    "索赔",
    states=(
        #     code          word            tone      waits for      for what
        State("incomplete", "待补齐",       "warn",   "beneficiary", "补齐单据"),
        State("examining",  "审核中",       "info",   "guarantor",   "审核单据并提出意见"),
        State("deciding",   "待复核",       "info",   "guarantor",   "复核并决定"),
        State("suspended",  "展期协商中",   "law",    "guarantor",   "答复是否展期"),
        State("complying",  "待付款",       "warn",   "guarantor",   "付款"),
        State("paying",     "付款中",       "info",   "system",      "等付款渠道的结果"),
        State("paid",       "已付款",       "ok",     final=True),
        State("refused",    "已拒付",       "danger", final=True),
        State("withdrawn",  "已撤回",       "mute",   final=True),
        State("extended",   "已展期",       "mute",   final=True),
        State("overtime",   "逾期未补齐",   "mute",   final=True),
    ),
    rows=(
        #   action              button            from              to            whose act      permission
        Row("attach",           "上传单据",       ("incomplete",),  "incomplete", "beneficiary", "claims.present"),
        Row("complete",         "补齐，开始审核", ("incomplete",),  "examining",  "beneficiary", "claims.present",
            tone="pri", consequence="补齐后保证人开始审核，不能再补充单据。"),
        Row("withdraw",         "撤回索赔",       OPEN,             "withdrawn",  "beneficiary", "claims.present",
            tone="dan", needs_reason=True, consequence="撤回后这次索赔结束；保函仍在保的，可以再次索赔。"),
        *(Row("comment",        "表达意见",       (state,),         state,        "applicant",   "claims.respond")
          for state in ("examining", "deciding", "suspended", "complying")),
        Row("mark",             "保存审核记录",   ("examining",),   "examining",  "guarantor",   "claims.examine"),
        Row("propose_refusal",  "提出拒付",       ("examining",),   "deciding",   "guarantor",   "claims.examine",
            tone="dan", consequence="复核人同意后发出唯一的一份拒付通知，列出您标记的全部不符点；以后不能再补充。"),
        Row("propose_payment",  "提出付款",       ("examining",),   "deciding",   "guarantor",   "claims.examine",
            tone="pri", consequence="由另一人复核，同意后即认定索赔相符，由财务付款。"),
        Row("object",           "不同意，退回",   ("deciding",),    "examining",  "guarantor",   "claims.decide",
            needs_reason=True, consequence="退回审核人重新审核。审核时限不顺延。"),
        Row("refuse",           "同意拒付",       ("deciding",),    "refused",    "guarantor",   "claims.decide",
            tone="dan", consequence="向受益人发出拒付通知，列明全部不符点。通知只有一份，不能修改，也不能再补充。"),
        Row("agree",            "同意付款",       ("deciding",),    "complying",  "guarantor",   "claims.decide",
            tone="pri", consequence="认定索赔相符，付款不能反悔。"),
        Row("preclude",         "视为相符",       UNDECIDED,        "complying",  "system"),
        Row("suspend",          "暂停付款，协商展期", ("complying",), "suspended", "guarantor",  "claims.decide",
            consequence="暂停付款，最长到收到索赔次日起第 30 天；受益人和申请人都会收到通知。"),
        Row("decline_extension", "不展期，付款",  ("suspended",),   "complying",  "guarantor",   "claims.decide",
            needs_reason=True, consequence="不展期的，不用受益人再次提交，直接付款。"),
        Row("grant_extension",  "同意展期",       ("suspended",),   "extended",   "guarantor",   "claims.decide",
            tone="pri", needs_reason=True, consequence="保函到期日按受益人的要求延后，这次索赔视为撤回。"),
        Row("resume",           "协商期满",       ("suspended",),   "complying",  "system"),
        Row("pay",              "付款",           ("complying",),   "paying",     "guarantor",   "claims.pay",
            tone="pri", consequence="向受益人的收款账户付款，发出后不能撤回。"),
        Row("confirm_payout",   "付款到账",       ("paying",),      "paid",       "system"),
        Row("fail_payout",      "付款未成功",     ("paying",),      "complying",  "system"),
        Row("overtime",         "逾期未补齐",     ("incomplete",),  "overtime",   "system"),
    ),
)  # fmt: skip

INJUNCTION = Lifecycle(
    "injunction",
    "止付",
    states=(
        State("standing", "止付中", "law"),
        State("lifted",   "已解除", "mute", final=True),
        State("lapsed",   "已失效", "mute", final=True),
    ),
    rows=(
        Row("prolong",   "续期",         ("standing",), "standing", "guarantor", "claims.examine"),
        Row("note_suit", "登记已起诉",   ("standing",), "standing", "guarantor", "claims.examine"),
        Row("lift",      "解除止付",     ("standing",), "lifted",   "guarantor", "claims.examine",
            tone="dan", needs_reason=True, consequence="解除后可以付款。请写明依据的裁定文号。"),
        Row("lapse",     "止付失效",     ("standing",), "lapsed",   "system"),
    ),
)  # fmt: skip

RECOURSE = Lifecycle(
    "recourse",
    "追偿",
    states=(
        State("open",        "追偿中", "warn", "guarantor", "追偿"),
        State("settled",     "已结清", "ok",   final=True),
        State("written_off", "已核销", "mute", "guarantor", "核销后继续催收"),
    ),
    rows=(
        Row("agree_rate",  "约定利率",   ("open",),        "open",        "guarantor", "claims.recover"),
        Row("enter_cost",  "登记费用",   ("open",),        "open",        "guarantor", "claims.recover"),
        Row("enter_cost",  "登记费用",   ("written_off",), "written_off", "guarantor", "claims.recover"),
        Row("recover",     "登记收回",   ("open",),        "open",        "guarantor", "claims.recover", tone="pri"),
        Row("recover",     "登记收回",   ("written_off",), "written_off", "guarantor", "claims.recover", tone="pri"),
        Row("settle",      "结清",       ("open", "written_off"), "settled", "system"),
        Row("write_off",   "核销",       ("open",),        "written_off", "guarantor", "claims.decide",
            tone="dan", needs_reason=True, consequence="账面核销未收回的本金。债权还在，以后收回的仍可登记。"),
    ),
)  # fmt: skip
