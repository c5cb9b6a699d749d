"""What other systems can be told of projects."""

from datetime import datetime

from django.utils.translation import gettext_lazy as _
from ninja import Field, Schema

from xinshu.accounts.models import Member
from xinshu.integrations.events import Subject, offer
from xinshu.integrations.leaving import given
from xinshu.ledger.models import Entry
from xinshu.projects.lifecycle import LIFECYCLE
from xinshu.projects.models import Project


class ProjectEvent(Schema):
    """项目事件的数据。"""

    reference: str
    number: str
    state: str
    state_label: str
    version: int
    href: str = Field(description="在接口中读取全文的地址")


def tell(entry: Entry, member: Member, at: datetime) -> Subject | None:
    """Return the project of an entry as `member` may hear of it; None where it does not exist for them."""
    project = Project.objects.visible_to(member, at).filter(pk=entry.subject_id).first()
    if project is None:
        return None
    data = {
        "reference": project.reference,
        "number": given("projects.Project.number", project.number, member),
        "state": project.state,
        "state_label": LIFECYCLE.states[project.state].label,
        "version": project.version,
    }
    return Subject(project.reference, f"/api/v1/projects/{project.reference}", data)


offer(
    {
        "project.registered": _("登记项目"),
        "project.amended": _("修改项目"),
        "project.awarded": _("登记中标结果"),
    },
    tell,
    schema="project",
    shape=ProjectEvent,
)
