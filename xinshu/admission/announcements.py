"""Who hears of a questionnaire, in which words and by which channels."""

from django.urls import reverse
from django.utils.translation import gettext_lazy

from xinshu.admission.lifecycle import EDIT, FILLS
from xinshu.admission.models import Sheet
from xinshu.ledger.models import Entry
from xinshu.messaging.announcing import Announcement, declare
from xinshu.messaging.kinds import NORMAL

SENT = Announcement(
    "sheet.sent", "firm", FILLS, "warn", "WP", NORMAL, gettext_lazy("%(house)s请您填写问卷“%(name)s”%(due)s。"),
)  # fmt: skip
HANDED_IN = Announcement(
    "sheet.handed_in", "house", EDIT, "info", "WP", NORMAL, gettext_lazy("%(firm)s已提交问卷“%(name)s”。"),
)  # fmt: skip
SAMPLES = {
    "house": "云州融信融资担保有限公司",
    "firm": "云州恒达路桥工程有限公司",
    "name": "工程企业补充信息",
    "due": "，请在 2026-12-05 前提交",
}
declare(
    (SENT, HANDED_IN), SAMPLES, {"firm": gettext_lazy("填写问卷的企业"), "house": gettext_lazy("发送问卷的机构")},
    gettext_lazy("问卷"),
)  # fmt: skip


def tell(row: Announcement, sheet: Sheet, entry: Entry) -> int:
    """Tell the people of one side of a sheet; returns how many."""
    words = {
        "house": sheet.house.name, "firm": sheet.firm.name, "name": sheet.version_asked.questionnaire.name,
        "due": str(gettext_lazy("，请在 %(day)s 前提交") % {"day": sheet.due_on}) if sheet.due_on else "",
    }  # fmt: skip
    return row.send(
        sheet.firm if row is SENT else sheet.house, words, link=reverse("admission:sheet", args=[sheet.reference]),
        subject=sheet, key=f"{row.code}:{sheet.pk}", at=entry.at, sealed_until=None,
    )  # fmt: skip
