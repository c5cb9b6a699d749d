"""Subscriptions: opened, paused (by a person, or after repeated failure), resumed, closed; events sent and replayed."""

import base64
import json
import secrets
from collections.abc import Sequence
from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from xinshu.core import tracing
from xinshu.core.actors import SYSTEM, Actor
from xinshu.core.masking import text as masked_text
from xinshu.core.refusals import Invalid, NotNow
from xinshu.core.sm import Sm2Key, hmac_sm3
from xinshu.integrations.actions.keys import sealed
from xinshu.integrations.door import secret_of
from xinshu.integrations.events import make_due, offered
from xinshu.integrations.lifecycle import CLIENT, MANAGE, SUBSCRIPTION
from xinshu.integrations.models import ApiClient, Attempt, Sending, Subscription
from xinshu.integrations.posting import Answer, check_url, post
from xinshu.ledger.recording import record
from xinshu.messaging.notices import notify

PAUSED_AFTER = 8  # failures in a row
MOST = 10  # subscriptions of one client
CONTENT_TYPE = "application/cloudevents+json; charset=utf-8"


class NotAccepted(Exception):
    """The receiver did not take the event: tried again later."""


@transaction.atomic
def open_subscription(
    client: ApiClient, *, url: str, kinds: Sequence[str], by: Actor, at: datetime
) -> tuple[Subscription, str]:
    """Have the client told of these kinds of events at `url`. Returns the secret too, which is never shown again."""
    client = ApiClient.objects.locked(client)
    CLIENT.step("limit", client, by)
    check_url(url)
    if not kinds or set(kinds) - {kind for kind, _label in offered()}:
        raise Invalid(_("请至少选择一种事件。"), fields={"kinds": _("还没有选择")})
    if client.subscriptions.exclude(state="closed").count() >= MOST:
        raise NotNow(_("这个客户端的订阅已有 %(most)d 个，没有保存。") % {"most": MOST})
    secret = secrets.token_urlsafe(32)
    subscription = Subscription.objects.create(
        state="active", client=client, url=url, kinds=sorted(set(kinds)), sealed=sealed(secret), created_at=at
    )
    record("subscription.opened", subscription, by=by, at=at, url=url, kinds=subscription.kinds)
    return subscription, secret


@transaction.atomic
def pause_subscription(subscription: Subscription, *, by: Actor, at: datetime) -> Subscription:
    """Hold what happens from now on."""
    subscription = Subscription.objects.locked(subscription)
    subscription.change(SUBSCRIPTION.step("pause", subscription, by))
    record("subscription.paused", subscription, by=by, at=at, failures=subscription.failures)
    if by is SYSTEM:
        client = subscription.client
        notify(
            client.organisation,
            _("“%(client)s”的事件推送连续失败 %(times)d 次，已自动暂停。事件都已暂存，查明接收端后可恢复补推。")
            % {"client": client.name, "times": PAUSED_AFTER},
            link=reverse("integrations:subscription", args=[subscription.reference]),
            permission=MANAGE,
            tone="warn",
            subject=subscription,
            key=f"subscription.paused:{subscription.pk}:{subscription.version}",
            at=at,
        )
    return subscription


@transaction.atomic
def resume_subscription(subscription: Subscription, *, by: Actor, at: datetime) -> Subscription:
    """Send again, what was held first."""
    subscription = Subscription.objects.locked(subscription)
    subscription.change(SUBSCRIPTION.step("resume", subscription, by), failures=0)
    record("subscription.resumed", subscription, by=by, at=at)
    release_held(subscription, at)
    return subscription


def release_held(subscription: Subscription, at: datetime) -> None:
    """Make due what was held for a subscription."""
    for sending in subscription.sendings.filter(state=Sending.State.HELD).select_related("entry").order_by("pk"):
        Sending.objects.filter(pk=sending.pk).update(state=Sending.State.WAITING)
        make_due(sending, at)


@transaction.atomic
def close_subscription(subscription: Subscription, *, reason: str, by: Actor, at: datetime) -> Subscription:
    """Tell it of nothing any more."""
    subscription = Subscription.objects.locked(subscription)
    step = SUBSCRIPTION.step("close", subscription, by)
    if len(reason.strip()) < 2:
        raise Invalid(_("请写明取消的原因。"), fields={"reason": _("还没有填写")})
    subscription.change(step, ended_at=at)
    subscription.sendings.filter(state__in=("waiting", "held")).update(state=Sending.State.DROPPED)
    record("subscription.closed", subscription, by=by, at=at, reason=reason.strip()[:500])
    return subscription


@transaction.atomic
def replay(sending: Sending, *, by: Actor, at: datetime) -> Sending:
    """Send an event once more, as it was. The receiver knows it by its id."""
    subscription = Subscription.objects.select_for_update(of=("self",)).select_related("client").get(
        pk=sending.subscription_id
    )  # fmt: skip
    if "administrator" not in subscription.sides_of(by) or not by.can(MANAGE):
        SUBSCRIPTION.step("resume", subscription, by)  # refuses by name
    if subscription.state != "active":
        raise NotNow(_("订阅已暂停或取消，没有重新推送。"), advice=_("先恢复推送；恢复时会补推暂存的事件。"))
    Sending.objects.filter(pk=sending.pk).update(state=Sending.State.WAITING)
    sending.state = Sending.State.WAITING
    record(
        "event.due", sending, by=by, at=at, sealed_until=sending.entry.sealed_until, event=sending.event["id"],
        to=subscription.reference, replay=True,
    )  # fmt: skip
    return sending


def send(sending: Sending, *, at: datetime) -> Answer | None:
    """Post one event. Raises NotAccepted when it must be tried again; the eighth failure in a row pauses it all.

    Talks to the outside world: never inside a transaction. A crash after posting sends it twice; the id tells.
    """
    subscription = sending.subscription
    if sending.state != Sending.State.WAITING:
        return None
    if subscription.state != "active" or subscription.client.state != "active":
        held = (
            Sending.State.DROPPED if "closed" in (subscription.state, subscription.client.state) else Sending.State.HELD
        )
        Sending.objects.filter(pk=sending.pk, state=Sending.State.WAITING).update(state=held)
        return None
    body = json.dumps(sending.event, ensure_ascii=False, separators=(",", ":")).encode()
    headers = {**signed_headers(subscription, sending.event["id"], body, at), **tracing.traceparent()}
    answer = post(subscription.url, body, headers)
    Attempt.objects.create(
        sending=sending, at=at, status=answer.status, answer=masked_text(answer.text)[:500],
        milliseconds=answer.milliseconds, trace=tracing.current(),
    )  # fmt: skip
    if answer.accepted:
        Sending.objects.filter(pk=sending.pk).update(state=Sending.State.SENT, sent_at=at)
        Subscription.objects.filter(pk=subscription.pk, failures__gt=0).update(failures=0)
        return answer
    Subscription.objects.filter(pk=subscription.pk).update(failures=F("failures") + 1)
    subscription.refresh_from_db()
    if subscription.failures >= PAUSED_AFTER:
        if subscription.state == "active":
            pause_subscription(subscription, by=SYSTEM, at=at)
        Sending.objects.filter(pk=sending.pk, state=Sending.State.WAITING).update(state=Sending.State.HELD)
        return answer
    raise NotAccepted(_("接收端没有收下（%(status)s）。") % {"status": answer.status or _("没有答复")})


def platform_key() -> Sm2Key:
    """Return the SM2 key that signs events: made of the seal's key, and good for nothing else."""
    order = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123
    material = hmac_sm3(bytes.fromhex(settings.SEAL_KEY), b"xinshu events")
    return Sm2Key(int.from_bytes(material, "big") % (order - 2) + 1)


def signed_headers(subscription: Subscription, identity: str, body: bytes, at: datetime) -> dict[str, str]:
    """Return the headers of a sending: what is signed is id, seconds, body, joined by dots."""
    seconds = str(int(at.timestamp()))
    message = b".".join((identity.encode(), seconds.encode(), body))
    tag = hmac_sm3(secret_of(subscription.sealed).encode(), message)
    return {
        "Content-Type": CONTENT_TYPE,
        "Xinshu-Event-Id": identity,
        "Xinshu-Timestamp": seconds,
        "Xinshu-Hmac-Sm3": base64.b64encode(tag).decode(),
        "Xinshu-Sm2": base64.b64encode(platform_key().sign(message)).decode(),
    }
