"""What the entries of this context are called, in logs and timelines."""

from django.utils.translation import gettext_lazy as _

from xinshu.ledger.kinds import LOG_MONTHS, may_expire, name_kinds, name_reactions

name_kinds(
    {
        "message.queued": _("发送消息"),
        "message.failed": _("消息发送失败"),
        "message.settled": _("消息按已发送处理"),
        "message.tested": _("测试发送"),
        "digest.opened": _("汇总消息"),
        "message_template.drafted": _("起草消息模板"),
        "message_template.edited": _("修改消息模板草稿"),
        "message_template.activated": _("启用消息模板"),
        "message_template.retired": _("停用消息模板"),
        "message_template.asked": _("查询模板审核状态"),
        "notice.read": _("阅读消息"),
        "notice.unread": _("消息标为未读"),
        "notice.removed": _("删除消息"),
        "notice.all_read": _("全部消息标为已读"),
        "notice.exported": _("导出消息"),
        "message.effects_exported": _("导出推送效果"),
        "preference.changed": _("修改消息设置"),
        "address.claimed": _("登记接收地址"),
        "address.confirmed": _("确认接收地址"),
        "address.removed": _("取消接收地址"),
    }
)
name_reactions(
    {
        "xinshu.messaging.tasks.send_queued": _("发送消息"),
        "xinshu.messaging.tasks.close_digest": _("汇总摘要"),
        "xinshu.messaging.tasks.ask_provider": _("向服务商报备模板"),
        "xinshu.messaging.tasks.tell_of_new_device": _("提醒新设备登录"),
        "xinshu.messaging.tasks.tell_of_ageing_password": _("提醒密码到期"),
    }
)
may_expire(LOG_MONTHS, "notice.read", "notice.unread", "notice.removed", "notice.all_read")
