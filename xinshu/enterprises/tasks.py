"""What follows: customers of who left are handed over, both are told, names become findable, old parts reminded of."""

from collections import defaultdict
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import now
from xinshu.enterprises.ageing import rhythm_of, to_remind
from xinshu.enterprises.fields import FIELDS, NAMING, PARTS
from xinshu.enterprises.importing.actions import take_in
from xinshu.enterprises.managers import pass_on
from xinshu.enterprises.models import Enterprise, ImportRow, RecordImport, Relation, Reminder
from xinshu.enterprises.naming.keeping import keep_names, nameless
from xinshu.enterprises.papers import take_paper
from xinshu.enterprises.search.index import index
from xinshu.ledger.models import Entry
from xinshu.ledger.reactions import Later, every_night, reacts_to
from xinshu.messaging.notices import notify_members

NAMED = 5  # customers named in one reminder; the list behind it has them all
AT_ONCE = 500


@reacts_to("member.left")
@transaction.atomic
def hand_over_customers(entry: Entry) -> None:
    """Give the customers of an account manager who left to the colleague who takes over."""
    successor = Member.objects.acting().filter(pk=entry.data["successor"]).first()
    if successor is None:
        return
    at = now()
    mine = Relation.objects.select_for_update(of=("self",)).filter(manager=entry.subject_id)
    for relation in mine.select_related("enterprise").order_by("pk"):
        pass_on(relation, successor, _("原客户经理离职"), SYSTEM, at)


@reacts_to("enterprise.customer_handed_over")
def tell_of_hand_over(entry: Entry) -> None:
    """Tell who had the customer and who has it now."""
    enterprise = Enterprise.objects.select_related("organisation").get(pk=entry.subject_id)
    people = {
        member.pk: member
        for member in Member.objects.filter(pk__in=[entry.data["former"], entry.data["manager"]]).select_related("user")
    }
    former, manager = people[entry.data["former"]], people[entry.data["manager"]]
    told = {"name": enterprise.organisation.name, "former": former.user.name, "manager": manager.user.name,
            "reason": entry.data.get("reason", "")}  # fmt: skip
    facts: dict[str, Any] = {
        "link": reverse("enterprises:detail", args=[enterprise.reference]),
        "subject": enterprise,
        "at": entry.at,
    }
    key = f"{entry.kind}:{entry.pk}"
    acting = set(Member.objects.acting().filter(pk__in=people).values_list("pk", flat=True))
    if manager.pk in acting:
        text = _("客户 %(name)s 由 %(former)s 移交给您：%(reason)s")
        notify_members([manager], text % told, tone="warn", key=f"{key}:to", **facts)
    if former.pk in acting:
        text = _("客户 %(name)s 已移交给 %(manager)s：%(reason)s")
        notify_members([former], text % told, tone="info", key=f"{key}:from", **facts)


@reacts_to("enterprise.contradicted")
def tell_of_contradiction(entry: Entry) -> None:
    """Tell the account managers of values that contradict the record and wait for somebody to decide."""
    enterprise = Enterprise.objects.select_related("organisation").get(pk=entry.subject_id)
    labels = "、".join(FIELDS[code].label for code in entry.data["fields"] if code in FIELDS)
    managers = Member.objects.acting().filter(customers__enterprise=enterprise).distinct()
    text = _("%(name)s的资料有不一致待决定：%(fields)s") % {"name": enterprise.organisation.name, "fields": labels}
    link = f"{reverse('enterprises:detail', args=[enterprise.reference])}#conflicts"
    notify_members(
        managers, text, link=link, tone="warn", subject=enterprise, key=f"{entry.kind}:{entry.pk}", at=entry.at
    )


@reacts_to("reading.confirmed")
def take_confirmed_paper(entry: Entry) -> None:
    """Take what a person confirmed of a paper into the record of the enterprise whose it is."""
    take_paper(entry)


@reacts_to("enterprise.fields_entered", "enterprise.customer_taken")
def make_findable(entry: Entry) -> None:
    """Index an enterprise whose name or code is new, or that has become somebody's customer."""
    if entry.kind == "enterprise.fields_entered" and NAMING.isdisjoint(entry.data["fields"]):
        return
    index(Enterprise.objects.filter(pk=entry.subject_id).select_related("organisation"))
    keep_names(Organisation.objects.filter(enterprise=entry.subject_id))


@reacts_to("organisation.created")
def keep_name(entry: Entry) -> None:
    """Keep the name of a new organisation under the keys by which notices are matched."""
    keep_names(Organisation.objects.filter(pk=entry.subject_id))


@reacts_to("import.started", together=False)
def take_in_rows(entry: Entry) -> None:
    """Take in some rows, then let others have their turn; after a crash the next worker goes on where rows stand."""
    if take_in(entry.subject_id, at=now()):
        raise Later(now())


@reacts_to("import.finished")
def tell_of_import(entry: Entry) -> None:
    """Tell who started an import how it went."""
    one = RecordImport.objects.select_related("prepared_by").get(pk=entry.subject_id)
    rows = ImportRow.objects.filter(batch=one)
    told = {
        "name": one.name[:60], "done": rows.filter(state="done").count(),
        "failed": rows.filter(state="failed").count(), "aside": rows.filter(aside__gt=0).count(),
    }  # fmt: skip
    text = _("资料导入“%(name)s”已完成：%(done)d 家已写入，%(failed)d 家没有写入，%(aside)d 家有不一致待决定。")
    notify_members(
        [one.prepared_by], text % told, link=reverse("enterprises:import", args=[one.reference]),
        tone="danger" if told["failed"] else "ok", subject=one, key=f"{entry.kind}:{entry.pk}", at=entry.at,
    )  # fmt: skip


@every_night
def index_what_is_missing(on: date, at: datetime) -> None:
    """Index customers that came before there was an index, some at a time."""
    missing = Enterprise.objects.filter(search_text=None, relations__isnull=False).select_related("organisation")
    while batch := list(missing.order_by("pk").distinct()[:AT_ONCE]):
        with transaction.atomic():
            index(batch)


@every_night
def keep_names_that_are_missing(on: date, at: datetime) -> None:
    """Keep the names of organisations that came before names were kept, or past the ledger, some at a time."""
    last = 0
    while batch := list(nameless().filter(pk__gt=last).order_by("pk")[:AT_ONCE]):
        keep_names(batch)
        last = batch[-1].pk


@every_night
def remind_of_old_parts(on: date, at: datetime) -> None:
    """Remind each manager of the parts of customers' records that have grown old: once per period, never twice.

    Reminders of one institution and the notices about them are one transaction; a round that is cut off goes on with
    the next institution.
    """
    houses = Organisation.objects.filter(pk__in=Relation.objects.values("guarantor")).order_by("pk")
    for house in houses:
        rhythm = rhythm_of(house)
        with transaction.atomic():
            due = [reminder for part, days in rhythm.items() for reminder in to_remind(part, house, days, on)]
            for reminder in due:
                reminder.at = at
            Reminder.objects.bulk_create(due, batch_size=AT_ONCE)
            _tell(due, on, at)


def _tell(due: list[Reminder], on: date, at: datetime) -> None:
    """Tell every manager of all of theirs in one notice."""
    parts: defaultdict[int, list[str]] = defaultdict(list)
    for reminder in due:
        parts[reminder.relation_id].append(PARTS[reminder.part].label)
    mine: defaultdict[Member, list[Relation]] = defaultdict(list)
    relations = Relation.objects.filter(pk__in=parts).select_related("manager__user", "enterprise__organisation")
    for relation in relations.order_by("pk"):
        mine[relation.manager].append(relation)
    for manager, customers in mine.items():
        named = "；".join(
            f"{relation.enterprise.organisation.name}（{'、'.join(parts[relation.pk])}）"
            for relation in customers[:NAMED]
        )
        text = _("%(n)d 家客户的资料到了更新的时间：%(named)s%(more)s") % {
            "n": len(customers), "named": named, "more": _(" 等") if len(customers) > NAMED else "",
        }  # fmt: skip
        notify_members(
            [manager], text, link=f"{reverse('enterprises:list')}?view=due", tone="warn",
            key=f"enterprise.parts_due:{manager.pk}:{on}", at=at,
        )  # fmt: skip
