"""What a customer needs now, which of the house's products answer it, whether it is admitted, and what is missing.

Two things tell of a need: an award that was pushed to the house (商机), and a guarantee that soon expires. Admission is
asked of the products' gates by what the house knows; nothing is kept of it and the firm is not told (decision 46).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import F
from django.urls import reverse
from django.utils.translation import gettext as _

from xinshu.accounts.models import Member, Organisation
from xinshu.admission.knowing import customers_of, known_of
from xinshu.admission.models import FIRM, Gate
from xinshu.core.clock import local_day
from xinshu.core.money import yuan
from xinshu.guarantees.kinds import KINDS, SECRET
from xinshu.guarantees.models import Guarantee, Product
from xinshu.guarantees.origins.reading import Lot, needs_of
from xinshu.guarantees.products.fitting import facts_of_customers
from xinshu.rules.engine.answers import Evidence
from xinshu.rules.engine.facts import Truth
from xinshu.rules.running import prepared_of
from xinshu.tenders.models import Opportunity, Revision

SOON = timedelta(days=60)
MOST = 300  # of each source; the page says so
AWARD, EXPIRING = "award", "expiring"


@dataclass(frozen=True)
class Need:
    """One kind of guarantee that a customer needs: why, since the day `on` (an award) or by it (an expiry), from where.

    `amount` in 分, None where it is not known.
    """

    source: str
    firm: Organisation
    kind: str
    why: str
    on: date
    url: str
    amount: int | None = None

    @property
    def kind_label(self) -> str:
        return str(KINDS[self.kind].label)


@dataclass(frozen=True)
class Advice:
    """A product that answers a need. `truth`: admitted, not, or nobody can say; `missing`: what stands against it."""

    product: Product
    truth: Truth
    missing: tuple[str, ...]

    @property
    def url(self) -> str:
        return reverse("guarantees:product", args=[self.product.reference])


def needs_for(member: Member, at: datetime, text: str = "", source: str = "") -> list[Need]:
    """Return what the customers of the member's house need, most urgent first. Four statements."""
    found = [*(_awards(member, at) if source != EXPIRING else ()), *(_expiring(member, at) if source != AWARD else ())]
    wanted = text.strip().lower()
    return sorted(
        (need for need in found if wanted in need.firm.name.lower()),
        key=lambda need: (need.on, need.firm.pk, need.kind),
    )


def _awards(member: Member, at: datetime) -> Iterable[Need]:
    rows = Opportunity.objects.visible_to(member).filter(state__in=("pushed", "following"))
    rows = rows.select_related("announcement", "firm", "match").order_by("-pushed_at", "-pk")[:MOST]
    opened = [one for one in rows if one.match.revision == one.announcement.latest]
    newest = Revision.objects.filter(
        announcement__in=[one.announcement_id for one in opened], number=F("announcement__latest")
    )
    texts = {one.announcement_id: one for one in newest}
    begun = set(
        Guarantee.objects.filter(origin__opportunity__in=[one.pk for one in opened])
        .exclude(state__in=("withdrawn", "declined", "lapsed"))
        .values_list("origin__opportunity", "kind")
    )
    for one in opened:
        lot = Lot(texts[one.announcement_id].reading, one.match.lot, one.announcement.title)
        for need in needs_of(lot, local_day(at)):
            if (one.pk, need.kind) not in begun:
                why = _("中标“%(title)s”：%(why)s") % {"title": one.announcement.title, "why": need.why}
                url = reverse("tenders:detail", args=[one.announcement.reference])
                yield Need(AWARD, one.firm, need.kind, why, local_day(one.pushed_at), url, need.amount)


def _expiring(member: Member, at: datetime) -> Iterable[Need]:
    """Guarantees that soon expire and are not renewed. A bid guarantee ends with its tender: nothing follows it."""
    on = local_day(at)
    rows = Guarantee.objects.visible_to(member, at).filter(
        guarantor=member.organisation_id, state="in_force", expires_on__gte=on, expires_on__lte=on + SOON,
        successors=None, applicant__in=customers_of(member.organisation),
    )  # fmt: skip
    rows = rows.exclude(kind__in=SECRET).select_related("applicant").order_by("expires_on", "pk")
    for one in rows[:MOST]:
        told = {"number": one.number or one.reference, "day": one.expires_on, "n": one.days_left(on)}
        why = (
            _("保函 %(number)s 将于 %(day)s 到期（还有 %(n)s 天），还没有续开") % told
            if told["n"]
            else _("保函 %(number)s 今天到期，还没有续开") % told
        )
        assert one.expires_on is not None
        url = reverse("guarantees:detail", args=[one.reference])
        yield Need(EXPIRING, one.applicant, one.kind, why, one.expires_on, url, one.amount)


def advise(needs: Sequence[Need], house: Organisation, at: datetime) -> list[tuple[Need, list[Advice]]]:
    """Return for each need the products of the house that answer it, those that admit the customer first.

    As many statements for one need as for thirty: they follow the number of products and gates.
    """
    on = local_day(at)
    firms = {need.firm.pk: need.firm for need in needs}
    offered = Product.objects.offered(on).filter(guarantor=house, kind__in={need.kind for need in needs})
    products = list(offered.order_by("name", "pk"))
    known = facts_of_customers(list(firms.values()), on) if products else {}
    gates = _asked(products, firms, house, at)
    advised = []
    for need in needs:
        mine = []
        for product in products:
            if product.kind != need.kind:
                continue
            missing = _outside(product, need)
            truths: list[Truth] = [not missing]
            for condition in product.asks:
                if condition.holds(on):
                    met = condition.met(known[need.firm.pk])
                    truths.append(met)
                    if met is not True:
                        missing.append(_missing(condition.words, met))
            for words, answer in gates.get((product.reference, need.firm.pk), ()):
                truths.append(answer)
                if answer is not True:
                    missing.append(_missing(words, answer))
            truth = False if False in truths else None if None in truths else True
            mine.append(Advice(product, truth, tuple(missing)))
        mine.sort(key=lambda one: (one.truth is not True, one.truth is False, one.product.name))
        advised.append((need, mine))
    return advised


def _missing(words: str, truth: Truth) -> str:
    return (
        _("%(words)s（未满足）") % {"words": words} if truth is False else _("%(words)s（还不知道）") % {"words": words}
    )


def _outside(product: Product, need: Need) -> list[str]:
    if need.amount is None or product.least_amount <= need.amount <= product.most_amount:
        return []
    told = {"least": yuan(product.least_amount), "most": yuan(product.most_amount), "amount": yuan(need.amount)}
    return [_("产品承保 %(least)s 至 %(most)s 元，需要 %(amount)s 元") % told]


def _asked(
    products: Sequence[Product], firms: dict[int, Organisation], house: Organisation, at: datetime
) -> dict[tuple[str, int], list[tuple[str, Truth]]]:
    """Return what each product's gate for firms answers, condition by condition, by product and firm."""
    on = local_day(at)
    found: dict[tuple[str, int], list[tuple[str, Truth]]] = {}
    gates = Gate.objects.filter(
        house=house, state="on", subject=FIRM, product__in=[one.reference for one in products]
    ).select_related("rule_set")
    for gate in gates:
        version = gate.rule_set.version_on(on) if gate.rule_set.state == "on" else None
        if version is None:
            continue
        version.rule_set = gate.rule_set
        prepared = prepared_of(version)
        known = known_of(house, [version.types[code] for code in prepared.facts], at, list(firms))
        for firm in firms:
            answers = prepared.decide(known[firm], on).answers
            told = [(f"{one.name}：{one.reads}{_own(one.evidence)}", one.truth) for one in answers]
            found[gate.product, firm] = told
    return found


def _own(evidence: Iterable[Evidence]) -> str:
    known = [one.value for one in evidence if one.fact.value is not None]
    return _("，现为 %(value)s") % {"value": "、".join(known)} if known else ""
