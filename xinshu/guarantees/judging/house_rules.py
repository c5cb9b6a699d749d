"""承保准入: the house's own rule sets, asked as a source of every review, kept as runs with every decision.

The review sees one answer per rule set. Its rules, facts and evidence are the house's business: they stand in its run
log (规则运行日志), not in the decision record that the applicant reads, too.
"""

from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.core.actors import Actor
from xinshu.core.clock import local_day
from xinshu.credit.queries import standing_of
from xinshu.guarantees.facts import facts_of
from xinshu.guarantees.judging.sources import register_source
from xinshu.guarantees.law.findings import APPROVAL, FAILS, MEETS, UNKNOWN, Finding
from xinshu.guarantees.models import Guarantee
from xinshu.rules.engine.answers import ASK, OUTCOMES
from xinshu.rules.engine.answers import FAILS as REFUSES
from xinshu.rules.engine.answers import MEETS as PASSES
from xinshu.rules.engine.facts import AMOUNT, NUMBER, TEXT, TRUTH, Fact, FactType, Value
from xinshu.rules.models import RuleVersion
from xinshu.rules.purposes import Purpose, register_purpose
from xinshu.rules.running import Subject, decide, in_force, keep_run

PURPOSE = register_purpose(
    Purpose(
        "guarantee_admission",
        lazy("承保准入"),
        lazy("自动审查时询问：不通过的不能批准，转人工的由人审批。"),
        (
            #        code               what people call it          type    who says it
            FactType("amount",          lazy("保函金额"),            AMOUNT, "application"),
            FactType("kind",            lazy("保函类型"),            TEXT,   "application"),
            FactType("days",            lazy("保函天数"),            NUMBER, "application", " 天"),
            FactType("base_share",      lazy("保函金额占基数"),      NUMBER, "application", "%"),
            FactType("region",          lazy("项目所在地代码"),      TEXT,   "project"),
            FactType("verified",        lazy("申请人身份已核验"),    TRUTH,  "registration"),
            FactType("record_complete", lazy("企业资料齐全有效"),    TRUTH,  "record"),
            FactType("line_available",  lazy("可用授信额度"),        AMOUNT, "line"),
            FactType("credit_score",    lazy("信用分"),              NUMBER, "credit"),
            FactType("credit_band",     lazy("信用等级"),            TEXT,   "credit"),
            FactType("on_black_list",   lazy("在黑名单上"),          TRUTH,  "credit"),
            FactType("on_grey_list",    lazy("在灰名单上"),          TRUTH,  "credit"),
            FactType("on_red_list",     lazy("在红名单上"),          TRUTH,  "credit"),
        ),
        {
            "application": lazy("申请"), "project": lazy("工程项目登记"), "registration": lazy("机构注册核验"),
            "record": lazy("企业资料库"), "line": lazy("授信额度台账"),
            "credit": lazy("信用库"),
        },
    )
)  # fmt: skip
VERDICTS = {PASSES: MEETS, REFUSES: FAILS, ASK: UNKNOWN}


def facts_for(guarantee: Guarantee, at: datetime) -> dict[str, Fact]:
    """Return what the house's rules may know of an application. What nobody said is not known."""
    known, today = facts_of(guarantee, at), local_day(at).isoformat()
    share = None
    if known.base_amount:
        share = (Decimal(known.amount) * 100 / known.base_amount).quantize(Decimal("0.01"))
    days = None
    if known.effective_on is not None and known.expires_on is not None:
        days = Decimal((known.expires_on - known.effective_on).days)
    record, entries = standing_of(guarantee.applicant, guarantee.guarantor_id, at)
    colours = {entry.colour for entry in entries}
    score = None if record is None else record.score
    values: dict[str, Value] = {
        "amount": known.amount,
        "kind": str(guarantee.type.label),
        "days": days,
        "base_share": share,
        "region": guarantee.project.region_code or None,
        "verified": known.applicant_verified,
        "record_complete": not (known.missing_fields or known.stale_fields),
        "line_available": known.line_available,
        "credit_score": None if score is None else Decimal(score),
        "credit_band": (record.band if record else "") or None,
        "on_black_list": "black" in colours,
        "on_grey_list": "grey" in colours,
        "on_red_list": "red" in colours,
    }
    return {code: Fact(value, PURPOSE.types[code].source, today) for code, value in values.items()}


@register_source("house_rules", lazy("本机构承保准入规则"))
def ask_house_rules(guarantee: Guarantee, at: datetime) -> Iterator[Finding]:
    """Say one answer per rule set that the guarantor has in force for this."""
    versions = in_force(guarantee.guarantor, PURPOSE.code, local_day(at))
    if versions:
        facts = facts_for(guarantee, at)
        for version in versions:
            yield _finding(version, decide(version, facts, local_day(at)).outcome)


def _finding(version: RuleVersion, outcome: str) -> Finding:
    words = _("“%(name)s” V%(number)s：%(outcome)s。")
    told = words % {"name": version.rule_set.name, "number": version.number, "outcome": OUTCOMES[outcome]}
    rule = f"house.{version.rule_set.reference}"
    return Finding(rule, _("承保准入规则"), VERDICTS[outcome], told, stops=APPROVAL)


def keep_house_runs(guarantee: Guarantee, *, by: Actor, at: datetime) -> None:
    """Keep the runs behind a decision. Must run in the transaction of the act that decided."""
    versions = in_force(guarantee.guarantor, PURPOSE.code, local_day(at))
    if versions:
        facts = facts_for(guarantee, at)
        subject = Subject(guarantee.reference, guarantee.applicant.name, guarantee.secret_until)
        for version in versions:
            keep_run(version, facts, subject, by=by, at=at)
