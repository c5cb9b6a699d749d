"""How a certification may change: machines clear it or refer it to an operator, who decides item by item."""

from xinshu.core.lifecycle import Lifecycle, Row, State

_APPROVED = "通过后企业即为已认证，资料中的名称、信用代码和法定代表人以营业执照为准。"
_REVOKED = "撤销后企业恢复为未认证，新的申请不再自动通过；在保的保函不受影响。"

CERTIFICATION = Lifecycle(
    "certification",
    "企业认证",
    states=(
        State("checking",  "自动核验中", "info", waits_for="system", awaited="与登记机关核对"),
        State("reviewing", "待人工审核", "warn", waits_for="operator", awaited="平台运营逐项核对", working_days=1),
        State("approved",  "已认证",     "ok"),
        State("returned",  "未通过",     "danger", final=True),
        State("withdrawn", "已撤回",     "mute",   final=True),
        State("revoked",   "已撤销",     "danger", final=True),
        State("replaced",  "已被替代",   "mute",   final=True),
    ),
    rows=(
        #   action      button        from                        to           whose act   permission
        Row("clear",    "自动通过",   ("checking",),              "approved",  "system"),
        Row("refer",    "转人工",     ("checking",),              "reviewing", "system"),
        Row("accept",   "这项通过",   ("reviewing",),             "reviewing", "operator", "certification.review"),
        Row("reject",   "这项退回",   ("reviewing",),             "reviewing", "operator", "certification.review",
            needs_reason=True),
        Row("approve",  "通过认证",   ("reviewing",),             "approved",  "operator", "certification.review",
            tone="pri", consequence=_APPROVED),
        Row("return",   "退回认证",   ("reviewing",),             "returned",  "operator", "certification.review",
            tone="dan", consequence="企业会看到退回的每一项和原因，修改后可以再次提交；通过的项不必重传。"),
        Row("withdraw", "撤回认证",   ("checking", "reviewing"),  "withdrawn", "firm",     "enterprises.edit",
            tone="dan", consequence="撤回后可以修改再提交，已上传的文件保留。"),
        Row("revoke",   "撤销认证",   ("approved",),              "revoked",   "operator", "certification.review",
            tone="dan", needs_reason=True, consequence=_REVOKED),
        Row("replace",  "被新的认证替代", ("approved",),          "replaced",  "system"),
    ),
)  # fmt: skip
