"""The demo city's systems: each issuer and firm with an administrator has one; nobody knows their keys."""

from datetime import datetime, timedelta

from xinshu.accounts.models import Member
from xinshu.integrations.actions.clients import confirm_client, propose_client
from xinshu.integrations.actions.keys import issue_key
from xinshu.integrations.actions.webhooks import open_subscription, pause_subscription
from xinshu.integrations.models import ApiClient
from xinshu.integrations.scopes import grantable

SYSTEMS: tuple[tuple[str, str, list[str]], ...] = (
    # acts as       name                 from where
    ("manager",   "担保业务系统",      ["203.0.113.0/24"]),
    ("applicant", "集团 ERP",          ["198.51.100.16/28"]),
    ("signer",    "签发复核系统",      []),
)  # fmt: skip


def create_demo_systems(at: datetime) -> None:
    """Make the systems of the demo city, agreed to, with keys; one subscription waits for its receiver."""
    for number, (username, name, networks) in enumerate(SYSTEMS):
        moment = at - timedelta(days=20 - number)
        principal = Member.objects.acting().filter(user__username=username).order_by("pk").first()
        administrators = Member.objects.acting().filter(user__username="orgadmin")
        by = administrators.filter(organisation=principal.organisation_id).first() if principal else None
        if principal is None or by is None:
            continue
        scopes = [code for code, _words in grantable(principal)]
        client = propose_client(name=name, principal=principal, scopes=scopes, networks=networks, by=by, at=moment)
        if not networks:
            continue  # still waits for its principal's word
        client = confirm_client(client, by=principal, at=moment + timedelta(hours=2))
        issue_key(client, kind="hmac", by=by, at=moment + timedelta(hours=3))
        client = ApiClient.objects.select_related("organisation").get(pk=client.pk)
        kinds = ["guarantee.approved", "guarantee.delivered", "payment.confirmed"]
        subscription, _secret = open_subscription(
            client,
            url=f"https://receiver-{number + 1}.example.com/xinshu",
            kinds=kinds,
            by=by,
            at=moment + timedelta(hours=4),
        )
        pause_subscription(subscription, by=by, at=moment + timedelta(hours=5))  # nobody listens at example.com
