"""What happens in the demo city to guarantees in force: each change waiting for its side, and one that went through."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from typing import Any

from xinshu.guarantees.actions.amendment_fees import confirm_difference, request_difference
from xinshu.guarantees.actions.amendments import accept_amendment, issue_amendment, propose_amendment
from xinshu.guarantees.actions.reductions import ask_reduction
from xinshu.guarantees.actions.surrenders import ask_surrender
from xinshu.guarantees.models import PARTIES, Amendment, Guarantee
from xinshu.guarantees.models.changes import WITH_PARTIES
from xinshu.guarantees.sealed.amended import send_amendment_letter

PROOF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\nstartxref\n9\n%%EOF\n"
Lasting = Callable[[Any, int, datetime], Guarantee]


def live_changes(city: Any, lasting: Lasting) -> None:
    """Leave an amendment accepted and one with the beneficiary, a reduction and a surrender to be decided.

    `city` is demo.City; `lasting` brings a case of a number into force at a moment.
    """
    city.say("修改、减额、退保")
    begun, at = city.at - timedelta(days=60), city.at - timedelta(days=2)
    cases = [lasting(city, 300 + 12 * shift, begun + timedelta(hours=shift)) for shift in range(4)]
    for case, accepted in ((cases[0], True), (cases[1], False)):
        assert case.expires_on is not None
        longer = case.expires_on + timedelta(days=90)
        amendment = _offered(city, case, at, "设计变更，工期顺延三个月。", longer)
        if accepted:
            accept_amendment(amendment, by=city.beneficiary, at=at + timedelta(hours=5))
    by = city.applicant
    ask_reduction(
        _now(cases[2]), amount=(cases[2].amount or 0) // 4, reason="首期预付款已扣回四分之一。", content=PROOF,
        name="预付款扣回确认单.pdf", by=by, at=at,
    )  # fmt: skip
    ask_surrender(
        _now(cases[3]), ground="accepted", reason="工程已竣工验收合格。", content=PROOF, name="竣工验收证明.pdf", by=by,
        at=at,
    )  # fmt: skip


def _offered(city: Any, case: Guarantee, at: datetime, reason: str, expires_on: date) -> Amendment:
    hour = timedelta(hours=1)
    amendment = propose_amendment(_now(case), by=city.applicant, at=at, reason=reason, new_expires_on=expires_on)
    if amendment.state == "fee_due":
        order = request_difference(amendment, channel="sandbox", account="6000-0001", by=city.applicant, at=at + hour)
        confirm_difference(order, receipt=f"SBX-{order.order_number}", at=at + hour)
    issue_amendment(_whole(amendment), by=city.signer, at=at + 2 * hour)
    return send_amendment_letter(_whole(amendment), at=at + 2 * hour)


def _now(case: Guarantee) -> Guarantee:
    return Guarantee.objects.select_related(*PARTIES, "tariff").get(pk=case.pk)


def _whole(amendment: Amendment) -> Amendment:
    rows = Amendment.objects.select_related(*WITH_PARTIES, "guarantee__tariff")
    return rows.get(pk=amendment.pk)
