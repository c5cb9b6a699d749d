"""What can be asked of links: those of a guarantee for its parties, each with what was done through it."""

from dataclasses import dataclass
from datetime import datetime

from django.utils.translation import gettext as _

from xinshu.accounts.models import Member
from xinshu.core.lifecycle import Row
from xinshu.guarantees.models import Guarantee
from xinshu.ledger.kinds import name_of
from xinshu.ledger.models import Entry
from xinshu.links.lifecycle import LINK
from xinshu.links.models import Link, Receipt

UNTOLD = ("file.kept", "link.opened", "link.sent", "guarantee.reserved", "guarantee.freed")


@dataclass(frozen=True)
class Done:
    """One thing done through a link."""

    what: str
    at: datetime


@dataclass(frozen=True)
class Listed:
    """One link as a party sees it: how it stands, what was done through it (newest first), what may be done to it."""

    link: Link
    tone: str
    label: str
    done: tuple[Done, ...]
    acts: tuple[Row, ...]


def links_of(guarantee: Guarantee, member: Member, at: datetime) -> list[Listed]:
    """Return the links of a guarantee that exist for `member`, the newest first."""
    found = Link.objects.visible_to(member, at).filter(guarantee=guarantee).order_by("-pk")
    links = list(found.select_related("sent_by", "vouched_by__user", "guarantee"))
    done: dict[str, list[Done]] = {}
    entries = Entry.objects.filter(actor_key__in=[link.key_of_acts for link in links]).exclude(kind__in=UNTOLD)
    for entry in entries.order_by("-pk") if links else ():
        done.setdefault(entry.actor_key, []).append(Done(name_of(entry.kind), entry.at))
    return [_listed(link, member, at, done.get(link.key_of_acts, [])) for link in links]


def _listed(link: Link, member: Member, at: datetime, done: list[Done]) -> Listed:
    state = link.standing
    over = link.state == "live" and at >= link.expires_at
    acts = [row for row in LINK.possible(link, member) if row.action != "vouch" or link.vouched_by_id is None]
    once = {row.action: row for row in acts}
    return Listed(
        link, "mute" if over else state.tone, _("已到期") if over else state.label, tuple(done),
        tuple(once.values()) if not over else (),
    )  # fmt: skip


def receipt_of(guarantee: Guarantee) -> Receipt | None:
    """Return the receipt of a guarantee's letter; None as long as nobody has said that they have it."""
    return Receipt.objects.filter(guarantee=guarantee).first()
