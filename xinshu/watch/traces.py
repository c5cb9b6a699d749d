"""What an application leaves behind (经办人, 设备, 网络地址, 付款账户), kept as keyed digests when it comes in.

Where the guarantor's own manager hands in for a customer, person and device are the guarantor's and say nothing.
"""

from datetime import datetime

from django.conf import settings
from django.db.models import Q

from xinshu.accounts.models import Member, SignInSession
from xinshu.core.sm import hmac_sm3
from xinshu.guarantees.kinds import SECRET
from xinshu.guarantees.models import Guarantee, Payment
from xinshu.watch.models import Trace

AGENT, DEVICE, ADDRESS, ACCOUNT = "agent", "device", "address", "account"


def digest(what: str, value: str) -> str:
    """Return the keyed digest under which a value is compared: nobody reads it back from the table."""
    return hmac_sm3(bytes.fromhex(settings.LEDGER_KEY), f"watch:{what}:{value}".encode()).hex()


def tender_of(guarantee: Guarantee) -> str:
    """Return what two bidders' entries of one lot have in common, as a digest; "" for what is no bid."""
    if guarantee.kind not in SECRET:
        return ""
    project = guarantee.project
    number = "".join(project.number.split()).upper()
    return digest("tender", f"{number}:{project.buyer_id}" if number else f"project:{project.pk}")


def trace_submission(guarantee: Guarantee, actor_key: str, at: datetime) -> list[Trace]:
    """Keep who handed an application in, from which device and address. A second time adds nothing."""
    kind, _colon, pk = actor_key.partition(":")
    if guarantee.on_behalf or kind != "member" or not pk.isdecimal():
        return []
    member = Member.objects.select_related("user").filter(pk=int(pk)).first()
    if member is None or member.organisation_id == guarantee.guarantor_id:
        return []
    values = {AGENT: str(member.user_id)}
    open_then = Q(ended_at=None) | Q(ended_at__gte=at)
    sessions = SignInSession.objects.filter(open_then, user=member.user_id, started_at__lte=at)
    session = sessions.order_by("-started_at").first()
    if session is not None:
        values |= {DEVICE: session.device_key, ADDRESS: session.address}
    return _keep(guarantee, values, at)


def trace_payment(payment: Payment, at: datetime) -> list[Trace]:
    """Keep out of which account a fee was paid."""
    account = "".join(payment.account.split())
    slip = getattr(payment, "slip", None)
    if slip is not None:
        account = "".join(slip.payer.split())
    if not account or payment.amendment_id is not None:
        return []
    return _keep(payment.guarantee, {ACCOUNT: f"{payment.channel}:{account}"}, at)


def _keep(guarantee: Guarantee, values: dict[str, str], at: datetime) -> list[Trace]:
    tender = tender_of(guarantee)
    rows = [
        Trace(
            guarantee=guarantee, house_id=guarantee.guarantor_id, firm_id=guarantee.applicant_id,
            project_id=guarantee.project_id, tender=tender, what=what, digest=digest(what, value), at=at,
        )
        for what, value in values.items()
        if value
    ]  # fmt: skip
    Trace.objects.bulk_create(rows, ignore_conflicts=True)
    return rows
