"""What the entries of this context are called, in logs and timelines."""

from django.utils.translation import gettext_lazy as _

from xinshu.ledger.kinds import name_kinds, name_reactions

name_kinds(
    {
        "link.sent": _("发送办理链接"),
        "link.opened": _("凭验证码打开办理链接"),
        "link.vouched": _("核实链接收件人"),
        "link.revoked": _("撤销办理链接"),
        "link.renewed": _("换新办理链接"),
    }
)
name_reactions(
    {
        "xinshu.links.tasks.send_at_issue": _("给没有账号的受益人发办理链接"),
        "xinshu.links.tasks.tell_the_house": _("办理链接通知各方"),
        "xinshu.links.tasks.tell_the_holder": _("短信告知链接持有人新进展"),
    }
)
