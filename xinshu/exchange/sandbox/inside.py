"""The centre inside this process, for the demo city: answers at once, and its own results come back at once."""

import json
import re

from django.conf import settings

from xinshu.core import clock
from xinshu.core.sm import Sm2Key
from xinshu.exchange.adapters import Outgoing
from xinshu.exchange.destinations import Destination, derived_key, exchange_key
from xinshu.exchange.receiving import take_envelope
from xinshu.exchange.sandbox.centre import Centre
from xinshu.integrations.posting import Answer


def sandbox_key() -> Sm2Key:
    """Return the key that the demo's receiving systems sign with."""
    return derived_key(b"xinshu exchange sandbox")


def answer(to: Destination, outgoing: Outgoing, message: str) -> Answer:
    """Return what the centre of `to` says; it remembers in the data folder, so that a reveal finds its commitment."""
    name = re.sub(r"[^a-z0-9-]", "", to.code)
    file = settings.FILES_ROOT.parent / "sandbox" / f"exchange-{name}.json"
    centre = Centre(sandbox_key(), exchange_key().public_hex, name=to.name, clock=clock.now, file=file)
    said = centre.answer(outgoing.path, outgoing.body)
    for envelope in centre.outbox:
        take_envelope(to.code, json.dumps(envelope), at=clock.now())
    return Answer(said.status, said.text, 0)
