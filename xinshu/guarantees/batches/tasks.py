"""What follows from a batch: its rows are worked on, people are told, secrecy lasts until a later opening."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.clock import now
from xinshu.documents.models import File
from xinshu.guarantees.batches.actions import hand_over_batches
from xinshu.guarantees.batches.models import PARTIES, Batch
from xinshu.guarantees.batches.running import work_on
from xinshu.guarantees.kinds import SECRET
from xinshu.guarantees.types.reading import bring_up_to_date
from xinshu.ledger.models import Entry
from xinshu.ledger.reactions import Later, reacts_to
from xinshu.ledger.veils import veil
from xinshu.messaging.notices import notify, notify_members


@reacts_to("batch.confirmed", "batch.resumed", "batch.retried", together=False)
def issue_rows(entry: Entry) -> None:
    """Work on some rows, then let others have their turn; after a crash the next worker goes on where rows stand."""
    bring_up_to_date()
    if work_on(entry.subject_id):
        raise Later(now())


@reacts_to("batch.submitted", "batch.returned", "batch.finished")
def tell_of_batch(entry: Entry) -> None:
    """Tell the signers of what waits for them, and who prepared it of how it went."""
    batch = Batch.objects.select_related(*PARTIES).get(pk=entry.subject_id)
    told = {"name": batch.name, "rows": batch.row_count}
    link = reverse("guarantees:batch", args=[batch.reference])
    facts: dict[str, Any] = {"link": link, "subject": batch, "at": entry.at}
    key = f"{entry.kind}:{entry.pk}"
    if entry.kind == "batch.submitted":
        text = _("批量出函“%(name)s”共 %(rows)d 笔，待确认。") % told
        notify(batch.guarantor, text, permission="guarantees.issue", tone="warn", key=key, **facts)
    elif entry.kind == "batch.returned":
        text = _("批量出函“%(name)s”被退回：%(reason)s") % {**told, "reason": batch.reason}
        notify_members([batch.prepared_by], text, tone="warn", key=key, **facts)
    else:
        told |= {"done": entry.data["done"], "referred": entry.data["referred"], "failed": entry.data["failed"]}
        text = _("批量出函“%(name)s”已办完：已出函 %(done)d 笔，转人工 %(referred)d 笔，未办成 %(failed)d 笔。") % told
        people = [member for member in (batch.prepared_by, batch.confirmed_by) if member is not None]
        notify_members(people, text, tone="danger" if told["failed"] else "ok", key=key, **facts)


@reacts_to("project.amended")
def keep_batches_secret_longer(entry: Entry) -> None:
    """Draw a veil over the batches that hold bids for a project whose opening was put off, and over their files."""
    if "opens_at" not in entry.data["changes"]:
        return
    for batch in Batch.objects.filter(rows__project=entry.subject_id, rows__kind__in=SECRET).distinct():
        until = batch.secret_until
        assert until is not None
        veil(batch, until)
        for file in File.objects.filter(subject_type=batch._meta.label_lower, subject_id=batch.pk):
            File.objects.filter(pk=file.pk, sealed_until__lt=until).update(sealed_until=until)
            veil(file, until)


@reacts_to("member.left")
def hand_over_prepared(entry: Entry) -> None:
    """Give the batches of somebody who left to the colleague who takes over."""
    successor = Member.objects.acting().filter(pk=entry.data["successor"]).first()
    if successor is not None:
        hand_over_batches(entry.subject_id, successor, at=now())
