"""What follows: sources and registrations are compared, receivers are told, people hear of what waits for them."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from xinshu.core.clock import now
from xinshu.exchange.destinations import destinations_of
from xinshu.exchange.lifecycle import EDIT, SUPERVISE
from xinshu.exchange.models import ProjectMessage, ProjectRecord
from xinshu.exchange.projects.comparing import compare, projects_beside, records_beside
from xinshu.exchange.projects.telling import is_secret, queue_project, speaker_of
from xinshu.exchange.sending import transmit
from xinshu.ledger.models import Entry
from xinshu.ledger.reactions import Later, every_night, reacts_to
from xinshu.messaging.notices import notify
from xinshu.projects.models import Project

OVERDUE = timedelta(days=1)  # without a receipt for so long: somebody should ask
PROJECT_NEWS = ("project.registered", "project.amended", "project.awarded")


@reacts_to("project_record.taken")
def compare_record(entry: Entry) -> None:
    """Set what a source has told beside every registration of the lot."""
    found, at = ProjectRecord.objects.select_related("source").get(pk=entry.subject_id), now()
    for project in projects_beside(found):
        _compare(found, project, at)


@reacts_to(*PROJECT_NEWS)
def compare_project(entry: Entry) -> None:
    """Set a registration beside what sources have told of its lot."""
    project, at = Project.objects.select_related("buyer", "registered_by").get(pk=entry.subject_id), now()
    for found in records_beside(project):
        _compare(found, project, at)


def _compare(found: ProjectRecord, project: Project, at: datetime) -> None:
    waiting = compare(found, project, at=at)
    if not waiting and not (found.withdrawn and found.differences.filter(project=project).exists()):
        return
    words = {"project": project.name[:60], "source": found.source.name, "n": waiting}
    text = (
        _("%(source)s撤回了项目“%(project)s”，您登记的项目没有改动。")
        if found.withdrawn
        else _("%(source)s同步的“%(project)s”有 %(n)s 项与您登记的不同，请选用哪一方的。")
    )
    notify(
        project.registered_by, text % words, link=reverse("exchange:record", args=[found.reference]), permission=EDIT,
        tone="warn", subject=project, key=f"difference:{found.pk}:{found.version}:{project.pk}", at=at,
        sealed_until=project.secret_until,
    )  # fmt: skip


@reacts_to("project_record.conflicting")
def warn_of_conflict(entry: Entry) -> None:
    """Tell the source's people that their system sent two contents of one version."""
    found = ProjectRecord.objects.select_related("source").get(pk=entry.subject_id)
    notify(
        found.source,
        _("“%(name)s”第 %(n)s 版收到两份不同内容，先到的那份继续有效，请决定用哪一份。")
        % {"name": (found.name or found.external_id)[:60], "n": entry.data["version"]},
        link=reverse("exchange:record", args=[found.reference]), permission=SUPERVISE, tone="danger",
        key=f"project_record.conflicting:{entry.pk}", at=entry.at,
    )  # fmt: skip


@reacts_to(*PROJECT_NEWS)
def tell_of_project(entry: Entry) -> None:
    """Queue what receivers are to be told; nothing leaves while a registration could betray a bidder."""
    project, at = Project.objects.select_related("buyer").get(pk=entry.subject_id), now()
    systems = destinations_of(project, at)
    if not systems:
        return
    if is_secret(project, at):
        if project.opens_at is not None:
            raise Later(project.opens_at)
        return  # the entry that brings an opening, or the award, comes back here
    speaker = speaker_of(project, at)
    if speaker is None or speaker.pk != project.pk:
        return
    for to, receiver in systems:
        queue_project(project, entry, to, receiver, at=at)


@reacts_to("project_message.due", together=False)
def send_project_message(entry: Entry) -> None:
    """Send one message; what the receiver does not take is tried again as every delivery is."""
    message = ProjectMessage.objects.select_related("project").get(pk=entry.subject_id)
    if message.message == entry.data["message"]:
        transmit(message, at=now())


@reacts_to("project_message.returned")
def warn_of_returned_project(entry: Entry) -> None:
    """Tell the registrant's people that a receiver gave a message back, and why."""
    message = ProjectMessage.objects.select_related("project__registered_by").get(pk=entry.subject_id)
    text = _("“%(project)s”的推送被%(receiver)s退回：%(reason)s。后面的推送暂停，请处理后重新推送。")
    _tell(message, text, entry.data["reason"], f"project_message.returned:{entry.pk}", "danger", entry.at)


@every_night
def warn_of_silent_projects(on: date, at: datetime) -> None:
    """Warn the registrant, once, of what was sent and not acknowledged within a day."""
    silent = ProjectMessage.objects.filter(state="sent", sent_at__lt=at - OVERDUE)
    text = _("“%(project)s”的推送已送达%(receiver)s超过一天仍无回执，不算已报送。请重新推送或联系对方。")
    for message in silent.select_related("project__registered_by").order_by("pk").iterator():
        with transaction.atomic():
            _tell(message, text, "", f"project_message.silent:{message.pk}:{message.message}", "warn", at)


def _tell(message: ProjectMessage, text: str, reason: str, key: str, tone: str, at: datetime) -> None:
    project = message.project
    words = {"project": project.name[:60], "receiver": message.destination_name, "reason": reason[:80].rstrip("。")}
    notify(
        project.registered_by, text % words, link=reverse("exchange:project_message", args=[message.reference]),
        permission=EDIT, tone=tone, subject=message, key=key, at=at, sealed_until=project.secret_until,
    )  # fmt: skip
