"""Award notices of the demo city, all invented: what its managers find under 中标动态, and what came of some."""

from datetime import datetime, timedelta

from xinshu.accounts import demo as people
from xinshu.accounts.models import Member, Organisation
from xinshu.core.clock import local_day
from xinshu.guarantees.actions.application import submit_application
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.origins.actions import apply_from_award
from xinshu.tenders.actions.intake import Delivery, take_in
from xinshu.tenders.actions.opportunities import find_opportunities, open_opportunity, set_aside
from xinshu.tenders.models import Opportunity

HOURS = (
    # hours ago, what becomes of it, title, number, buyer, text of the award
    (150, "submitted", "云州港后方堆场道路工程中标结果公告", "YZGC-2026-1107", "云州港务发展有限公司",
     "中标人：云州华川建筑工程有限公司\n中标价：人民币贰仟陆佰捌拾万元整（¥26,800,000.00）\n工期：240日历天"),
    (98, "aside", "望山森林公园步道养护中标公告", "YZGC-2026-1112", "云州市林业事务中心",
     "中标人：云州青禾园林景观有限公司\n中标价：186.4万元\n服务期：365日历天\n本项目不收取履约保证金。"),
    (46, "begun", "经开区管廊二期机电安装中标结果公告", "YZGC-2026-1117", "云州经济技术开发区管理委员会",
     "中标人：云州远拓机电安装有限公司\n中标价：3,126.50万元\n工期：300日历天\n"
     "中标人应在收到中标通知书后10个工作日内提交履约保证金，金额为中标价的8%，可以保函形式提交。"),
    (20, "", "江北片区雨污分流改造中标结果公告", "YZGC-2026-1119", "江北区水务局",
     "标段\t中标人\t中标价（万元）\t工期\n"
     "一标段\t云州市政建设集团有限公司\t4,860.00\t270日历天\n二标段\t江北宏远市政建设有限公司\t3,975.20\t240日历天\n"
     "履约保证金为中标价的10%，须在签订合同前提交。"),
    (3, "", "临港冷链物流园一期总承包中标公告", "YZGC-2026-1121", "云州临港新区建设管理中心",
     "中标人：云州恒达路桥工程有限公司（牵头人）、云州数联信息技术有限公司（成员）\n"
     "中标价：人民币伍仟贰佰壹拾捌万元整（¥52,180,000.00）\n工期：360日历天\n"
     "中标人应在收到中标通知书后15日内提交履约保函，金额不超过中标价的10%。"),
    (1, "", "第二中学实验楼中标候选人公示", "YZGC-2026-1122", "云州市教育基建服务中心",
     "第一中标候选人：云州华川建筑工程有限公司\n第二中标候选人：云州市政建设集团有限公司\n公示期：3日"),
)  # fmt: skip


def create_demo_awards(at: datetime) -> None:
    """Take them in, oldest first, as the demo's manager brings them; some are taken further."""
    manager = Member.objects.acting().filter(user__username="manager", organisation__name=people.GUARANTOR).first()
    if manager is None:
        return
    for hours, outcome, title, number, buyer, award in HOURS:
        then = at - timedelta(hours=hours)
        body = (
            f"{title}\n项目名称：{title[: title.index('中标')]}\n项目编号：{number}\n招标人：{buyer}\n"
            f"招标代理机构：云州诚信招标代理有限公司\n{award}\n公告日期：{local_day(then):%Y年%m月%d日}\n"
        )
        made = take_in(
            Delivery(title=title, body=body, published_at=then, region_code=people.REGION), by=manager, at=then,
            entered_by=manager.organisation,
        )  # fmt: skip
        for one in find_opportunities(made, at=then):
            if one.house_id == manager.organisation_id and outcome:
                _take_further(one, outcome, manager, then + timedelta(hours=1))


def _take_further(opportunity: Opportunity, outcome: str, manager: Member, at: datetime) -> None:
    open_opportunity(opportunity, by=manager, at=at)
    if outcome == "aside":
        set_aside(opportunity, reason="公告写明不收取履约保证金。", by=manager, at=at)
        return
    house = Organisation.objects.get(pk=opportunity.house_id)
    draft = apply_from_award(opportunity, kind="performance", guarantor=house, by=manager, at=at)
    if outcome == "submitted":
        submit_application(Guarantee.objects.get(pk=draft.pk), by=manager, at=at + timedelta(minutes=20))
