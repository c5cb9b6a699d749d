"""What the entries of this context are called, in logs and timelines."""

from django.utils.translation import gettext_lazy as _

from xinshu.ledger.kinds import LOG_MONTHS, may_expire, name_kinds, name_reactions

name_kinds(
    {
        "account.opened": _("开通账号"),
        "account.signed_in": _("登录"),
        "account.sign_in_failed": _("登录失败"),
        "account.signed_out": _("退出登录"),
        "account.switched": _("切换机构"),
        "account.locked": _("锁定账号"),
        "account.unlocked": _("解锁账号"),
        "account.new_device": _("新设备登录"),
        "account.sessions_ended": _("远程下线"),
        "account.password_changed": _("修改密码"),
        "account.password_recovered": _("找回密码"),
        "account.password_ageing": _("密码将到期"),
        "account.second_factor_bound": _("绑定动态口令"),
        "account.second_factor_removed": _("解除动态口令"),
        "account.second_factor_reset": _("重置动态口令"),
        "account.recovery_code_used": _("使用恢复码"),
        "account.face_bound": _("开启人脸识别"),
        "account.face_removed": _("关闭人脸识别"),
        "account.face_refused": _("人脸识别没有通过"),
        "account.changed": _("修改用户资料"),
        "account.reviewed": _("复核权限"),
        "users.exported": _("导出用户清单"),
        "account.left": _("办理离职"),
        "member.left": _("离开机构"),
        "roles.proposed": _("申请角色变更"),
        "roles.approved": _("批准角色变更"),
        "roles.refused": _("不批准角色变更"),
        "roles.taken": _("角色随删除收回"),
        "roles.withdrawn": _("撤回角色变更"),
        "role_table.proposed": _("申请角色权限"),
        "role_table.approved": _("启用角色权限"),
        "role_table.refused": _("不批准角色权限"),
        "role_table.withdrawn": _("撤回角色权限"),
        "agreement.drafted": _("起草协议"),
        "agreement.edited": _("修改协议草稿"),
        "agreement.submitted": _("提交协议"),
        "agreement.published": _("发布协议"),
        "agreement.returned": _("退回协议"),
        "agreement.recalled": _("撤回协议草稿"),
        "agreement.discarded": _("作废协议草稿"),
        "consent.given": _("同意协议"),
        "consent.withdrawn": _("撤回同意"),
        "block.begun": _("应急停止"),
        "block.lifted": _("应急恢复"),
        "block.reported": _("下载处置报告"),
        "member.joined": _("加入机构"),
        "organisation.created": _("登记机构"),
        "organisation.code_given": _("补登信用代码"),
        "organisation.verified": _("机构标为已认证"),
        "organisation.unverified": _("机构改为未认证"),
        "registration.submitted": _("提交注册"),
        "registration.approved": _("通过注册"),
        "registration.refused": _("驳回注册"),
    }
)
name_reactions(
    {
        "xinshu.accounts.tasks.forget_old_sign_in_attempts": _("清理登录失败计数"),
        "xinshu.accounts.tasks.forget_old_codes": _("清理过期验证码"),
        "xinshu.accounts.tasks.forget_old_face_checks": _("清理过期的人脸核验"),
        "xinshu.accounts.tasks.tell_of_ageing_passwords": _("检查将到期的密码"),
    }
)
may_expire(
    LOG_MONTHS,
    "account.signed_in",
    "account.sign_in_failed",
    "account.signed_out",
    "account.switched",
    "account.new_device",
    "account.sessions_ended",
    "account.password_ageing",
)
