"""What a firm's portrait says of its guarantees: those that exist for the reader, never one before its opening."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db.models import Count, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.models import Member
from xinshu.core.clock import local_day
from xinshu.core.money import wan, yuan
from xinshu.enterprises.models import Enterprise
from xinshu.guarantees.kinds import KINDS
from xinshu.guarantees.lifecycle import INSTRUMENT
from xinshu.guarantees.models import Guarantee, Payment
from xinshu.portraits.chapters import MIDDLE, Chapter, Event, Said, Sentence, register_chapter

MOST_EVENTS = 40
HERE = lazy("平台业务记录")
ENDS = (
    # state, tone, words
    ("released",  "ok",     lazy("%(n)s 笔已解除担保")),
    ("expired",   "ok",     lazy("%(n)s 笔到期，没有付尽")),
    ("exhausted", "danger", lazy("%(n)s 笔因索赔付尽")),
)  # fmt: skip


def business(enterprise: Enterprise, member: Member, at: datetime) -> Said | None:
    """Say what the reader has to do with the firm's guarantees: how many, for how much, how they ended."""
    cases = Guarantee.objects.visible_to(member, at).filter(applicant=enterprise.organisation_id)
    issued = cases.filter(state__in=INSTRUMENT).order_by()
    ends = dict(issued.values_list("state").annotate(n=Count("pk")))
    if not ends:
        return None
    on, source = local_day(at), str(HERE)
    page = f"{reverse('guarantees:list')}?{urlencode({'q': enterprise.organisation.name})}"
    standing = issued.filter(state="in_force").aggregate(n=Count("pk"), amount=Sum("available_amount"))
    paid = Payment.objects.filter(guarantee__in=issued.values("pk"), state=Payment.State.CONFIRMED)
    fees = paid.aggregate(sum=Sum("amount"))["sum"] or 0
    by_kind = issued.values_list("kind").annotate(n=Count("pk"), amount=Sum("amount")).order_by("-amount")
    sentences = [
        Sentence(
            _("%(kind)s累计 %(n)s 笔，金额 %(amount)s 元") % {
                "kind": KINDS[kind].label if kind in KINDS else kind, "n": n, "amount": yuan(amount or 0),
            },
            source, on, page,
        )
        for kind, n, amount in by_kind
    ]  # fmt: skip
    sentences += [
        Sentence(str(words) % {"n": ends[state]}, source, on, page, tone)
        for state, tone, words in ENDS
        if state in ends
    ]
    figures: list[dict[str, Any]] = [
        {"label": _("在保余额"), "value": wan(standing["amount"] or 0), "unit": _("元"), "href": page,
         "details": [("", _("%(n)s 笔在保") % {"n": standing["n"]})]},
        {"label": _("累计出函"), "value": sum(ends.values()), "unit": _("笔"), "href": page,
         "details": [("", _("累计保费 %(fees)s 元") % {"fees": yuan(fees)})]},
    ]  # fmt: skip
    newest = issued.filter(delivered_at__isnull=False).select_related("project").order_by("-delivered_at")[:MOST_EVENTS]
    events = [
        Event(
            local_day(one.delivered_at), _("开立%(kind)s") % {"kind": one.get_kind_display()},
            _("%(number)s，%(amount)s 元") % {"number": one.number, "amount": yuan(one.amount or 0)}, "info", source,
            reverse("guarantees:detail", args=[one.reference]),
        )
        for one in newest if one.delivered_at is not None
    ]  # fmt: skip
    return Said(sentences, figures=figures, events=events)


register_chapter(Chapter("guarantees", lazy("担保业务"), 40, MIDDLE, business))
