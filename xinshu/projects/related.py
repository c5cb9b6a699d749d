"""What the search for enterprises brings of projects: those in which an enterprise won or takes part."""

from collections.abc import Sequence
from datetime import datetime
from urllib.parse import urlencode

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from xinshu.accounts.models import Member
from xinshu.enterprises.models import Enterprise
from xinshu.enterprises.search.related import (
    MOST,
    Finder,
    Hit,
    Related,
    newest_of_each,
    register_finder,
    register_related,
)
from xinshu.projects.models import Party, Project
from xinshu.projects.queries import projects


def projects_of(enterprises: Sequence[Enterprise], member: Member, at: datetime) -> dict[int, list[Hit]]:
    """Return the newest projects of each enterprise that exist for `member`."""
    by_house = {one.organisation_id: one.pk for one in enterprises}
    parties = (
        Party.objects.filter(organisation__in=by_house, project__in=Project.objects.visible_to(member, at).values("pk"))
        .annotate(place=newest_of_each("organisation"))
        .filter(place__lte=MOST)
        .select_related("project")
        .order_by(F("pk").desc())
    )
    found: dict[int, list[Hit]] = {}
    for party in parties:
        project = party.project
        detail = f"{project.number} · {party.get_role_display()}"
        url = reverse("projects:detail", args=[project.reference])
        found.setdefault(by_house[party.organisation_id], []).append(Hit(project.name, detail, url))
    return found


def found_projects(asked: str, member: Member, at: datetime) -> list[Hit]:
    """Return the projects meant by name, number or buyer, newest first."""
    if not member.can("guarantees.view"):
        return []
    return [
        Hit(one.name, f"{one.number} · {one.buyer.name}" if one.buyer else one.number,
            reverse("projects:detail", args=[one.reference]))
        for one in projects(member, at, q=asked)[:MOST]
    ]  # fmt: skip


register_related("projects", Related(_("工程项目"), "flag", projects_of))
register_finder(
    "projects",
    Finder(_("工程项目"), found_projects, lambda q: f"{reverse('projects:list')}?{urlencode({'q': q})}"),
)
