"""Whether the guarantor may take a case on: its licence and filed scope (guarantors.standing), as this room asks."""

from datetime import date, datetime

from django.utils.translation import gettext as _

from xinshu.accounts.models import Organisation
from xinshu.core.clock import local_day
from xinshu.core.refusals import Invalid, Refusal
from xinshu.guarantees.law.findings import FAILS, SUBMISSION, Finding
from xinshu.guarantees.models import Guarantee
from xinshu.guarantors.standing import REQUIRED, Business, disqualified, obstacles


class NotQualified(Refusal):
    """The guarantor's licence does not hold today: it may bind itself to nothing new."""

    title = "保证人资质失效"


def business_of(guarantee: Guarantee) -> Business:
    """Return what the guarantor is asked to do; an amount that is not filled in yet is left open."""
    return Business(guarantee.kind, guarantee.project.region_code, guarantee.amount)


def must_take_on(guarantor: Organisation, business: Business, on: date) -> None:
    """Raise Invalid, in words for the applicant, where the guarantor takes on nothing of this kind now."""
    if found := obstacles(guarantor, business, on):
        raise Invalid(
            _("%(guarantor)s现在不能受理这笔申请：%(why)s。") % {"guarantor": guarantor.name, "why": "；".join(found)},
            advice=_("可以用“比一比”找其他保证人。"), fields={"guarantor": "；".join(found)},
        )  # fmt: skip


def must_be_licensed(guarantee: Guarantee, on: date) -> None:
    """Raise NotQualified where the guarantor's licence does not hold on the day `on`."""
    if why := disqualified([guarantee.guarantor], on).get(guarantee.guarantor_id):
        raise NotQualified(
            _("%(why)s，不能出具新的保函。") % {"why": why},
            advice=_("登记新的资质并经运营人员确认后可以继续；这笔业务保持原状，在保的保函不受影响。"),
        )


def standing_findings(guarantee: Guarantee, at: datetime) -> list[Finding]:
    """Return what stands against the guarantor itself; nothing when it may take the case on."""
    source = REQUIRED[Organisation.Kind(guarantee.guarantor.kind)][1]
    return [
        Finding("guarantor.standing", _("保证人"), FAILS, f"{why}。", source, stops=SUBMISSION)
        for why in obstacles(guarantee.guarantor, business_of(guarantee), local_day(at))
    ]
