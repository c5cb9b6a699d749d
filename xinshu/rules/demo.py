"""The demo city's rules: a guarantor screens firms by three forms, and has a rule set of its own for admission."""

from datetime import datetime, timedelta
from typing import Any

from xinshu.accounts.demo import ORGANISATIONS
from xinshu.accounts.models import Member
from xinshu.core.clock import local_day
from xinshu.rules.actions import Draft, activate_version, write_rules, write_version
from xinshu.rules.engine.answers import ASK, FAILS, MEETS
from xinshu.rules.models import RuleVersion
from xinshu.rules.running import answer_run, ask_about, prepared_of
from xinshu.rules.sources.asking import ask_sources
from xinshu.rules.trying import try_on_history

FIRMS = "firm_screening"


def _is(fact: str, op: str, *values: Any, **more: Any) -> dict[str, Any]:
    return {"fact": fact, "op": op, "values": list(values), **more}


def _rule(name: str, weight: str, *conditions: dict[str, Any], note: str = "", **more: Any) -> dict[str, Any]:
    said = {"name": name, "weight": weight, "note": note, "on": True, **more}
    return said if "expression" in more else {**said, "join": "all", "conditions": list(conditions)}


def _screening(most_debt: str) -> dict[str, Any]:
    return {
        "form": "conditions",
        "rules": [
            _rule("登记存续", "stop", _is("standing", "eq", "存续"), note="企业已吊销或注销"),
            _rule("不在失信名单", "stop", _is("dishonest", "eq", False), note="列入失信被执行人"),
            _rule("资产负债率", "ask", _is("debt_ratio", "le", most_debt), note="负债偏高，看最近一期报表"),
            _rule("成立满一年或注册资本较高", "ask", expression="今天 - 成立日期 >= 365 或 注册资本 >= 5000万元"),
        ],
    }


GRADES: dict[str, Any] = {
    "form": "table", "hit": "first", "inputs": ["tax_grade", "lawsuits"],
    "rows": [
        {"cells": [{"op": "in", "values": ["A", "B"]}, {"op": "le", "values": ["2"]}], "outcome": MEETS,
         "label": "优先"},
        {"cells": [{"op": "in", "values": ["A", "B", "M"]}, None], "outcome": MEETS, "label": "一般"},
        {"cells": [{"op": "eq", "values": ["C"]}, None], "outcome": ASK, "label": "关注"},
        {"cells": [None, None], "outcome": FAILS, "label": "回避"},
    ],
}  # fmt: skip
CARD: dict[str, Any] = {
    "form": "scorecard", "base": 40,
    "items": [
        {"name": "负债", "fact": "debt_ratio", "bins": [
            {"test": {"op": "le", "values": ["50"]}, "points": 30, "reason": ""},
            {"test": {"op": "le", "values": ["70"]}, "points": 10, "reason": "负债偏高"},
            {"test": None, "points": -20, "reason": "负债过高"}]},
        {"name": "诉讼", "fact": "lawsuits", "bins": [
            {"test": {"op": "eq", "values": ["0"]}, "points": 20, "reason": ""},
            {"test": {"op": "le", "values": ["3"]}, "points": 5, "reason": "有未结诉讼"},
            {"test": None, "points": -15, "reason": "未结诉讼多"}]},
        {"name": "经营异常", "fact": "abnormal", "bins": [
            {"test": {"op": "eq", "values": [True]}, "points": -30, "reason": "列入经营异常名录"},
            {"test": None, "points": 10, "reason": ""}]},
    ],
    "bands": [{"least": 0, "label": "C", "outcome": FAILS}, {"least": 40, "label": "B", "outcome": ASK},
              {"least": 60, "label": "A", "outcome": MEETS}],
}  # fmt: skip
ADMISSION: dict[str, Any] = {
    "form": "conditions",
    "rules": [
        _rule("单笔金额", "ask", _is("amount", "le", 500_000_000_00), note="超过 5 亿元，须集体审议"),
        _rule("保函期限", "ask", _is("days", "le", "3650"), note="超过十年"),
    ],
}  # fmt: skip


def create_demo_rules(at: datetime) -> None:
    """Write, activate and run the rules of the demo's first guarantor; leave a tried draft that waits for a second."""
    people = {
        member.user.username: member
        for member in Member.objects.filter(user__username__in=("reviewer", "signer")).select_related(
            "user", "organisation"
        )
    }
    writer, second = people["reviewer"], people["signer"]
    then = at - timedelta(hours=20)

    def active(name: str, purpose: str, content: dict[str, Any]) -> RuleVersion:
        draft = Draft(content, local_day(then))
        return activate_version(
            write_rules(name, purpose, content["form"], draft, by=writer, at=then), by=second, at=then
        )

    active("承保准入", "guarantee_admission", ADMISSION)
    versions = [
        active(name, FIRMS, content)
        for name, content in (("企业初筛", _screening("75")), ("纳税与诉讼分档", GRADES), ("企业评分卡", CARD))
    ]
    firms = [firm for firm in ORGANISATIONS if firm.kind == "enterprise"]
    for number, firm in enumerate(firms):
        for version in versions:
            asked_at = then + timedelta(minutes=10 + 7 * number)
            run = ask_about(version.rule_set, firm.uscc, firm.name, by=writer, at=asked_at)
            facts = ask_sources(run, version.types, prepared_of(version).facts, asked_at)
            answer_run(run, facts, at=asked_at)
    versions[0].rule_set.refresh_from_db()
    draft = write_version(versions[0].rule_set, Draft(_screening("45"), local_day(at)), by=writer, at=at)
    try_on_history(draft, by=writer, at=at)
