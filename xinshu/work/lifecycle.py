"""How plans, approvals and delegations may change."""

from xinshu.core.lifecycle import Lifecycle, Row, State

PLAN = Lifecycle(
    "plan",
    "审批方案",
    states=(
        State("draft", "草稿", "warn", "designer", "由另一人启用"),
        State("active", "启用中", "ok"),
        State("retired", "已停用", "mute", final=True),
    ),
    rows=(
        #   action       button          from         to         whose act    permission
        Row("edit",     "保存方案",     ("draft",),  "draft",   "designer",  "work.design"),
        Row("activate", "启用方案",     ("draft",),  "active",  "activator", "work.activate", tone="pri",
            consequence="启用后新的申请按这一版审批；已在审批中的申请仍按原来的版本走完。"),
        Row("discard",  "放弃草稿",     ("draft",),  "retired", "designer",  "work.design", tone="dan",
            consequence="草稿作废，启用中的方案不受影响。"),
        Row("replace",  "被新版替换",   ("active",), "retired", "system"),
    ),
)  # fmt: skip

APPROVAL = Lifecycle(
    "approval",
    "审批",
    states=(
        State("open",      "审批中",   "info", "committee", "签署审批意见"),
        State("returned",  "已退回",   "warn", "applicant", "补正后重新提交"),
        State("passed",    "已通过",   "ok",     final=True),
        State("rejected",  "未通过",   "danger", final=True),
        State("withdrawn", "已撤回",   "mute",   final=True),
    ),
    rows=(
        #   action       button            from            to           whose act
        Row("sign",     "签署意见",       ("open",),      "open",      "committee"),
        Row("pass",     "签署并通过",     ("open",),      "passed",    "committee"),
        Row("reject",   "签署并否决",     ("open",),      "rejected",  "committee", tone="dan", needs_reason=True),
        Row("add",      "加签",           ("open",),      "open",      "committee"),
        Row("back",     "退回上一级",     ("open",),      "open",      "committee", needs_reason=True),
        Row("return",   "退回申请人",     ("open",),      "returned",  "committee", needs_reason=True),
        Row("stop",     "暂停计时",       ("open",),      "open",      "committee", needs_reason=True),
        Row("resume",   "恢复计时",       ("open",),      "open",      "committee"),
        Row("resubmit", "重新提交",       ("returned",),  "open",      "keeper"),
        Row("resubmit", "重新提交",       ("returned",),  "open",      "system"),
        Row("withdraw", "撤回",           ("open", "returned"), "withdrawn", "keeper"),
        Row("withdraw", "撤回",           ("open", "returned"), "withdrawn", "system"),
        Row("appoint",  "指定代签人",     ("open",),      "open",      "committee", "work.appoint"),
        Row("update",   "按新要素重排",   ("open",),      "open",      "system"),
        Row("escalate", "催办升级",       ("open",),      "open",      "system"),
    ),
)  # fmt: skip

DELEGATION = Lifecycle(
    "delegation",
    "委托",
    states=(State("given", "有效", "ok"), State("ended", "已终止", "mute", final=True)),
    rows=(
        Row("end", "终止委托", ("given",), "ended", "principal", tone="dan", consequence="终止后受托人即不能再代签。"),
    ),
)
