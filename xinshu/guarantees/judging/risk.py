"""风险等级 (BH-31): what is known of an application goes to the house's model and rules; contradictions are flagged.

Facts come from the enterprise record, the project and the application. What nobody said stays unknown. A contradiction
is only looked for where both figures are there.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.core.actors import SYSTEM
from xinshu.core.clock import local_day
from xinshu.core.money import yuan
from xinshu.enterprises.queries import record_of
from xinshu.guarantees.judging.conduct_then import counted_now
from xinshu.guarantees.models import Guarantee
from xinshu.rules.engine.facts import AMOUNT, NUMBER, TEXT, Fact, FactType
from xinshu.rules.purposes import Purpose, register_purpose
from xinshu.rules.running import Subject, in_force, keep_run
from xinshu.scoring.actions.scores import Asked, score_case
from xinshu.scoring.facts import Known, register_facts
from xinshu.scoring.grading import Flag, RuleSaid
from xinshu.scoring.learning.drift import Value
from xinshu.scoring.models import Score

RECORD, APPLICATION, BOTH = lazy("企业资料库"), lazy("申请"), lazy("申请与企业资料库")
TEN_THOUSAND = 10_000_00  # 万元 in 分
FACTS = (
    #     code                 what people call it          unit         from where
    Known("debt_ratio",        lazy("资产负债率"),          lazy("%"),    RECORD),
    Known("total_assets",      lazy("资产总额"),            lazy("万元"), RECORD),
    Known("revenue",           lazy("上年度营业收入"),      lazy("万元"), RECORD),
    Known("registered_capital", lazy("注册资本"),           lazy("万元"), RECORD),
    Known("years",             lazy("成立年限"),            lazy("年"),   RECORD),
    Known("staff_count",       lazy("从业人数"),            lazy("人"),   RECORD),
    Known("constructor_count", lazy("注册建造师人数"),      lazy("人"),   RECORD),
    Known("projects_done",     lazy("近三年完工项目数"),    lazy("个"),   RECORD),
    Known("largest_contract",  lazy("近三年最大合同额"),    lazy("万元"), RECORD),
    Known("kind",              lazy("保函类型"),            "",           APPLICATION),
    Known("amount",            lazy("保函金额"),            lazy("万元"), APPLICATION),
    Known("days",              lazy("保函天数"),            lazy("天"),   APPLICATION),
    Known("contract_share",    lazy("合同额占上年营收"),    lazy("%"),    BOTH),
    Known("amount_share",      lazy("保函金额占上年营收"),  lazy("%"),    BOTH),
)  # fmt: skip
register_facts(*FACTS)
MONEY = ("total_assets", "revenue", "registered_capital", "largest_contract", "amount")
PURPOSE = register_purpose(
    Purpose(
        "guarantee_risk",
        lazy("风险评级"),
        lazy("提交申请时询问：不通过的定为 E 级，转人工的降一级；只供审批参考。"),
        tuple(
            FactType(
                fact.code, fact.label,
                AMOUNT if fact.code in MONEY else TEXT if fact.code == "kind" else NUMBER,
                "record" if fact.source is RECORD else "application",
                "" if fact.code in MONEY else f" {fact.unit}" if fact.unit else "",
            )
            for fact in FACTS
        ),
        {"record": RECORD, "application": APPLICATION},
    )
)  # fmt: skip


@dataclass(frozen=True)
class Figures:
    """What application, record and project say: 分, counts, days; None where nobody said."""

    amount: int | None = None
    contract: int | None = None  # award, else contract sum
    estimate: int | None = None
    revenue: int | None = None
    assets: int | None = None
    liabilities: int | None = None
    capital: int | None = None
    largest: int | None = None
    staff: int | None = None
    constructors: int | None = None
    done: int | None = None
    founded: date | None = None
    on: date = date.min


def flags_of(said: Figures) -> list[Flag]:
    """Return what contradicts bid data or statements, the serious first. Nothing is said of what is unknown."""
    found = [flag for look in LOOKS if (flag := look(said)) is not None]
    return sorted(found, key=lambda flag: not flag.serious)


def _over_estimate(said: Figures) -> Flag | None:
    if said.contract and said.estimate and said.contract > said.estimate:
        text = _("中标价 %(a)s 元高于招标估算价 %(b)s 元。")
        return Flag(_("中标价高于估算价"), text % {"a": yuan(said.contract), "b": yuan(said.estimate)}, True)
    return None


def _low_bid(said: Figures) -> Flag | None:
    if said.contract and said.estimate and said.contract * 100 < said.estimate * 70:
        share = _share(said.contract, said.estimate)
        text = _("中标价 %(a)s 元，只有招标估算价的 %(share)s%%，请看报价说明。")
        return Flag(_("报价明显偏低"), text % {"a": yuan(said.contract), "share": share}, False)
    return None


def _debts_over_assets(said: Figures) -> Flag | None:
    if said.assets is not None and said.liabilities is not None and said.liabilities > said.assets:
        text = _("负债总额 %(a)s 元高于资产总额 %(b)s 元。")
        return Flag(_("资不抵债"), text % {"a": yuan(said.liabilities), "b": yuan(said.assets)}, True)
    return None


def _contract_over_revenue(said: Figures) -> Flag | None:
    if said.contract and said.revenue is not None and said.contract > said.revenue * 2:
        text = _("合同额 %(a)s 元，超过上年度营业收入 %(b)s 元的两倍。")
        return Flag(_("合同额远高于经营规模"), text % {"a": yuan(said.contract), "b": yuan(said.revenue)}, True)
    return None


def _larger_than_ever(said: Figures) -> Flag | None:
    if said.contract and said.largest is not None and said.contract > said.largest * 3:
        text = _("合同额 %(a)s 元，超过近三年最大合同额 %(b)s 元的三倍。")
        return Flag(_("远大于以往业绩"), text % {"a": yuan(said.contract), "b": yuan(said.largest)}, False)
    return None


def _largest_over_revenue(said: Figures) -> Flag | None:
    if said.largest and said.revenue is not None and said.largest > said.revenue * 3:
        text = _("近三年最大合同额 %(a)s 元，超过上年度营业收入 %(b)s 元的三倍，三年也做不完。")
        return Flag(_("业绩与营收不符"), text % {"a": yuan(said.largest), "b": yuan(said.revenue)}, False)
    return None


def _too_young(said: Figures) -> Flag | None:
    if said.founded is not None and said.done and (said.on - said.founded).days < 365:
        text = _("成立不满一年（%(day)s），资料里却有 %(n)s 个完工项目。")
        return Flag(_("业绩早于成立"), text % {"day": said.founded.isoformat(), "n": said.done}, True)
    return None


def _more_constructors_than_staff(said: Figures) -> Flag | None:
    if said.constructors is not None and said.staff is not None and said.constructors > said.staff:
        text = _("注册建造师 %(a)s 人，多于从业人数 %(b)s 人。")
        return Flag(_("人数不符"), text % {"a": said.constructors, "b": said.staff}, False)
    return None


LOOKS: tuple[Callable[[Figures], Flag | None], ...] = (
    _over_estimate, _debts_over_assets, _contract_over_revenue, _too_young, _low_bid, _larger_than_ever,
    _largest_over_revenue, _more_constructors_than_staff,
)  # fmt: skip


def figures_for(guarantee: Guarantee, at: datetime) -> Figures:
    """Return what application, record and project say of a case now."""
    today, project = local_day(at), guarantee.project
    record = {view.code: view.value for view in record_of(guarantee.applicant, on=today)}
    return figures_from(record, guarantee.amount, today, contract=project.contract_amount or project.award_amount,
                        estimate=project.estimate_amount)  # fmt: skip


def figures_from(
    record: Mapping[str, str], amount: int | None, on: date, *, contract: int | None = None, estimate: int | None = None
) -> Figures:
    """Return the figures of a record's values by code, as they stood on a day."""

    def number(code: str) -> int | None:
        text = record.get(code, "")
        return int(text) if text.removeprefix("-").isdecimal() else None

    founded = record.get("established_on", "")
    return Figures(
        amount=amount,
        contract=contract,
        estimate=estimate,
        revenue=number("last_year_revenue"),
        assets=number("total_assets"),
        liabilities=number("total_liabilities"),
        capital=number("registered_capital"),
        largest=number("largest_contract"),
        staff=number("staff_count"),
        constructors=number("constructor_count"),
        done=number("projects_done"),
        founded=date.fromisoformat(founded) if len(founded) == 10 else None,
        on=on,
    )


def _share(part: int | None, whole: int | None) -> Decimal | None:
    if part is None or not whole or whole < 0:
        return None
    return (Decimal(part) * 100 / whole).quantize(Decimal("0.01"))


def known_of(guarantee: Guarantee, said: Figures) -> dict[str, Decimal | int | str | None]:
    """Return the facts by their codes: amounts in 分. None: not known."""
    days = None
    if guarantee.effective_on is not None and guarantee.expires_on is not None:
        days = (guarantee.expires_on - guarantee.effective_on).days
    return known_from(said, str(guarantee.type.label), days)


def known_from(said: Figures, kind: str, days: int | None) -> dict[str, Decimal | int | str | None]:
    """Return the facts by their codes, of a case of this kind that runs so many days."""
    years = None
    if said.founded is not None:
        years = (Decimal((said.on - said.founded).days) / Decimal("365.25")).quantize(Decimal("0.1"))
    return {
        "debt_ratio": _share(said.liabilities, said.assets), "total_assets": said.assets, "revenue": said.revenue,
        "registered_capital": said.capital, "years": years, "staff_count": said.staff,
        "constructor_count": said.constructors, "projects_done": said.done, "largest_contract": said.largest,
        "kind": kind, "amount": said.amount, "days": days,
        "contract_share": _share(said.contract, said.revenue), "amount_share": _share(said.amount, said.revenue),
    }  # fmt: skip


def as_values(known: Mapping[str, Decimal | int | str | None]) -> dict[str, Value]:
    """Return facts as models take them: amounts in 万元."""
    values: dict[str, Value] = {}
    for code, value in known.items():
        if isinstance(value, str) or value is None:
            values[code] = value
        else:
            values[code] = float(value) / TEN_THOUSAND if code in MONEY else float(value)
    return values


def grade_risk(guarantee: Guarantee, *, cause: int | None, at: datetime) -> Score:
    """Grade a case for its guarantor: the house's rules are run and kept, its champion is asked. Worker only.

    Of one cause there is one score. Must run in a transaction, with the champion loaded before (scores.load_champion).
    """
    if cause is not None and (kept := Score.objects.filter(cause=cause).first()):
        return kept
    said = figures_for(guarantee, at)
    known = known_of(guarantee, said)
    today = local_day(at)
    subject = Subject(guarantee.reference, guarantee.applicant.name, guarantee.secret_until)
    facts = {
        code: Fact(Decimal(value) if code not in MONEY and isinstance(value, int) else value,
                   PURPOSE.types[code].source, today.isoformat())
        for code, value in known.items()
    }  # fmt: skip
    rules = []
    for version in in_force(guarantee.guarantor, PURPOSE.code, today):
        run = keep_run(version, facts, subject, by=SYSTEM, at=at)
        rules.append(RuleSaid(version.rule_set.name, version.number or 0, run.outcome, run.label, run.reference))
    values = as_values(known) | counted_now(guarantee, at)
    asked = Asked(values, flags_of(said), rules, today)
    return score_case(
        guarantee.guarantor, guarantee, guarantee.number or guarantee.reference, guarantee.applicant.name, asked,
        cause=cause, secret_until=guarantee.secret_until, by=SYSTEM, at=at,
    )  # fmt: skip
