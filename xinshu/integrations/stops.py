"""Keys and interfaces, as an emergency stops them (accounts.stops): found by name, traced by their calls."""

from datetime import datetime

from xinshu.accounts.models import Block, Organisation
from xinshu.accounts.stops import MOST, Trace, stoppable
from xinshu.integrations.models import ApiKey, Call


def _owner(code: str) -> Organisation | None:
    key = ApiKey.objects.filter(code=code).select_related("client__organisation").first()
    return key.client.organisation if key else None


def _calls(block: Block, since: datetime, until: datetime) -> list[Trace]:
    """Return the calls that were made with what was stopped."""
    calls = Call.objects.filter(at__gte=since, at__lte=until)
    if block.what == Block.What.KEY:
        calls = calls.filter(key__code=block.target)
    elif block.what in (Block.What.INTERFACES, Block.What.ORGANISATION):
        calls = calls.filter(client__organisation=block.organisation_id)
    elif block.what != Block.What.ALL_INTERFACES:
        return []
    return [
        Trace(
            call.at, call.client.name, f"{call.method} {call.path} {call.status} {call.outcome}".strip(), call.address
        )
        for call in calls.select_related("client").order_by("-pk")[:MOST]
    ]


stoppable(Block.What.KEY, _owner, _calls)
