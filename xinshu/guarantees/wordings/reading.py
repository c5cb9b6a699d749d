"""Which text a letter is filled from: the house's own, else the platform's, else the type's standard text."""

from django.db.models import F, Q, QuerySet

from xinshu.accounts.models import Organisation
from xinshu.core.composed import composed
from xinshu.guarantees.letters.texts import form_of
from xinshu.guarantees.wordings.models import Wording


def wording_for(kind: str, guarantor: Organisation) -> Wording | None:
    """Return the version in use; None: the type's standard text (texts.standard) is. One query."""
    return _in_use.first(guarantor.pk, kind, form_of(guarantor.kind))


@composed
def _in_use(guarantor: int, kind: str, form: str) -> QuerySet[Wording]:
    found = Wording.objects.filter(Q(guarantor=guarantor) | Q(guarantor=None), kind=kind, form=form, state="active")
    return found.order_by(F("guarantor").asc(nulls_last=True))[:1]


def unfitting(kind: str, places: set[str]) -> list[Wording]:
    """Return the texts in use or being written for `kind` that name places other than `places`."""
    standing = Wording.objects.filter(kind=kind, state__in=("draft", "checked", "active")).select_related("guarantor")
    return [wording for wording in standing.order_by("pk") if wording.text.places - places]
