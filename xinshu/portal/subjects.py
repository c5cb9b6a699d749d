"""What 我的主体 tells of a subject beyond accounts: what waits there, delegations, systems that act in one's name."""

from datetime import datetime

from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.accounts.subjects import Line
from xinshu.core.clock import local_day
from xinshu.guarantees.models import Guarantee
from xinshu.integrations.models import ApiClient
from xinshu.portal.desks import waiting_count
from xinshu.work.models import Delegation


def lines_about(member: Member, at: datetime) -> list[Line]:
    """Return what is under way for `member` there, and who acts for whom."""
    lines = [Line(_("等我办理"), _("%(n)s 件") % {"n": waiting_count(member, at)})]
    if member.can("guarantees.view"):
        under_way = Guarantee.objects.visible_to(member, at).exclude(state__in=_OVER).count()
        lines.append(Line(_("在办保函"), _("%(n)s 笔") % {"n": under_way}))
    for one in (
        Delegation.objects.visible_to(member).on(local_day(at)).select_related("principal__user", "delegate__user")
    ):
        given = one.principal_id == member.pk
        words = _("委托%(name)s签批，至 %(day)s") if given else _("受%(name)s委托签批，至 %(day)s")
        name = (one.delegate if given else one.principal).user.name
        lines.append(Line(_("签批委托"), words % {"name": name, "day": one.ends_on.isoformat()}))
    for client in ApiClient.objects.filter(principal=member, state="active").order_by("name"):
        lines.append(Line(_("接口授权"), _("%(name)s以您的名义办理") % {"name": client.name}))
    return lines


_OVER = ("in_force", "released", "expired", "exhausted", "declined", "withdrawn")
