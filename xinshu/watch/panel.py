"""What the page of a guarantee shows its guarantor of the applicant: live level, open cases, the last screening."""

from datetime import datetime
from urllib.parse import urlencode

from django.urls import reverse

from xinshu.accounts.models import Member
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.panels import Panel, register_panel
from xinshu.rules.engine.answers import OUTCOMES, TONES
from xinshu.watch.lifecycle import LIVE, SCREEN
from xinshu.watch.models import Screening, WatchCase, may_watch
from xinshu.watch.queries import told_of
from xinshu.watch.screening import outcome_of


@register_panel
def risk_of_applicant(guarantee: Guarantee, member: Member, at: datetime) -> Panel | None:
    """Return the applicant's risk as the guarantor's own people see it; None for everybody else."""
    if member.organisation_id != guarantee.guarantor_id or not may_watch(member):
        return None
    firm = guarantee.applicant
    risk = told_of(member, at, [firm.pk])[0]
    last = Screening.objects.visible_to(member).filter(uscc=firm.uscc or "").order_by("-at", "-pk").first()
    cases = WatchCase.objects.visible_to(member).filter(state__in=LIVE, evidence__firm=firm).distinct()
    screened = outcome_of(last, whole=False) if last is not None else None
    context = {
        "risk": risk,
        "cases": list(cases.select_related("firm").order_by("-pk")[:3]),
        "screening": last,
        "screened": screened,
        "outcomes": OUTCOMES,
        "tones": TONES,
        "ask": f"{reverse('watch:screen')}?{urlencode({'name': firm.name, 'uscc': firm.uscc or ''})}"
        if member.can(SCREEN) and firm.uscc
        else "",
    }
    return Panel("watch/_panel.html", context, beside=True)
