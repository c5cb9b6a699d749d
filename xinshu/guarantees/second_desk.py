"""What a second person has to look at in the house's own tables (四眼): checked wordings, proposed authorities.

No case of a customer's, so no kind of case of its own: they stand on the desk beside the changes (changes/desk.py).
"""

from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.urls import reverse
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.money import yuan
from xinshu.guarantees.authorities.lifecycle import LIFECYCLE as AUTHORITY
from xinshu.guarantees.authorities.models import AuthorityDraft
from xinshu.guarantees.types.sample import FORMS
from xinshu.guarantees.wordings.lifecycle import LIFECYCLE as WORDING
from xinshu.guarantees.wordings.models import Wording
from xinshu.work.cases import Todo


def wordings_waiting(member: Member) -> "QuerySet[Wording]":
    """Return the checked texts that `member` may activate: not those that he wrote or checked himself."""
    side = "platform" if member.organisation.kind == Organisation.Kind.OPERATOR else "house"
    right = next(row.permission for row in WORDING.rows if row.action == "activate_wording" and row.side == side)
    if not member.can(right):
        return Wording.objects.none()
    own = Q(guarantor=None) if side == "platform" else Q(guarantor=member.organisation_id)
    found = Wording.objects.visible_to(member).filter(own, state="checked")
    # A list of numbers as text: the one way to look into it that both databases know, and no query more per page.
    written = found.alias(written=Cast("authors", TextField()))
    return written.exclude(written__regex=rf"(^|[^0-9]){member.user_id}([^0-9]|$)")


def authorities_waiting(member: Member) -> "QuerySet[AuthorityDraft]":
    """Return the proposed rows of the authority table that `member` may set: not those that he proposed."""
    if not any(member.can(row.permission) for row in AUTHORITY.rows if row.action == "set_authority"):
        return AuthorityDraft.objects.none()
    return AuthorityDraft.objects.visible_to(member).filter(state="proposed").exclude(author=member.user_id)


def waiting(member: Member) -> "list[QuerySet[Any]]":
    """Return what waits for `member`, to be counted."""
    return [wordings_waiting(member), authorities_waiting(member)]


def todos(member: Member, at: datetime, limit: int) -> list[Todo]:
    """Return what waits for `member`, oldest first, without a time limit: what holds goes on holding meanwhile."""
    texts = [
        Todo(
            title=_("%(kind)s文本 V%(number)s") % {"kind": one.get_kind_display(), "number": one.number},
            subtitle=_("%(form)s · 由另一人启用") % {"form": FORMS[one.form][2] if one.form in FORMS else one.form},
            party=one.guarantor.name if one.guarantor else _("平台文本"),
            url=reverse("guarantees:wording", args=[one.reference]),
            tone=WORDING.states[one.state].tone,
            state_label=WORDING.states[one.state].label,
        )
        for one in wordings_waiting(member).select_related("guarantor").order_by("changed_at", "pk")[:limit]
    ]
    rows = [
        Todo(
            title=_("%(kind)s审批授权变更") % {"kind": one.get_kind_display()},
            subtitle=_("规则自动 %(auto)s 元，复审 %(person)s 元 · 由另一人确认")
            % {"auto": yuan(one.auto_amount), "person": yuan(one.person_amount)},
            party=one.guarantor.name,
            url=reverse("guarantees:authority", args=[one.reference]),
            tone=AUTHORITY.states[one.state].tone,
            state_label=AUTHORITY.states[one.state].label,
        )
        for one in authorities_waiting(member).select_related("guarantor").order_by("changed_at", "pk")[:limit]
    ]
    return [*texts, *rows][:limit]
