"""What can be asked: the projects that exist for somebody, narrowed as the list page asks."""

from datetime import datetime

from django.db.models import Prefetch, Q, QuerySet
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.refusals import Unknown
from xinshu.documents.models import File
from xinshu.ledger.models import Entry
from xinshu.projects.models import Party, Project

SORTS = {"name": "name", "estimate": "estimate_amount", "award": "award_amount", "opens": "opens_at", "created": "id"}


def projects(
    member: Member, at: datetime, *, q: str = "", kind: str = "", state: str = "", mine: bool = False, sort: str = ""
) -> QuerySet[Project]:
    """Return the projects that exist for `member`, with buyer and winner loaded; newest first unless sorted."""
    found = Project.objects.visible_to(member, at)
    if q:
        found = found.filter(Q(name__icontains=q) | Q(number__icontains=q) | Q(buyer__name__icontains=q))
    if kind:
        found = found.filter(kind=kind)
    if state:
        found = found.filter(state=state)
    if mine:
        found = found.filter(registered_by=member.organisation_id)
    order = SORTS.get(sort.removeprefix("-"), "")
    winners = Party.objects.filter(role=Party.Role.WINNER).select_related("organisation")
    return (
        found.select_related("buyer", "labour_department")
        .prefetch_related(Prefetch("parties", winners, to_attr="winners"))
        .order_by(*([f"-{order}" if sort.startswith("-") else order] if order else []), "-id")
    )


def project_for(member: Member, reference: str, at: datetime) -> Project:
    """Return one project. Raises Unknown when it does not exist for `member`."""
    found = (
        Project.objects.visible_to(member, at)
        .filter(reference=reference)
        .select_related("buyer", "registered_by", "labour_department")
        .first()
    )
    if found is None:
        raise Unknown(_("没有找到这个项目。"), advice=_("请核对地址，或从工程项目列表进入。"))
    return found


def secret_for(project: Project, member: Member) -> datetime | None:
    """Return until when it may betray a bidder that `member` has to do with `project`: the opening, or a year.

    Stricter than `Project.secret_until`: who asks about a tender that its buyer registered may be about to bid.
    """
    if project.state == Project.AWARDED or project.buyer_id == member.organisation_id:
        return None
    return project.opens_at or project.created_at.replace(year=project.created_at.year + 1)


def files_of(project: Project, member: Member) -> QuerySet[File]:
    """Return the files that `member`'s organisation keeps with the project, newest first."""
    return (
        File.objects.filter(subject_type=Project._meta.label_lower, subject_id=project.pk, owner=member.organisation_id)
        .select_related("blob")
        .order_by("-id")
    )


def entries_of(project: Project) -> QuerySet[Entry]:
    """Return what was recorded about the project, newest first."""
    return Entry.objects.filter(subject_type=Project._meta.label_lower, subject_id=project.pk).order_by("-id")
