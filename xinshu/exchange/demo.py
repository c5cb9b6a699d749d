"""The demo city's supervision: building bureau and trading centre, a receiving sandbox each (config/exchange.py)."""

from datetime import datetime, timedelta

from xinshu.accounts.demo import DEPARTMENT, REGION
from xinshu.accounts.models import Member, Organisation
from xinshu.exchange.actions.supervision import add_row, approve_plan, draft_plan, remove_row, submit_plan

CENTRE = "云州市公共资源交易中心"
CENTRE_CODE = "12339900MBDEM0058H"  # invented, as all of the demo; config/exchange.py knows it
SINCE = timedelta(days=800)  # before the first guarantee of the demo


def create_demo_supervision(at: datetime) -> None:
    """Give the bureau everything and the trading centre bid guarantees."""
    bureau = Organisation.objects.get(name=DEPARTMENT)
    centre, _new = Organisation.objects.get_or_create(
        name=CENTRE,
        defaults={"kind": "department", "uscc": CENTRE_CODE, "region_code": REGION, "verified": True},
    )
    operator, second = (
        Member.objects.acting().filter(user__username=name).order_by("pk").first() for name in ("operator", "secadmin")
    )
    if operator is None or second is None:
        return
    then = at - SINCE
    plan = draft_plan(by=operator, at=then)
    for row in list(plan.rows.all()):
        plan = remove_row(plan, row.pk, by=operator, at=then)
    plan = add_row(plan, department=bureau, region_code=REGION, by=operator, at=then)
    plan = add_row(plan, department=centre, region_code=REGION, kinds=["bid"], by=operator, at=then)
    plan = submit_plan(
        plan, basis="云州市工程担保职责分工方案（演示）", valid_from=then + timedelta(hours=1), by=operator, at=then
    )
    approve_plan(plan, by=second, at=then + timedelta(minutes=30))
