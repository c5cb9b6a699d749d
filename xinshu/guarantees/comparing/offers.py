"""Which guarantors suit a guarantee that somebody wants, with price, time and who decides; of the others, why not."""

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import date, datetime

from django.utils.translation import gettext as _

from xinshu.accounts.models import Organisation
from xinshu.books.lines import Room, rooms_at
from xinshu.core.clock import local_day
from xinshu.core.money import yuan
from xinshu.guarantees.comparing.ranking import BY_PERSON, BY_RULE, BY_SEVERAL, Measure, Ranked, ranked
from xinshu.guarantees.comparing.speed import Usual, usual_times
from xinshu.guarantees.facts import auto_limit_of
from xinshu.guarantees.favour.conduct import favours_at
from xinshu.guarantees.favour.tiers import Standing
from xinshu.guarantees.models import Authority, Product, Tariff
from xinshu.guarantees.pricing import Discount, Quote, quote
from xinshu.guarantees.products.fitting import facts_at_each
from xinshu.guarantors.standing import Business, disqualified, out_of_scope
from xinshu.projects.models import Project

MOST = 300  # guarantors that are looked at


@dataclass(frozen=True)
class Wish:
    """The guarantee that somebody looks for. Amount in 分."""

    kind: str
    amount: int
    effective_on: date
    expires_on: date
    project: Project | None = None


@dataclass(frozen=True)
class Offer:
    """What one guarantor would do: under which product, for which fee, how fast, and who would decide."""

    guarantor: Organisation
    product: Product | None
    fee: Quote
    tariff: Tariff
    usual: Usual | None
    decides: str  # ranking.EASE_POINTS
    to_check: tuple[str, ...] = ()  # conditions that a person must find out about


@dataclass(frozen=True)
class Unfit:
    """Why one guarantor does not suit. `line_only`: all that is missing is a line, which it may still grant."""

    guarantor: Organisation
    reasons: tuple[str, ...]
    line_only: bool = False


@dataclass(frozen=True)
class Comparison:
    """The answer: who suits, in order, and who does not."""

    suitable: list[Ranked[Offer]] = field(default_factory=list)
    unfit: list[Unfit] = field(default_factory=list)


@dataclass(frozen=True)
class _House:
    """What is known of one guarantor for the wish."""

    tariff: Tariff | None
    products: list[Product]
    authority: Authority | None
    room: Room | None
    facts: dict[str, bool | int | None]
    favour: Standing


def compare(wish: Wish, applicant: Organisation | None, order: str, at: datetime) -> Comparison:
    """Return who suits `wish`, ranked, and why the others do not. As many queries for one guarantor as for all.

    `applicant` is whose line, record and customer relation count; None: nobody's, they are left open.
    """
    guarantors = list(
        Organisation.objects.filter(active=True, kind__in=Organisation.ISSUERS).order_by("name", "pk")[:MOST]
    )
    houses = _houses(wish, guarantors, applicant, at)
    usual = usual_times([house.pk for house in guarantors], wish.kind, at)
    on, region = local_day(at), wish.project.region_code if wish.project is not None else ""
    stopped = disqualified(guarantors, on)
    outside = out_of_scope(guarantors, Business(wish.kind, region, wish.amount), on)
    offers, unfit = [], []
    for guarantor in guarantors:
        house = houses[guarantor.pk]
        product, to_check, reasons = _product(wish, house, local_day(at))
        standing = [why for why in (stopped.get(guarantor.pk), outside.get(guarantor.pk)) if why]
        reasons = [*_conflicts(wish, guarantor), *standing, *reasons]
        if house.tariff is None:
            reasons.append(_("没有这类保函的有效费率，不能报价"))
        if applicant is not None and house.authority is None:
            reasons.append(_("审批授权没有覆盖这类申请"))
        short = _short_of_line(wish, house) if applicant is not None else ""
        if house.tariff is None or reasons or short:
            told = (*reasons, short) if short else tuple(reasons)
            unfit.append(Unfit(guarantor, told, line_only=bool(short) and not reasons))
            continue
        favour = house.favour
        off = Discount(favour.discount, favour.tier.name) if favour.tier else Discount()
        fee = quote(wish.amount, wish.effective_on, wish.expires_on, house.tariff.terms(), off)
        offer = Offer(
            guarantor, product, fee, house.tariff, usual.get(guarantor.pk), _decides(wish, house), tuple(to_check)
        )
        time = offer.usual.time if offer.usual else None
        offers.append((offer, Measure(fee.total, time, offer.decides), guarantor.name))
    return Comparison(ranked(offers, order), unfit)


def _houses(
    wish: Wish, guarantors: Collection[Organisation], applicant: Organisation | None, at: datetime
) -> dict[int, _House]:
    on = local_day(at)
    keys = [guarantor.pk for guarantor in guarantors]
    of_kind = {"guarantor__in": keys, "kind": wish.kind}
    tariffs = {one.guarantor_id: one for one in Tariff.objects.filter(**of_kind, valid_from__lte=on).order_by("number")}
    products: dict[int, list[Product]] = {}
    for product in Product.objects.offered(on).filter(**of_kind).order_by("pk"):
        products.setdefault(product.guarantor_id, []).append(product)
    unverified = applicant is not None and not applicant.verified
    authorities = {row.guarantor_id: row for row in Authority.objects.filter(**of_kind, unverified=unverified)}
    rooms = rooms_at(keys, applicant) if applicant is not None else {}
    facts = facts_at_each(applicant, keys, on) if applicant is not None else {}
    favours = {} if applicant is None else favours_at(keys, applicant, at)
    return {
        key: _House(
            tariffs.get(key),
            products.get(key, []),
            authorities.get(key),
            rooms.get(key),
            facts.get(key, {}),
            favours.get(key, Standing(None)),
        )
        for key in keys
    }


def _conflicts(wish: Wish, guarantor: Organisation) -> list[str]:
    if wish.project is not None and wish.project.buyer_id == guarantor.pk:
        return [_("是项目的招标人，不能同时担保")]
    return []


def _product(wish: Wish, house: _House, on: date) -> tuple[Product | None, list[str], list[str]]:
    """Return the first product that fits, what a person must check for it, and else why none does.

    A guarantor without a product of this kind on its shelf takes applications by its tariff alone.
    """
    against: list[str] = []
    for product in house.products:
        wrong, to_check = _against(wish, product, house.facts, on)
        if not wrong:
            return product, to_check, []
        against += [f"{product.name}：{reason}" for reason in wrong]
    return None, [], against


def _against(
    wish: Wish, product: Product, facts: dict[str, bool | int | None], on: date
) -> tuple[list[str], list[str]]:
    wrong, to_check = [], []
    if not product.least_amount <= wish.amount <= product.most_amount:
        told = {"least": yuan(product.least_amount), "most": yuan(product.most_amount)}
        wrong.append(_("只承保 %(least)s 至 %(most)s 元") % told)
    if (wish.expires_on - wish.effective_on).days > product.longest_days:
        wrong.append(_("最长 %(days)d 天") % {"days": product.longest_days})
    for condition in product.asks:
        if condition.holds(on):
            met = condition.met(facts)
            if met is False:
                wrong.append(_("不符合：%(asked)s") % {"asked": condition.words})
            elif met is None:
                to_check.append(condition.words)
    return wrong, to_check


def _short_of_line(wish: Wish, house: _House) -> str:
    if house.room is None:
        return _("还没有给您核定授信额度")
    if house.room.amount < wish.amount:
        return _("您的可用额度 %(left)s 元，不足") % {"left": yuan(house.room.amount)}
    return ""


def _decides(wish: Wish, house: _House) -> str:
    """Return who would decide, as the authority table says."""
    if house.authority is None or wish.amount > house.authority.person_amount:
        return BY_SEVERAL
    return BY_RULE if wish.amount <= (auto_limit_of(house.authority, house.favour) or 0) else BY_PERSON
