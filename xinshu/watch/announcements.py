"""Who hears of cases and alerts, in which words and by which channels; what each person wishes stands in preferences."""

# ruff: noqa: E501  (a table is read across)

from datetime import datetime

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.models import Member
from xinshu.ledger.models import Entry
from xinshu.messaging.announcing import Announcement, declare
from xinshu.messaging.kinds import HIGH, NORMAL
from xinshu.messaging.notices import notify_members
from xinshu.watch.committee import link_to
from xinshu.watch.lifecycle import APPROVE, HANDLE, VIEW
from xinshu.watch.models import Alert, WatchCase
from xinshu.watch.patterns import GRADES, NOTE

CASES = (
    #            after what               whom     who     tone      channels priority what they read
    Announcement("watch_case.opened",      "officer", HANDLE,  "warn",   "SMWP", HIGH,     lazy("风险案件：%(firm)s，%(pattern)s（%(grade)s），请在 %(day)s 前处置。")),
    Announcement("watch_case.frozen",      "officer", VIEW,    "danger", "MWP",  HIGH,     lazy("%(firm)s的业务已冻结：%(pattern)s。解冻前不受理、不签发。")),
    Announcement("watch_case.thaw_proposed", "approver", APPROVE, "warn", "SMWP", HIGH,    lazy("%(firm)s申请解冻，请复核：%(reason)s")),
    Announcement("watch_case.thaw_refused", "officer", HANDLE, "danger", "WP",   NORMAL,   lazy("%(firm)s的解冻没有同意：%(reason)s")),
    Announcement("watch_case.thawed",      "officer", VIEW,    "ok",     "MWP",  HIGH,     lazy("%(firm)s的业务已解冻，可以照常办理。")),
)  # fmt: skip
OFFICER = Announcement(
    "watch_alert.raised",
    "officer",
    HANDLE,
    "danger",
    "SMWP",
    HIGH,
    lazy("%(firm)s：%(title)s（%(kind)s，%(grade)s），请确认。"),
)
MANAGER = Announcement(
    "watch_alert.raised",
    "manager",
    VIEW,
    "danger",
    "SMWP",
    HIGH,
    lazy("您的客户%(firm)s：%(title)s（%(kind)s，%(grade)s）。"),
)
SAMPLES = {
    "firm": "云州恒达路桥工程有限公司", "pattern": "同一设备投标", "grade": "严重", "day": "2026-11-25",
    "reason": "已核实为同一园区的公共网络。", "title": "被列为失信被执行人", "kind": "信用处罚",
}  # fmt: skip
declare(
    (*CASES, OFFICER, MANAGER), SAMPLES,
    {"officer": lazy("风险岗"), "approver": lazy("复核人"), "manager": lazy("客户经理")}, lazy("风险监测"),
)  # fmt: skip
TOLD_OF_CASES = tuple(dict.fromkeys(row.kind for row in CASES))


def tell_of_case(entry: Entry, case: WatchCase) -> None:
    """Tell the house's people whom the table names. A sealed case has no entry to be told of."""
    words = {
        "firm": case.firm.name, "pattern": str(case.of.label), "grade": str(GRADES[case.grade]),
        "day": f"{case.due_on:%Y-%m-%d}" if case.due_on else "", "reason": str(entry.data.get("reason", "")),
    }  # fmt: skip
    for row in CASES:
        if row.kind == entry.kind:
            row.send(
                case.house, words, link=link_to(case), subject=case, key=f"{row.code}:{entry.pk}", at=entry.at,
                sealed_until=None,
            )  # fmt: skip


def tell_of_alert(entry: Entry, alert: Alert) -> None:
    """Tell the risk officers and the customer's manager; what is only worth a look goes to the page alone."""
    words = {
        "firm": alert.firm.name, "title": alert.event.title[:80], "kind": alert.event.kind_label,
        "grade": str(GRADES[alert.grade]),
    }  # fmt: skip
    people = [one for one in Member.objects.acting().filter(organisation=alert.house) if one.can(VIEW)]
    keepers = [one for one in people if one.pk == alert.manager_id]
    for row, who in ((MANAGER, keepers), (OFFICER, [one for one in people if one.can(HANDLE) and one not in keepers])):
        quiet = alert.grade == NOTE
        notify_members(
            who, str(row.text) % words, link=reverse("watch:alert", args=[alert.reference]),
            tone="info" if quiet else row.tone, subject=alert, key=f"watch_alert:{alert.pk}", at=entry.at,
            kind="" if quiet else row.code, values=words,
        )  # fmt: skip


def remind_of_case(case: WatchCase, at: datetime, *, over: bool) -> None:
    """Tell who is responsible that the last day is there, or past."""
    assert case.due_on is not None
    people = [one for one in Member.objects.acting().filter(organisation=case.house) if one.can(HANDLE)]
    mine = [one for one in people if one.pk == case.responsible_id] or people
    text = (
        _("风险案件已超时限 %(day)s：%(firm)s，%(pattern)s。")
        if over
        else _("风险案件今天到期：%(firm)s，%(pattern)s。")
    )
    words = {"firm": case.firm.name, "pattern": str(case.of.label), "day": case.due_on.isoformat()}
    notify_members(
        people if over else mine, text % words, link=link_to(case), tone="danger" if over else "warn", subject=case,
        key=f"watch_case.limit:{case.pk}:{case.state}:{case.due_on}:{over}", at=at,
    )  # fmt: skip
