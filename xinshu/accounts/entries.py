"""What the entries of this context are called, in logs and timelines."""

from django.utils.translation import gettext_lazy as _

from xinshu.ledger.kinds import name_kinds

name_kinds(
    {
        "account.opened": _("开通账号"),
        "account.signed_in": _("登录"),
        "account.sign_in_failed": _("登录失败"),
        "account.signed_out": _("退出登录"),
        "account.switched": _("切换机构"),
        "account.locked": _("锁定账号"),
        "account.unlocked": _("解锁账号"),
        "member.joined": _("加入机构"),
        "organisation.created": _("登记机构"),
        "organisation.code_given": _("补登信用代码"),
        "registration.submitted": _("提交注册"),
        "registration.approved": _("通过注册"),
        "registration.refused": _("驳回注册"),
    }
)
