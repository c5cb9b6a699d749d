"""产品准入: the gate of the product that an application is made under, asked as a source of every review.

The finding names the rule set and its answer; condition by condition it stands in the gate's log of matches, and for
the applicant on the product's page, as far as the house shows it.
"""

from collections.abc import Iterator
from datetime import datetime

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.admission.actions.gates import facts_for, keep_match, version_now
from xinshu.admission.models import FIRM, Gate, Match
from xinshu.core.actors import Actor
from xinshu.core.clock import local_day
from xinshu.core.refusals import NotNow
from xinshu.guarantees.judging.house_rules import VERDICTS
from xinshu.guarantees.judging.sources import SourceDown, register_source
from xinshu.guarantees.law.findings import APPROVAL, Finding
from xinshu.guarantees.models import Guarantee
from xinshu.guarantees.products.admitted import SHELF
from xinshu.rules.engine.answers import OUTCOMES
from xinshu.rules.running import decide


def _gate_of(guarantee: Guarantee) -> Gate | None:
    """Return the gate that asks of the applicant itself: what it has beside is asked of on the product's page."""
    if guarantee.product is None:
        return None
    found = Gate.objects.filter(shelf=SHELF, product=guarantee.product.reference, subject=FIRM, state="on")
    return found.select_related("house", "rule_set__owner").first()


@register_source("product_admission", lazy("产品准入方案"))
def ask_gate(guarantee: Guarantee, at: datetime) -> Iterator[Finding]:
    """Say whether the product's gate admits the applicant."""
    gate = _gate_of(guarantee)
    if gate is None:
        return
    try:
        version = version_now(gate, at)
    except NotNow as why:
        raise SourceDown(why.message) from None
    facts = facts_for(gate, version, guarantee.applicant, "", at)
    outcome = decide(version, facts, local_day(at)).outcome
    words = _("“%(name)s”准入 V%(number)s：%(outcome)s。")
    told = words % {"name": gate.product_name, "number": version.number, "outcome": OUTCOMES[outcome]}
    yield Finding(f"admission.{gate.reference}", _("产品准入"), VERDICTS[outcome], told, stops=APPROVAL)


def keep_gate_match(guarantee: Guarantee, *, by: Actor, at: datetime) -> None:
    """Log the match behind a decision. Must run in the transaction of the act that decided."""
    gate = _gate_of(guarantee)
    if gate is None:
        return
    try:
        version = version_now(gate, at)
    except NotNow:
        return  # the finding said so
    keep_match(
        gate, version, guarantee.applicant, "", Match.Cause.REVIEW, guarantee.secret_until, by=by, at=at
    )  # fmt: skip
