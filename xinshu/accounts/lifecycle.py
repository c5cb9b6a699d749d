"""How a registration, a user's account, a change of roles, a role table, a level table and an agreement may change."""

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
        State("left", "已离职", "mute", final=True),
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
        Row(
            "leave", "办理离职", ("active", "locked"), "left", "administrator", "accounts.manage", tone="dan",
            needs_reason=True, consequence="账号永久停用，在办业务交给接办人。不能撤销。",
        ),
        Row(
            "review", "复核权限", ("active",), "active", "administrator", "accounts.secure",
            needs_reason=True, consequence="确认该用户的机构与角色仍与岗位相符。结论记入系统日志。",
        ),
    ],
)  # fmt: skip


def _proposal(name: str, label: str, done: str, approve: str, consequence: str) -> Lifecycle:
    """Proposed by one administrator, decided by another: whoever proposed can only withdraw."""
    return Lifecycle(
        name,
        label,
        [
            State("proposed", "待批准", "info", waits_for="second", awaited="安全管理员批准", working_days=1),
            State("active", done, "ok"),
            State("refused", "未批准", "danger", final=True),
            State("withdrawn", "已撤回", "mute", final=True),
            State("superseded", "已被替代", "mute", final=True),
        ],
        [
            Row(
                "approve", approve, ("proposed",), "active", "second", "accounts.secure", tone="pri",
                consequence=consequence,
            ),
            Row(
                "refuse", "不批准", ("proposed",), "refused", "second", "accounts.secure", tone="dan",
                needs_reason=True,
            ),
            Row("withdraw", "撤回申请", ("proposed",), "withdrawn", "proposer"),
        ],
    )  # fmt: skip


ROLE_CHANGE = _proposal(
    "role_change", "角色变更", "已生效", "批准变更", "批准后立即生效；该用户的下一次操作按新角色办理。"
)
ROLE_TABLE = _proposal("role_table", "角色权限表", "使用中", "批准启用", "批准后该机构全部成员立即按新的权限办理。")
LEVEL_TABLE = _proposal(
    "level_table",
    "认证级别表",
    "使用中",
    "批准启用",
    "批准后立即生效；达不到新级别的人和机构，办理相应事项时先补认证。",
)

AGREEMENT = Lifecycle(
    "agreement",
    "协议版本",
    [
        State("draft", "起草中", "mute", waits_for="writer", awaited="写完后提交发布"),
        State("proposed", "待发布", "info", waits_for="second", awaited="安全管理员审阅并发布", working_days=3),
        State("published", "现行", "ok"),
        State("replaced", "已被替代", "mute", final=True),
        State("discarded", "已作废", "mute", final=True),
    ],
    [
        Row("edit", "修改草稿", ("draft",), "draft", "writer", "accounts.draft"),
        Row("submit", "提交发布", ("draft",), "proposed", "writer", "accounts.draft", tone="pri"),
        Row(
            "discard", "作废草稿", ("draft",), "discarded", "writer", "accounts.draft", tone="dan",
            consequence="草稿作废，版本号不再使用。现行版本不变。",
        ),
        Row("recall", "撤回修改", ("proposed",), "draft", "writer", "accounts.draft"),
        Row(
            "publish", "发布", ("proposed",), "published", "second", "accounts.publish", tone="pri",
            consequence="发布后立即生效，不能再改；原版本标为已被替代。要求重新同意的，用户在下次登录时先看到新版本。",
        ),
        Row(
            "return", "退回修改", ("proposed",), "draft", "second", "accounts.publish", tone="dan", needs_reason=True,
        ),
        Row("replace", "被新版本替代", ("published",), "replaced", "system"),
        Row("install", "安装时发布", ("draft",), "published", "system"),
    ],
)  # fmt: skip
