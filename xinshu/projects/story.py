"""What happened to a project, in words."""

from typing import Any

from django.utils.translation import gettext as _

from xinshu.ledger.kinds import name_of
from xinshu.ledger.models import Entry
from xinshu.projects.forms import ProjectForm
from xinshu.projects.models import Project
from xinshu.projects.queries import entries_of
from xinshu.web.words import yuan


def story_of(project: Project) -> list[dict[str, Any]]:
    """Return the project's history for a timeline, newest first; `at` is a moment."""
    return [
        {
            "title": name_of(entry.kind),
            "by": entry.actor_label,
            "moment": entry.at,
            "text": _words(entry),
        }
        for entry in entries_of(project)[:20]
    ]


def _words(entry: Entry) -> str:
    if entry.kind == "project.awarded":
        return _("中标金额 %(amount)s 元，%(source)s") % {
            "amount": yuan(entry.data["amount"]),
            "source": entry.data["award_source"],
        }
    if entry.kind == "project.amended":
        labels = [str(ProjectForm.base_fields[name].label) for name in entry.data["changes"]]
        return _("修改了%(fields)s") % {"fields": "、".join(labels)}
    return ""
