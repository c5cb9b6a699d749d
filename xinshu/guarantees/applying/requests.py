"""Papers that a reviewer asked for by name (补材料, BH-34): which are open, what answers them, what the review says."""

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from xinshu.core.composed import composed
from xinshu.core.refusals import Invalid
from xinshu.guarantees.law.findings import UNKNOWN, Finding
from xinshu.guarantees.models import Attachment, Guarantee, PaperRequest

RULE = "papers.requested"


def open_requests(guarantee: Guarantee) -> list[PaperRequest]:
    """Return what is still to come, in the order asked."""
    return _open(guarantee.pk)


@composed
def _open(guarantee: int) -> QuerySet[PaperRequest]:
    found = PaperRequest.objects.filter(guarantee=guarantee, attachment=None)
    return found.select_related("asked_by__user").order_by("pk")


@composed
def _titles(guarantee: int) -> "QuerySet[PaperRequest, str]":
    return PaperRequest.objects.filter(guarantee=guarantee).order_by("pk").values_list("title", flat=True)


def answer_request(guarantee: Guarantee, attachment: Attachment) -> None:
    """Let a new file answer the open request of its name, if there is one. Must run in the transaction of an act."""
    waiting = guarantee.paper_requests.filter(attachment=None, title=attachment.title).first()
    if waiting is not None:
        waiting.attachment = attachment
        waiting.save(update_fields=["attachment"])


def must_be_answered(guarantee: Guarantee) -> None:
    """Raise Invalid while a paper that was asked for is missing."""
    if missing := [request.title for request in open_requests(guarantee)]:
        raise Invalid(
            _("审批人要求的材料还差：%(titles)s。") % {"titles": "、".join(missing)},
            advice=_("在“上传材料”里补齐后即可交回，已填内容都在。"),
        )


def request_findings(guarantee: Guarantee) -> list[Finding]:
    """Say that a person has asked: the case goes back to that person, however well the rules are met by now."""
    asked = [] if guarantee.pk is None else _titles(guarantee.pk)
    if not asked:
        return []
    titles = "、".join(dict.fromkeys(asked))
    return [
        Finding(RULE, _("要求补充的材料"), UNKNOWN, _("审批人要求过%(titles)s，由其继续审核。") % {"titles": titles})
    ]
