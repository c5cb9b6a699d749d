"""What follows: events are sent, the principal is asked to agree, and what was only needed for minutes is swept."""

from datetime import date, datetime, timedelta

from django.urls import reverse
from django.utils.translation import gettext as _

from xinshu.core.clock import now
from xinshu.integrations.actions.webhooks import release_held, send
from xinshu.integrations.limits import forget_full
from xinshu.integrations.models import ApiClient, Nonce, Reply, Sending
from xinshu.ledger.models import Entry
from xinshu.ledger.reactions import every_night, reacts_to
from xinshu.messaging.notices import notify_members

NONCES_KEPT = timedelta(minutes=15)  # longer than a timestamp may be off, both ways
REPLIES_KEPT = timedelta(days=7)


@reacts_to("event.due", together=False)
def send_event(entry: Entry) -> None:
    """Send one event; what the receiver does not take is tried again as every delivery is."""
    sending = Sending.objects.select_related("subscription__client__organisation").get(pk=entry.subject_id)
    send(sending, at=now())


@reacts_to("api_client.resumed")
def send_held(entry: Entry) -> None:
    """Send what was held while the client was paused."""
    client = ApiClient.objects.get(pk=entry.subject_id)
    for subscription in client.subscriptions.filter(state="active"):
        release_held(subscription, now())


@reacts_to("api_client.proposed", "api_client.amended")
def ask_principal(entry: Entry) -> None:
    """Put the question before whoever the client is to act as."""
    client = ApiClient.objects.select_related("principal").get(pk=entry.subject_id)
    if client.state != "proposed":
        return
    notify_members(
        [client.principal],
        _("系统“%(name)s”申请以您的名义通过接口办理业务，请核对授权范围后确认。") % {"name": client.name},
        link=reverse("integrations:client", args=[client.reference]),
        tone="warn",
        subject=client,
        key=f"{entry.kind}:{entry.pk}",
        at=entry.at,
    )


@every_night
def sweep(on: date, at: datetime) -> None:
    """Remove used nonces, old replies and full buckets."""
    Nonce.objects.filter(at__lt=at - NONCES_KEPT).delete()
    Reply.objects.filter(at__lt=at - REPLIES_KEPT).delete()
    forget_full(at)
