"""One door to each row of this context, for its pages."""

from typing import Any

from django.utils.translation import gettext as _

from xinshu.accounts.requests import MemberRequest
from xinshu.core.refusals import Unknown
from xinshu.credit.actions.behaviours import Upload
from xinshu.credit.models import Appeal, Behaviour, Card, ListEntry, Record
from xinshu.documents.uploads import read_upload


def record_for(request: MemberRequest, reference: str) -> Record:
    """Return the record with this reference. Raises Unknown where it does not exist for who asks."""
    found = Record.objects.visible_to(request.member).filter(reference=reference)
    return _one(found.select_related("organisation", "card").first(), _("没有找到这份信用档案。"))


def full_record_for(request: MemberRequest, reference: str) -> Record:
    """Return the record, where all of it is theirs to read. Raises Unknown."""
    found = Record.objects.in_full_for(request.member).filter(reference=reference)
    return _one(found.select_related("organisation", "card").first(), _("没有找到这份信用档案。"))


def behaviour_for(request: MemberRequest, reference: str) -> Behaviour:
    """Return the behaviour of a record that they read in full. Raises Unknown."""
    found = Behaviour.objects.visible_to(request.member).filter(reference=reference)
    return _one(found.select_related("record__organisation", "corrects").first(), _("没有找到这条信用行为。"))


def card_for(request: MemberRequest, reference: str) -> Card:
    """Return the card. Raises Unknown."""
    return _one(
        Card.objects.visible_to(request.member).filter(reference=reference).first(), _("没有找到这份评分规则。")
    )


def entry_for(request: MemberRequest, reference: str) -> ListEntry:
    """Return the list entry. Raises Unknown."""
    found = ListEntry.objects.visible_to(request.member).filter(reference=reference)
    return _one(found.select_related("organisation", "owner", "file").first(), _("没有找到这条名单。"))


def appeal_for(request: MemberRequest, reference: str) -> Appeal:
    """Return the appeal. Raises Unknown."""
    found = Appeal.objects.visible_to(request.member).filter(reference=reference)
    return _one(
        found.select_related("record__organisation", "behaviour__corrects", "outcome__corrects", "file").first(),
        _("没有找到这件异议。"),
    )


def upload_in(form: Any) -> Upload | None:
    """Return the file that a form brought, if any."""
    upload = form.cleaned_data.get("file")
    return (read_upload(upload), upload.name) if upload else None


def _one(row: Any, message: str) -> Any:
    if row is None:
        raise Unknown(message, advice=_("它可能属于其他机构，或者地址不完整。"))
    return row
