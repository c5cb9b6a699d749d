"""The demo city's watch: odd applications in every standing, events of the sandbox sources, screenings."""

from datetime import datetime, timedelta
from typing import Any

from xinshu.accounts.demo import ENTERPRISE, ORGANISATIONS
from xinshu.accounts.models import Member, Organisation
from xinshu.core.actors import SYSTEM
from xinshu.core.clock import local_day
from xinshu.guarantees.models import Guarantee
from xinshu.rules.actions import Draft, activate_version, write_rules
from xinshu.rules.running import answer_run, prepared_of
from xinshu.rules.sources.asking import ask_sources
from xinshu.watch.actions import cases as acts
from xinshu.watch.actions.alerts import acknowledge_alert, handle_alert, set_alert_aside
from xinshu.watch.actions.events import Told, raise_alerts, take_event
from xinshu.watch.actions.rules import Wish, activate_rule, write_rule
from xinshu.watch.finding import Found, Proof
from xinshu.watch.models import Alert, Screening, WatchCase
from xinshu.watch.patterns import NOTE, WARN
from xinshu.watch.screening import PURPOSE, screen

NEWS = (
    # days ago  source          title
    (3,   "sandbox_court_events", "（2026）云0103执612号：被执行，执行标的 860 万元"),
    (2,   "sandbox_news",         "恒达路桥被执行，（2026）云0103执612号，标的 860 万元"),
    (20,  "sandbox_news",         "恒达路桥在建项目停工，供应商讨薪"),
    (70,  "sandbox_register_events", "股权出质登记，出质数额 1200 万元"),
    (5,   "sandbox_news",         "恒达路桥荣获优质工程奖"),
)  # fmt: skip
OTHERS = (
    (1,   "sandbox_court_events", "被列为失信被执行人，案号（2026）云0103执977号"),
    (9,   "sandbox_register_events", "被列入经营异常名录"),
    (33,  "sandbox_news",         "欠税公告：欠缴增值税 312 万元"),
)  # fmt: skip


def create_demo_watch(at: datetime) -> None:
    """Let the demo's first guarantor find, freeze, ask to thaw, be alerted and screen; all by the real actions."""
    people = {
        member.user.username: member
        for member in Member.objects.filter(user__username__in=("reviewer", "signer", "director")).select_related(
            "user", "organisation"
        )
    }
    _rules(people, at - timedelta(days=3))
    _cases(people, at)
    _alerts(people, at)
    _screenings(people, at - timedelta(hours=3))


def _rules(people: dict[str, Member], at: datetime) -> None:
    wish = Wish(on=True, grade=WARN, blocks=False, limits={"number": 15, "days": 7})
    activate_rule(write_rule("often_firm", wish, by=people["reviewer"], at=at), by=people["signer"], at=at)
    wish = Wish(on=True, grade=NOTE, blocks=False, limits={"percent": 15})
    write_rule("odd_amount", wish, by=people["reviewer"], at=at)


def _cases(people: dict[str, Member], at: datetime) -> None:
    """Open one case of each standing. No frozen one is about the demo's own enterprise: visitors apply as it."""
    house, reviewer = people["reviewer"].organisation, people["reviewer"]
    ours = Guarantee.objects.filter(guarantor=house, state="in_force").select_related("applicant", "project")
    firms: dict[int, Guarantee] = {}
    for case in ours.exclude(applicant__name=ENTERPRISE).order_by("pk"):
        firms.setdefault(case.applicant_id, case)
    cases = list(firms.values())[:4]
    if len(cases) < 2:
        return
    words = ("金额远低于法定限额", "转账凭证的付款人与申请人不符", "30 天内为多家企业提交", "提交前修改了 12 次")
    patterns = ("odd_amount", "odd_payer", "often_agent", "edited_often")
    opened: list[WatchCase] = []
    for number, case in enumerate(cases):
        proof = Proof(f"demo:{case.pk}", words[number], case.applicant_id, case.pk)
        found = Found(house.pk, case.applicant_id, patterns[number], f"demo:{case.pk}", (proof,))
        made = acts.take_up(found, at=at - timedelta(hours=30 - 4 * number))
        assert made is not None
        opened.append(made)
    then = at - timedelta(hours=2)
    frozen = acts.freeze_case(_now(opened[1]), reason="付款单位与申请人没有已知关系，先停。", by=reviewer, at=then)
    acts.propose_thaw(frozen, reason="已核实为母公司代付，取得说明。", by=reviewer, at=then + timedelta(hours=1))
    if len(opened) > 2:
        acts.freeze_case(_now(opened[2]), reason="同一经办人为多家企业办理，待核实。", by=reviewer, at=then)
    if len(opened) > 3:
        acts.dismiss_case(_now(opened[3]), reason="客户更正笔误，资料齐全。", by=reviewer, at=then)


def _now(case: WatchCase) -> WatchCase:
    return WatchCase.objects.select_related("house", "firm").get(pk=case.pk)


def _alerts(people: dict[str, Member], at: datetime) -> None:
    own = Organisation.objects.get(name=ENTERPRISE)
    others = Guarantee.objects.filter(guarantor=people["reviewer"].organisation, state="in_force").exclude(
        applicant=own
    )
    second = Organisation.objects.filter(pk__in=others.order_by().values("applicant")).order_by("pk").first()
    for firm, news in ((own, NEWS), (second, OTHERS)):
        for number, (days, source, title) in enumerate(news):
            if firm is None:
                continue
            told = Told(source, f"demo-{firm.pk}-{number}", title, at - timedelta(days=days, hours=2))
            raise_alerts(take_event(firm, told, by=SYSTEM, at=at - timedelta(hours=20 - number)), at=at)
    rows = Alert.objects.filter(house=people["reviewer"].organisation).select_related("house").order_by("pk")
    for number, alert in enumerate(rows):
        if number % 4 == 1:
            acknowledge_alert(alert, by=people["reviewer"], at=at)
        elif number % 4 == 2:
            handle_alert(alert, reason="已约谈企业，追加反担保。", by=people["reviewer"], at=at)
        elif number % 4 == 3:
            set_alert_aside(alert, reason="同名企业，与客户无关。", by=people["reviewer"], at=at)


def _rule(name: str, weight: str, fact: str, op: str, value: Any, note: str) -> dict[str, Any]:
    condition = {"fact": fact, "op": op, "values": [value]}
    return {"name": name, "weight": weight, "note": note, "on": True, "join": "all", "conditions": [condition]}


CONTENT: dict[str, Any] = {
    "form": "conditions",
    "rules": [
        _rule("欺诈评分", "ask", "fraud_score", "le", "70", "反欺诈评分偏高"),
        _rule("不是空壳企业", "stop", "shell_company", "eq", False, "疑似空壳企业"),
        _rule("同址注册企业不多", "ask", "shared_address", "le", "5", "同一地址注册的企业多"),
        _rule("登记存续", "stop", "standing", "eq", "存续", "企业已吊销或注销"),
        _rule("不在失信名单", "stop", "dishonest", "eq", False, "列入失信被执行人"),
    ],
}  # fmt: skip


def _screenings(people: dict[str, Member], at: datetime) -> None:
    draft = write_rules(
        "受理前初筛", PURPOSE.code, "conditions", Draft(CONTENT, local_day(at)), by=people["reviewer"], at=at
    )
    activate_version(draft, by=people["signer"], at=at)
    for number, firm in enumerate([one for one in ORGANISATIONS if one.kind == "enterprise"][:3]):
        then = at + timedelta(minutes=9 * number)
        screening: Screening = screen(firm.name, firm.uscc, by=people["reviewer"], at=then)
        for run in screening.runs.select_related("rule_set__owner", "rule_version__rule_set"):
            facts = ask_sources(run, run.rule_version.types, prepared_of(run.rule_version).facts, then)
            answer_run(run, facts, at=then)
