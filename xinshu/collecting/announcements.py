"""Who hears of an alarm: those of the operator who run the sources."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as lazy

from xinshu.collecting.lifecycle import MANAGE
from xinshu.collecting.models import Alarm
from xinshu.ledger.models import Entry
from xinshu.messaging.announcing import Announcement, declare
from xinshu.messaging.kinds import NORMAL

ALARMED = Announcement(
    "collecting.alarmed", "operator", MANAGE, "danger", "WP", NORMAL,
    lazy("采集来源“%(name)s”告警：%(what)s。已采集的公告不受影响，请查看留存的页面。"),
)  # fmt: skip
SAMPLES = {"name": "云州公共资源交易网", "what": "列表读不到公告，页面可能改版"}
declare((ALARMED,), SAMPLES, {"operator": lazy("平台运营")}, lazy("采集告警"))


def announce(entry: Entry) -> None:
    """Tell of an alarm, once."""
    alarm = Alarm.objects.select_related("source__owner").get(pk=entry.subject_id)
    words = {"name": alarm.source.name, "what": str(alarm.get_kind_display())}
    ALARMED.send(
        alarm.source.owner, words, link=reverse("collecting:source", args=[alarm.source.reference]), subject=alarm,
        key=f"{ALARMED.code}:{alarm.pk}", at=entry.at, sealed_until=None,
    )  # fmt: skip
