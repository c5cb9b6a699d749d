"""What follows: the worker asks the register, takes in its answer, and tells who asked."""

from collections import deque
from datetime import datetime

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import now
from xinshu.enterprises.models import Enterprise
from xinshu.ledger.models import Entry
from xinshu.ledger.reactions import reacts_to
from xinshu.messaging.notices import notify_members
from xinshu.rules.models import SourceCall
from xinshu.rules.sources.asking import ask_source
from xinshu.rules.sources.protocol import ANSWERED, CACHED
from xinshu.ties.actions import take_answer
from xinshu.ties.graph.shapes import OWNS
from xinshu.ties.models import Node
from xinshu.ties.nodes import node_of
from xinshu.ties.register import SOURCE, told_in

CALLS = 12  # firms asked about for one question: the firm, its owners, theirs


@reacts_to("tie.asked", together=False)
def ask_register(entry: Entry) -> None:
    """Ask the register about a firm; what it says becomes ties. A second time finds nothing new."""
    enterprise = Enterprise.objects.select_related("organisation").get(pk=entry.subject_id)
    owner = Organisation.objects.get(pk=entry.data["organisation"])
    at = max(now(), entry.at)
    with transaction.atomic():
        own = node_of(enterprise.organisation)
    call, changed = ask_upwards(own, owner, at)
    told = {"name": enterprise.organisation.name}
    if call.outcome in (ANSWERED, CACHED):
        told["n"] = str(changed)
        text, tone = _("登记机关已答复 %(name)s 的股东和人员，更新 %(n)s 条关系。") % told, "ok"
    else:
        told["why"] = call.why
        text, tone = _("登记机关没有答复 %(name)s 的查询：%(why)s。原有关系不变，可以稍后再查。") % told, "warn"
    kind, _colon, pk = entry.actor_key.partition(":")
    asker = Member.objects.acting().filter(pk=int(pk)) if kind == "member" and pk.isdecimal() else []
    notify_members(
        asker, text, link=reverse("ties:show", args=[enterprise.reference]), tone=tone, subject=enterprise,
        key=f"{entry.kind}:{entry.pk}", at=entry.at,
    )  # fmt: skip


def ask_upwards(own: Node, owner: Organisation, at: datetime) -> tuple[SourceCall, int]:
    """Ask about a firm, then about the firms that own it; return the first call and how many ties changed.

    Talks to the outside: must not run inside a transaction. An owner of which the register is silent stays as it was.
    """
    first, changed = None, 0
    waiting, asked = deque([own]), {own.pk}
    while waiting and len(asked) <= CALLS:
        firm = waiting.popleft()
        call = ask_source(SOURCE, firm.code, owner=owner, at=at)
        first = first or call
        if call.outcome not in (ANSWERED, CACHED):
            continue
        changed += take_answer(firm, call, told_in(call), by=SYSTEM, at=at)
        above = Node.objects.filter(ties_out__target=firm, ties_out__kind=OWNS, kind=Node.Kind.FIRM)
        for node in above.exclude(pk__in=asked).distinct().order_by("pk"):
            if node.code:
                asked.add(node.pk)
                waiting.append(node)
    assert first is not None
    return first, changed
