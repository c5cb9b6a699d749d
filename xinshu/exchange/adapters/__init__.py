"""Adapters: how a submission is written for a receiving system, and how its answer is read. One Protocol, one table."""

from dataclasses import dataclass
from datetime import datetime
from importlib import import_module
from typing import Protocol

from xinshu.core.sm import Sm2Key
from xinshu.exchange.content import Content
from xinshu.exchange.destinations import Destination

RECEIVED, SUBMITTED, FILED, RETURNED = "received", "submitted", "filed", "returned"


class Unusable(Exception):
    """What came from the other side cannot be believed or read; the message says why, for people."""


@dataclass(frozen=True)
class Message:
    """One submission as adapters see it: no row, no database."""

    event: str
    message: str
    order: str
    number: int
    content: Content
    nonce: str
    commitment: str


@dataclass(frozen=True)
class Outgoing:
    """What is posted: `path` is put behind the destination's address."""

    path: str
    body: bytes
    content_type: str


@dataclass(frozen=True)
class Reply:
    """What an answer means: RECEIVED is no receipt yet, SUBMITTED and FILED bring one, RETURNED a reason."""

    outcome: str
    receipt: str = ""
    reason: str = ""


class Adapter(Protocol):
    """Writes messages and reads answers. Knows no database and no network."""

    EVENTS: frozenset[str]  # of Submission.Event, ProjectMessage.Event: what the interface has a message for

    def write(self, message: Message, to: Destination, key: Sm2Key, at: datetime) -> Outgoing:
        """Return what to post, signed with `key`."""

    def read(self, text: str, message: Message, sent: Outgoing, to: Destination) -> Reply:
        """Return what the answer means. Raises Unusable for a wrong signature, another's answer, or garbage."""


ADAPTERS = {
    "bank_bid": "xinshu.exchange.adapters.bank_bid.BankBid",
    "projects": "xinshu.exchange.adapters.projects.Projects",
    "iso20022": "xinshu.exchange.adapters.iso20022.Iso20022",
}


def adapter_of(destination: Destination) -> Adapter:
    """Return the adapter of a destination. Raises KeyError for one that does not exist (config refuses it before)."""
    module, _dot, name = ADAPTERS[destination.adapter].rpartition(".")
    made: Adapter = getattr(import_module(module), name)()
    return made
