"""How a registration and a user's account may change."""

from xinshu.core.lifecycle import Lifecycle, Row, State

REGISTRATION = Lifecycle(
    "registration",
    "注册申请",
    [
        State("submitted", "待审核", "info", waits_for="operator", awaited="平台运营核对机构与联系人", working_days=1),
        State("approved", "已开通", "ok", final=True),
        State("refused", "未通过", "danger", final=True),
    ],
    [
        Row(
            "approve", "批准开通", ("submitted",), "approved", "operator", "accounts.approve", tone="pri",
            consequence="批准后该用户立即可以登录，并以该机构的名义办理业务。",
        ),
        Row(
            "refuse", "退回注册申请", ("submitted",), "refused", "operator", "accounts.approve", tone="dan",
            needs_reason=True, consequence="申请人凭查询号可以看到退回原因，并可重新注册。",
        ),
    ],
)  # fmt: skip

USER = Lifecycle(
    "user",
    "账号",
    [
        State("active", "正常", "ok"),
        State("locked", "已锁定", "danger"),
    ],
    [
        Row(
            "lock", "锁定账号", ("active",), "locked", "administrator", "accounts.manage", tone="dan",
            needs_reason=True, consequence="该用户不能再登录；已登录的，下一次操作即退出。",
        ),
        Row(
            "unlock", "解除锁定", ("locked",), "active", "administrator", "accounts.manage", tone="pri",
            needs_reason=True, consequence="解除后该用户可以用原密码登录。",
        ),
    ],
)  # fmt: skip
