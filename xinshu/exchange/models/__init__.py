"""What is: messages in their lines, what they are about, what sources tell of projects."""

from xinshu.exchange.models.lines import InLine
from xinshu.exchange.models.projects import Arrival, Difference, FieldRule, ProjectMessage, ProjectRecord
from xinshu.exchange.models.submissions import (
    OpenedEnvelope,
    Submission,
    Submissions,
    Try,
    Verification,
)

__all__ = [
    "Arrival", "Difference", "FieldRule", "InLine", "OpenedEnvelope", "ProjectMessage", "ProjectRecord", "Submission",
    "Submissions", "Try", "Verification",
]  # fmt: skip
