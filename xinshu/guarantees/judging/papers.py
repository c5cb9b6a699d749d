"""一致性校验 (BH-06): papers of the applicant that contradict each other or its record stop the machine.

The guarantor is told which two places disagree and on what; what they say is the applicant's to show.
"""

from collections.abc import Iterator
from datetime import datetime

from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.core.clock import local_day
from xinshu.core.composed import composed
from xinshu.documents.models import Reading
from xinshu.documents.papers.queries import COUNTING, conflicts_of
from xinshu.enterprises.models import Enterprise, RecordField
from xinshu.enterprises.queries import record_of, rivals_of
from xinshu.guarantees.judging.sources import register_source
from xinshu.guarantees.law.findings import APPROVAL, MEETS, UNKNOWN, Finding
from xinshu.guarantees.models import Guarantee

MOST = 5  # named one by one


@register_source("papers", lazy("识别材料和企业资料库"))
def ask_papers(guarantee: Guarantee, at: datetime) -> Iterator[Finding]:
    """Say one "unknown" per contradiction, with both places: a person decides, no authority table waives it."""
    told = [conflict.sources for conflict in conflicts_of(guarantee.applicant)]
    enterprise = _enterprise.first(guarantee.applicant_id)
    if enterprise is not None and _contradicting(enterprise.pk):
        record = record_of(guarantee.applicant, local_day(at))
        told += [
            _("%(field)s：%(one)s与%(two)s不一致") % {
                "field": rival.view.label, "one": rival.view.source or _("企业资料"),
                "two": " ".join(filter(None, (rival.source, rival.place))),
            }
            for rival in rivals_of(enterprise, record) if rival.version.source_file_id is not None
        ]  # fmt: skip
    for number, words in enumerate(told[:MOST]):
        message = _("%(words)s。由人工核实。") % {"words": words}
        yield Finding(f"papers.conflict.{number + 1}", _("材料一致性"), UNKNOWN, message, stops=APPROVAL)
    if not told and _read(guarantee.applicant_id):
        yield Finding("papers.agree", _("材料一致性"), MEETS, _("识别的材料和企业资料之间没有发现矛盾。"))


@composed
def _enterprise(organisation: int) -> QuerySet[Enterprise]:
    return Enterprise.objects.filter(organisation=organisation)


@composed
def _contradicting(enterprise: int) -> "QuerySet[RecordField, int]":
    found = RecordField.objects.contradicting().filter(enterprise=enterprise).exclude(source_file=None)
    return found.values_list("pk", flat=True)[:1]


@composed
def _read(owner: int) -> "QuerySet[Reading, int]":
    return Reading.objects.filter(owner=owner, state__in=COUNTING).values_list("pk", flat=True)[:1]
