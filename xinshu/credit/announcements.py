"""Who is told what of credit, in which words: one table. Of a house's own lists nobody outside learns."""

# ruff: noqa: E501  (a table is read across)

from collections.abc import Mapping
from dataclasses import replace

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as _l

from xinshu.accounts.models import Organisation
from xinshu.credit.kinds import KINDS
from xinshu.credit.lifecycle import LIST, MANAGE, VIEW
from xinshu.credit.models import Appeal, Behaviour, ListEntry, Record
from xinshu.ledger.models import Entry
from xinshu.messaging.announcing import Announcement, declare
from xinshu.messaging.kinds import HIGH, NORMAL

SUBJECT, HOUSE, OPERATOR, OWNER = "subject", "house", "operator", "owner"
SIDES = {SUBJECT: _l("本企业"), HOUSE: _l("记录来源机构"), OPERATOR: _l("平台运营"), OWNER: _l("名单所属机构")}


def _speaks_against(entry: Entry) -> bool:
    """Tell the subject of what takes points; what gives some is found in the record."""
    kind = KINDS.get(entry.data["behaviour"])
    return kind is not None and not kind.good


ANNOUNCEMENTS = (
    #            after what                whom      who     tone     channels priority what they read
    Announcement("credit.recorded",        SUBJECT,  VIEW,   "info",  "",   NORMAL, _l("信用档案新增一条：%(what)s（%(day)s）。有异议的可以在信用档案上提出。"), when=_speaks_against),
    Announcement("credit.corrected",       SUBJECT,  VIEW,   "info",  "WP", NORMAL, _l("信用档案更正了一条：%(what)s。原因：%(reason)s")),
    Announcement("credit.corrected",       HOUSE,    VIEW,   "info",  "",   NORMAL, _l("%(firm)s的一条信用行为已更正：%(what)s。原因：%(reason)s")),
    Announcement("credit_appeal.raised",   OPERATOR, MANAGE, "warn",  "WP", HIGH,   _l("%(firm)s对信用档案提出异议：%(what)s，请在 %(day)s 前决定。")),
    Announcement("credit_appeal.upheld",   SUBJECT,  VIEW,   "ok",    "MWP", HIGH,  _l("您的异议成立，已更正：%(what)s。%(reason)s")),
    Announcement("credit_appeal.upheld",   HOUSE,    VIEW,   "warn",  "WP", NORMAL, _l("%(firm)s的异议成立，已更正：%(what)s。%(reason)s")),
    Announcement("credit_appeal.refused",  SUBJECT,  VIEW,   "danger", "MWP", HIGH, _l("您的异议不成立：%(what)s。理由：%(reason)s")),
    Announcement("credit_appeal.refused",  HOUSE,    VIEW,   "info",  "",   NORMAL, _l("%(firm)s的异议不成立：%(what)s。理由：%(reason)s")),
    Announcement("credit_list.proposed",   OWNER,    "",     "warn",  "WP", NORMAL, _l("%(firm)s待确认列入%(what)s：%(reason)s")),
    Announcement("credit_list.lift_asked", OWNER,    "",     "warn",  "WP", NORMAL, _l("%(firm)s待确认移出%(what)s：%(reason)s")),
    Announcement("credit_list.confirmed",  SUBJECT,  VIEW,   "warn",  "MWP", HIGH,  _l("您已被列入%(what)s，到 %(day)s 止：%(reason)s")),
    Announcement("credit_list.lifted",     SUBJECT,  VIEW,   "ok",    "MWP", HIGH,  _l("您已被移出%(what)s。")),
    Announcement("credit_list.ended",      SUBJECT,  VIEW,   "info",  "WP", NORMAL, _l("您在%(what)s上的期限已满，已移出。")),
)  # fmt: skip
SAMPLES = {
    "firm": "云州恒达路桥工程有限公司", "what": "违约代偿", "day": "2026-12-04", "reason": "判决书认定基础交易已履行",
}  # fmt: skip
KINDS_ANNOUNCED = tuple(dict.fromkeys(announcement.kind for announcement in ANNOUNCEMENTS))
declare(ANNOUNCEMENTS, SAMPLES, SIDES, _l("信用"))


def announce(entry: Entry) -> None:
    """Tell everybody whom the table names for this entry."""
    subject, sides, words = _case(entry)
    for row in ANNOUNCEMENTS:
        if row.kind == entry.kind and row.when(entry):
            houses, link = sides[row.side]
            for house, right in houses:
                told = replace(row, permission=row.permission or right)
                key = f"{row.code}:{entry.pk}"
                told.send(house, words, link=link, subject=subject, key=key, at=entry.at, sealed_until=None)


Houses = list[tuple[Organisation, str]]  # whom, and with which right where the table says none
Sides = Mapping[str, tuple[Houses, str]]  # by side: whom, and the page that they may look at


def _case(entry: Entry) -> tuple[models.Model, Sides, dict[str, str]]:
    """Return what an entry is about, who stands on which side with the page for them, and its words."""
    reason = str(entry.data.get("reason") or entry.data.get("note") or "")
    if entry.kind.startswith("credit_list."):
        listed = ListEntry.objects.select_related("organisation", "owner").get(pk=entry.subject_id)
        owners = [(listed.owner, LIST)] if listed.owner else operators()
        page = reverse("credit:list_entry", args=[listed.reference])
        sides: Sides = {OWNER: (owners, page), SUBJECT: ([] if listed.owner else [(listed.organisation, "")], page)}
        words = {
            "firm": listed.organisation.name, "what": listed.get_colour_display(), "reason": reason,
            "day": listed.valid_until.isoformat(),
        }  # fmt: skip
        return listed, sides, words
    if entry.kind.startswith("credit_appeal."):
        appeal = Appeal.objects.select_related(
            "record__organisation", "behaviour__house", "outcome__corrects__house"
        ).get(pk=entry.subject_id)
        row = appeal.behaviour or (appeal.outcome.corrects if appeal.outcome else None)
        words = {
            "firm": appeal.record.organisation.name, "what": row.label if row else _("信用分"),
            "reason": reason, "day": appeal.due_on.isoformat(),
        }  # fmt: skip
        page = reverse("credit:appeal", args=[appeal.reference])
        sides = {
            SUBJECT: ([(appeal.record.organisation, "")], page), OPERATOR: (operators(), page),
            HOUSE: _house(row, appeal.record),
        }  # fmt: skip
        return appeal, sides, words
    behaviour = Behaviour.objects.select_related("record__organisation", "house", "corrects").get(pk=entry.subject_id)
    record, was = behaviour.record, behaviour.corrects
    what = behaviour.label
    if was is not None:
        what = _("%(was)s → %(now)s") % {"was": was.label, "now": what or _("撤销")}
    words = {
        "firm": record.organisation.name, "what": what, "reason": reason,
        "day": behaviour.happened_on.isoformat(),
    }  # fmt: skip
    sides = {SUBJECT: ([(record.organisation, "")], _page(record)), HOUSE: _house(behaviour, record)}
    return behaviour, sides, words


def _house(behaviour: Behaviour | None, record: Record) -> tuple[Houses, str]:
    """Return in whose business it happened, with the record: the appeal is the subject's. It is not told twice."""
    house = behaviour.house if behaviour is not None else None
    return ([] if house is None or house == record.organisation else [(house, "")]), _page(record)


def _page(record: Record) -> str:
    return reverse("credit:record", args=[record.reference])


def operators() -> list[tuple[Organisation, str]]:
    """Return the platform's own organisations, and the right of who keeps the libraries there."""
    found = Organisation.objects.filter(kind=Organisation.Kind.OPERATOR, active=True)
    return [(house, MANAGE) for house in found]
