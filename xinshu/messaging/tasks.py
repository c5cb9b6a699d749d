"""What follows: queued messages leave, digests are put together, providers are asked about templates."""

from xinshu.core.clock import now
from xinshu.ledger.models import Entry
from xinshu.ledger.reactions import reacts_to
from xinshu.messaging.digests import send_digest
from xinshu.messaging.sending import send_message
from xinshu.messaging.templates import learn_approval


@reacts_to("message.queued", together=False)
def send_queued(entry: Entry) -> None:
    """Hand a message to its provider. Running twice is safe: see sending.py."""
    send_message(entry.subject_id, now())


@reacts_to("digest.opened")
def close_digest(entry: Entry) -> None:
    """Send a digest when its hour has come."""
    send_digest(entry.subject_id, now())


@reacts_to("message_template.asked", together=False)
def ask_provider(entry: Entry) -> None:
    """Ask the provider whether it has approved a template."""
    learn_approval(entry.subject_id, now())
