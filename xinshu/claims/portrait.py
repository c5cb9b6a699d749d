"""What a firm's portrait says of claims against it, and of what it still owes for those that were paid."""

from datetime import datetime
from urllib.parse import urlencode

from django.db.models import Count, Sum
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.models import Member
from xinshu.claims.conduct import OWED
from xinshu.claims.lifecycle import DEMAND
from xinshu.claims.models import Demand, Recourse
from xinshu.core.clock import local_day
from xinshu.core.money import yuan
from xinshu.enterprises.models import Enterprise
from xinshu.portraits.chapters import MIDDLE, Chapter, Event, Said, Sentence, register_chapter

HERE = lazy("平台索赔记录")
MOST_EVENTS = 20


def claims(enterprise: Enterprise, member: Member, at: datetime) -> Said | None:
    """Say how often the firm's guarantees were claimed, how that ended, and what is still in recourse."""
    demands = Demand.objects.visible_to(member, at).filter(guarantee__applicant=enterprise.organisation_id).order_by()
    told = demands.aggregate(n=Count("pk"), amount=Sum("amount"))
    if not told["n"]:
        return None
    on, source = local_day(at), str(HERE)
    page = f"{reverse('claims:list')}?{urlencode({'q': enterprise.organisation.name})}"
    paid = demands.filter(state="paid").aggregate(n=Count("pk"), amount=Sum("payable_amount"))
    words = _("被索赔 %(n)s 次，合计 %(amount)s 元") % {"n": told["n"], "amount": yuan(told["amount"] or 0)}
    sentences = [Sentence(words, source, on, page, "warn")]
    if paid["n"]:
        words = _("其中代偿 %(n)s 次，合计 %(amount)s 元") % {"n": paid["n"], "amount": yuan(paid["amount"] or 0)}
        sentences.append(Sentence(words, source, on, page, "danger"))
    owing = Recourse.objects.visible_to(member, at).filter(demand__in=demands.values("pk"), state__in=OWED)
    advice = []
    if open_cases := owing.count():
        sentences.append(Sentence(_("%(n)s 笔代偿还在追偿") % {"n": open_cases}, source, on, page, "danger"))
        advice.append(_("有代偿未收回，新的申请请由人审批。"))
    events = [
        Event(
            local_day(one.presented_at), _("被索赔 %(amount)s 元") % {"amount": yuan(one.amount)},
            _("结果：%(state)s") % {"state": DEMAND.states[one.state].label},
            "danger" if one.state == "paid" else "warn", source, reverse("claims:detail", args=[one.reference]),
        )
        for one in demands.order_by("-presented_at")[:MOST_EVENTS]
    ]  # fmt: skip
    return Said(sentences, events=events, advice=advice, tags=[("danger", _("有代偿"))] if paid["n"] else [])


register_chapter(Chapter("claims", lazy("索赔与代偿"), 50, MIDDLE, claims))
