"""风险初筛: the house's rules over data sources, asked of an applicant before a case is opened; every run is kept.

A screening asks all rule sets in force for this purpose and for 企业初筛 at once; the worker asks the sources. What
comes out changes no case: it is put before people, with met, unmet and unknown conditions and their evidence.
"""

import hashlib
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Prefetch, prefetch_related_objects
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.accounts.models import Member, Organisation
from xinshu.core.clock import local_day
from xinshu.core.refusals import Invalid, NotNow, NotPermitted
from xinshu.core.uscc import normalise
from xinshu.core.uscc import problems as problems_of
from xinshu.ledger.recording import record
from xinshu.rules.engine.answers import ASK, FAILS, MEETS, Answer
from xinshu.rules.engine.facts import NUMBER, TRUTH, FactType
from xinshu.rules.models import Run
from xinshu.rules.purposes import Purpose, register_purpose
from xinshu.rules.replaying import replayed
from xinshu.rules.running import ask_about, in_force
from xinshu.rules.screening import SCREENING as FIRMS
from xinshu.rules.sources.protocol import register_source
from xinshu.rules.sources.sandbox import COURTS, REGISTRY, TAX, SandboxSource
from xinshu.watch.lifecycle import SCREEN
from xinshu.watch.models import Screening


def _fraud_values(number: int, _today: date) -> dict[str, Any]:
    """Draw what an anti-fraud service says of a firm."""
    drawn = hashlib.sha256(f"fraud{number}".encode()).digest()
    return {
        "fraud_score": str(drawn[0] * 100 // 256), "shell_company": drawn[1] % 13 == 0,
        "shared_address": str(drawn[2] % 9), "recent_queries": str(drawn[3] % 15),
    }  # fmt: skip


ANTI_FRAUD = register_source(
    SandboxSource(
        "sandbox_antifraud", lazy("反欺诈（沙箱）"),
        ("fraud_score", "shell_company", "shared_address", "recent_queries"), _fraud_values,
    )
)  # fmt: skip
PURPOSE = register_purpose(
    Purpose(
        "applicant_screening",
        lazy("风险初筛"),
        lazy("受理前对申请人的反欺诈和信用初筛，结论供本机构参考。"),
        (
            #        code              what people call it          type    who says it
            FactType("fraud_score",    lazy("欺诈评分"),            NUMBER, ANTI_FRAUD.code, " 分"),
            FactType("shell_company",  lazy("疑似空壳企业"),        TRUTH,  ANTI_FRAUD.code),
            FactType("shared_address", lazy("同址注册企业"),        NUMBER, ANTI_FRAUD.code, " 家"),
            FactType("recent_queries", lazy("三十天内被查询"),      NUMBER, ANTI_FRAUD.code, " 次"),
            *FIRMS.facts,
        ),
        {source.code: source.label for source in (ANTI_FRAUD, REGISTRY, COURTS, TAX)},
        by_hand=True,
    )
)  # fmt: skip
PURPOSES = (PURPOSE.code, FIRMS.code)
RUNS = Prefetch("runs", Run.objects.select_related("rule_set", "rule_version__rule_set").order_by("pk"))


@transaction.atomic
def screen(name: str, uscc: str, *, by: Member, at: datetime) -> Screening:
    """Ask every rule set in force for screening about a firm. Raises Invalid, NotNow, NotPermitted."""
    house = by.organisation
    if not by.can(SCREEN) or house.kind not in Organisation.ISSUERS:
        raise NotPermitted(_("您没有发起风险初筛的权限。"), advice=_("需要办理的，请联系本机构管理员开通。"))
    code, name = normalise(uscc), name.strip()
    problems = {}
    if wrong := problems_of(code):
        problems["uscc"] = "".join(wrong[:3])
    if not 2 <= len(name) <= 120:
        problems["name"] = _("填 2 到 120 个字")
    if problems:
        raise Invalid(_("没有发起初筛，请修改标出的内容。"), advice=_("已填写的内容都在。"), fields=problems)
    versions = [version for purpose in PURPOSES for version in in_force(house, purpose, local_day(at))]
    if not versions:
        raise NotNow(_("本机构还没有启用的初筛规则。"), advice=_("请在“规则”里新建用途为“风险初筛”的规则集并启用。"))
    firm = Organisation.objects.filter(uscc=code).first()
    made = Screening.objects.create(house=house, firm=firm, uscc=code, name=name, asked_by=by.actor_label[:200], at=at)
    made.runs.add(*[ask_about(version.rule_set, code, name, by=by, at=at) for version in versions])
    record("watch_screening.asked", made, by=by, at=at, sets=len(versions))
    return made


@dataclass(frozen=True)
class Line:
    """One condition with its answer, and the run that it belongs to."""

    run: Run
    answer: Answer


@dataclass(frozen=True)
class Outcome:
    """What a screening found: `verdict` MEETS, FAILS, ASK, "" while the sources are being asked."""

    verdict: str
    unmet: tuple[Line, ...] = ()
    unknown: tuple[Line, ...] = ()
    met: tuple[Line, ...] = ()
    runs: tuple[Run, ...] = ()
    asking: int = 0


def outcome_of(screening: Screening, *, whole: bool = True) -> Outcome:
    """Return what came out. The worst run decides; what is unknown goes to a person. `whole`: with every condition."""
    prefetch_related_objects([screening], RUNS)  # a list has read them for all of its rows
    runs = tuple(screening.runs.all())
    asking = sum(run.state == "asking" for run in runs)
    verdict = "" if asking else worst(run.outcome for run in runs)
    if not whole:
        return Outcome(verdict, runs=runs, asking=asking)
    lines = [
        Line(run, answer)
        for run in runs
        if run.state == "kept" and run.rule_set.form == "conditions"  # rows and points are told as the set's outcome
        for answer in replayed(run).result.answers
    ]
    return Outcome(
        verdict,
        tuple(line for line in lines if line.answer.truth is False),
        tuple(line for line in lines if line.answer.truth is None),
        tuple(line for line in lines if line.answer.truth is True),
        runs,
        asking,
    )


def worst(outcomes: Any) -> str:
    """Return the outcome that counts of several."""
    told = set(outcomes)
    return next((one for one in (FAILS, ASK, MEETS) if one in told), ASK)
