"""What the entries of this context are called, in logs and timelines."""

from django.utils.translation import gettext_lazy as _

from xinshu.ledger.kinds import PERSONAL_MONTHS, may_expire, name_kinds, name_reactions

name_kinds(
    {
        "api_client.proposed": _("登记接口客户端"),
        "api_client.amended": _("修改接口授权"),
        "api_client.limited": _("修改接口限制"),
        "api_client.confirmed": _("确认接口授权"),
        "api_client.paused": _("停用接口客户端"),
        "api_client.resumed": _("恢复接口客户端"),
        "api_client.closed": _("注销接口客户端"),
        "api_key.issued": _("签发接口密钥"),
        "api_key.revoked": _("作废接口密钥"),
        "api_calls.exported": _("导出调用日志"),
        "exchanges.read": _("查阅数据交换"),
        "exchange.read": _("查看一次数据交换"),
        "exchanges.exported": _("导出数据交换"),
        "subscription.opened": _("订阅事件"),
        "subscription.paused": _("暂停事件推送"),
        "subscription.resumed": _("恢复事件推送"),
        "subscription.closed": _("取消事件订阅"),
        "event.due": _("待推送事件"),
    }
)
may_expire(PERSONAL_MONTHS, "exchanges.read", "exchange.read", "exchanges.exported")
name_reactions(
    {
        "xinshu.integrations.tasks.send_event": _("推送事件"),
        "xinshu.integrations.tasks.send_held": _("补推暂存事件"),
        "xinshu.integrations.tasks.ask_principal": _("请成员确认接口授权"),
        "xinshu.integrations.events.fan_out": _("分发事件"),
        "xinshu.integrations.tasks.sweep": _("清理接口过期数据"),
    }
)
