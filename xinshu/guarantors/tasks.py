"""The nightly round: qualifications that end are reminded of 30, 15, 7 and 1 days before, once each."""

from datetime import date, datetime, timedelta

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from xinshu.accounts.models import Organisation
from xinshu.guarantors.lifecycle import MANAGE, OWN
from xinshu.guarantors.models import Qualification
from xinshu.ledger.reactions import every_night
from xinshu.messaging.notices import notify

DAYS_AHEAD = (30, 15, 7, 1)


@every_night
def remind_of_qualifications(on: date, at: datetime) -> None:
    """Tell the house and the operator of every licence that ends in 30, 15, 7 or 1 days and has no next version yet."""
    days = {on + timedelta(days=ahead): ahead for ahead in DAYS_AHEAD}
    ending = Qualification.objects.filter(state="confirmed", valid_until__in=days).select_related("guarantor")
    operators = list(Organisation.objects.filter(kind=Organisation.Kind.OPERATOR, active=True))
    for row in ending.order_by("pk"):
        assert row.valid_until is not None
        ahead = days[row.valid_until]
        text = _("%(house)s的%(what)s还有 %(days)d 天到期（%(day)s），到期后不能受理新申请和出具保函。") % {
            "house": row.guarantor.name, "what": row.get_kind_display(), "days": ahead,
            "day": row.valid_until.isoformat(),
        }  # fmt: skip
        with transaction.atomic():
            for house, right in ((row.guarantor, OWN), *((operator, MANAGE) for operator in operators)):
                notify(
                    house, text, link=reverse("guarantors:qualification", args=[row.reference]), permission=right,
                    tone="warn", subject=row, key=f"qualification.ending:{row.pk}:{ahead}", at=at,
                )  # fmt: skip
