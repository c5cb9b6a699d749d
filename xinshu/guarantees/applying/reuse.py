"""历史资料复用 (BH-01): what of an applicant's past serves a new application, each with where it came from and when.

Files are offered by what they prove: papers of the firm until they are too old (PAPERS), papers of a project for
guarantees of the same project. Only what the member may see is offered, so that no opening betrays a bidder; the copy
in the new case does not name the old one to whoever may not know of it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.clock import local_day
from xinshu.guarantees.lifecycle import INSTRUMENT
from xinshu.guarantees.models import Attachment, Guarantee

# A paper of the firm and after how many days it must be brought anew. Licences as the record's own fields; a financial
# statement serves two quarters, a credit report one.
PAPERS: dict[str, int] = {
    "营业执照": 365,
    "资质证书": 365,
    "安全生产许可证": 365,
    "财务报表": 180,
    "信用报告": 90,
}
SHOWN = 5  # past guarantees


@dataclass(frozen=True)
class Offer:
    """A file that was uploaded before. `case` is "" where the member may not know of the one it came from."""

    attachment: Attachment
    uploaded_on: date
    good_until: date | None  # None: a paper of the project, which does not age
    case: str
    reference: str

    def is_stale(self, on: date) -> bool:
        return self.good_until is not None and self.good_until < on


def root_of(attachment: Attachment) -> Attachment:
    """Return the attachment whose file was really uploaded: its day is the paper's age, however often it was reused."""
    return attachment.reused_from or attachment


def good_until(title: str, uploaded_at: datetime) -> date | None:
    """Return the last day on which a paper serves anew; None where it does not age."""
    days = PAPERS.get(title)
    return None if days is None else local_day(uploaded_at) + timedelta(days=days)


def offers_for(guarantee: Guarantee, member: Member, at: datetime) -> list[Offer]:
    """Return the newest file of each paper that may serve `guarantee` again and is not attached to it yet."""
    there = guarantee.attachments.select_related("file").values_list("title", "file__blob")
    titles, blobs = {title for title, _blob in there}, {blob for _title, blob in there}
    newest: dict[str, Attachment] = {}
    for attachment in usable(guarantee, member, at):
        if attachment.title not in titles and attachment.file.blob_id not in blobs:
            newest.setdefault(attachment.title, attachment)
    return [_offer(attachment) for attachment in newest.values()]


def usable(guarantee: Guarantee, member: Member, at: datetime) -> "QuerySet[Attachment]":
    """Return what was uploaded to the applicant's other cases that `member` sees and that serves here, newest first."""
    seen = Guarantee.objects.visible_to(member, at).filter(applicant=guarantee.applicant_id).order_by()
    found = Attachment.objects.filter(guarantee__in=seen.values("pk"), reused_from=None)
    found = found.filter(Q(title__in=PAPERS) | Q(guarantee__project=guarantee.project_id))
    found = found.exclude(guarantee=guarantee.pk).select_related("file__blob", "guarantee__project")
    return found.order_by("-file__uploaded_at", "-pk")


def _offer(attachment: Attachment) -> Offer:
    case = attachment.guarantee
    return Offer(
        attachment,
        local_day(attachment.file.uploaded_at),
        good_until(attachment.title, attachment.file.uploaded_at),
        f"{case.project.name} · {case.get_kind_display()}",
        case.reference,
    )


def origins_of(attachments: Iterable[Attachment], member: Member, at: datetime) -> dict[int, Offer]:
    """Return for each reused attachment where its file came from. A case the member does not see stays unnamed."""
    reused = [(one.pk, one.reused_from_id) for one in attachments if one.reused_from_id is not None]
    if not reused:
        return {}
    roots = Attachment.objects.filter(pk__in=[root for _pk, root in reused])
    known = {root.pk: root for root in roots.select_related("file", "guarantee__project")}
    cases = [root.guarantee_id for root in known.values()]
    seen = set(Guarantee.objects.visible_to(member, at).filter(pk__in=cases).values_list("pk", flat=True))
    found = {}
    for pk, root_pk in reused:
        root = known[root_pk]
        offer = _offer(root)
        if root.guarantee_id not in seen:
            offer = Offer(root, offer.uploaded_on, offer.good_until, "", "")
        found[pk] = offer
    return found


@dataclass(frozen=True)
class Wanted:
    """One paper of the firm as a new application stands to it: "there", "offered", "stale" or "missing"."""

    title: str
    status: str
    offer: Offer | None = None


def firm_papers(guarantee: Guarantee, offers: Iterable[Offer], on: date) -> list[Wanted]:
    """Return each paper of PAPERS as it stands: what is attached, what is offered, what has to be brought."""
    there = set(guarantee.attachments.values_list("title", flat=True))
    by_title = {offer.attachment.title: offer for offer in offers}
    found = []
    for title in PAPERS:
        offer = by_title.get(title)
        if title in there:
            status = "there"
        elif offer is None:
            status = "missing"
        else:
            status = "stale" if offer.is_stale(on) else "offered"
        found.append(Wanted(title, status, offer))
    return found


@dataclass(frozen=True)
class Past:
    """One guarantee of before: its project, what the award said and where that was read, and how it ended."""

    case: Guarantee
    on: date | None  # of issue
    word: str


def past_of(applicant: Organisation, member: Member, at: datetime) -> tuple[list[Past], int]:
    """Return the applicant's latest guarantees that `member` sees, and how many there are in all: its track record."""
    found = Guarantee.objects.visible_to(member, at).filter(applicant=applicant, state__in=INSTRUMENT)
    rows = found.select_related("project", "guarantor").order_by("-issued_at", "-pk")[:SHOWN]
    past = [
        Past(row, local_day(row.issued_at) if row.issued_at else None, _word(row))
        for row in rows
    ]  # fmt: skip
    return past, found.order_by().count()


def _word(case: Guarantee) -> str:
    if case.paid_amount:
        return _("发生过代偿")
    return {"in_force": _("在保"), "exhausted": _("已付尽")}.get(case.state, _("按期履约，没有代偿"))


def usual_house(member: Member, at: datetime) -> Guarantee | None:
    """Return the member's house's latest application, from which a new one takes over the guarantor."""
    mine = Guarantee.objects.visible_to(member, at).filter(applicant=member.organisation_id)
    return mine.select_related("guarantor").order_by("-created_at", "-pk").first()
