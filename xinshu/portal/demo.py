"""The demo city's announcements: what a platform of this kind tells the public."""

from datetime import datetime, timedelta

from xinshu.accounts.models import Member
from xinshu.portal.bulletins.actions import edit_bulletin, publish_bulletin, write_bulletin

HOURS = (
    # hours ago, category, pinned, shown for so many hours from now, title, text
    (9, "rule", False, None, "农民工工资保函归口调整为区县人社部门",
     "自下周一起，农民工工资支付保函由项目所在区县人力资源社会保障部门归口管理。\n\n"
     "- 已受理的业务按原渠道办结\n- 新申请在填写项目时选择人社部门"),
    (26, "service", False, 72, "投标保函周末出函值守安排",
     "本周末照常受理投标保函申请。\n\n| 时间 | 办理 |\n|---|---|\n"
     "| 周六 9:00—17:00 | 受理、审核、签发 |\n| 周日 9:00—17:00 | 受理、审核、签发 |"),
    (75, "warning", True, None, "关于冒用平台名义签发假保函的风险提示（第 6 期）",
     "近期发现有人伪造平台函件。收到保函请先查验：\n\n1. 扫函件上的二维码，核对网址\n"
     "2. 在[保函查验](/verify/)输入编号和六位验证码\n3. 上传收到的文件逐字节比对\n\n"
     "**结论不是“真实有效”的，不要接受。**"),
    (220, "rule", False, None, "履约保函示范文本启用新版", "新申请使用新版文本，已签发的保函不受影响。"),
    (370, "news", False, None, "云州市公共资源交易中心接入项目同步", "招标项目可以直接从交易中心同步，不用重复录入。"),
)  # fmt: skip


def create_demo_bulletins(at: datetime) -> None:
    """Publish them, oldest first; one waits for its time, one is still being written."""
    operator = Member.objects.acting().filter(user__username="operator").order_by("pk").first()
    if operator is None:
        return
    for hours, category, pinned, until, title, body in reversed(HOURS):
        then = at - timedelta(hours=hours)
        ends = at + timedelta(hours=until) if until else None
        made = write_bulletin(
            title=title, category=category, pinned=pinned, body=body, shown_until=ends, by=operator, at=then
        )
        made = publish_bulletin(made, by=operator, at=then + timedelta(minutes=5))
        if category == "warning":
            body = made.body.replace("近期发现", "近期又发现")
            edit_bulletin(made, body=body, by=operator, at=then + timedelta(hours=2))
    soon = at + timedelta(days=2)
    coming = write_bulletin(
        title="系统升级暂停服务通知",
        body="周二 22:00 至 24:00 升级，期间不能提交申请。",
        shown_from=soon,
        by=operator,
        at=at,
    )
    publish_bulletin(coming, by=operator, at=at)
    write_bulletin(title="关于启用新版农民工工资保函文本的通知", body="草拟中。", by=operator, at=at)
