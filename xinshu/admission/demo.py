"""The demo city: a guarantor marks, asks and admits; its firms have something to answer."""

from datetime import datetime, timedelta
from typing import Any

from xinshu.accounts.demo import ENTERPRISE
from xinshu.accounts.models import Member, Organisation
from xinshu.admission.actions.gates import Plan, match, put_on, write_gate
from xinshu.admission.actions.questionnaires import activate_version, write_next, write_questionnaire
from xinshu.admission.actions.sheets import begin_sheet, hand_in_sheet, send_questionnaire
from xinshu.admission.actions.tags import Wanted, give_tag, write_tag
from xinshu.admission.models import DAILY, FIRM, MONTHLY, ON_CHANGE, VEHICLE, Questionnaire
from xinshu.admission.purposes import PURPOSES, RATIO, code_of, tag_code
from xinshu.admission.questions import DATE, FILE, MONEY, SEVERAL, SINGLE, Question
from xinshu.admission.shelves import wares_of
from xinshu.core.clock import local_day
from xinshu.enterprises.importing.actions import prepare_import
from xinshu.enterprises.models import Relation
from xinshu.rules.actions import Draft, write_rules
from xinshu.rules.actions import activate_version as activate_rules
from xinshu.rules.models import RuleSet

WAN = 1_000_000  # 分
FAST, WAGES = "预付款快保", "薪安保（农民工工资）"  # the products that are gated


def _is(fact: str, op: str, *values: Any) -> dict[str, Any]:
    return {"fact": fact, "op": op, "values": list(values)}


def _rule(name: str, weight: str, *conditions: dict[str, Any], note: str = "", join: str = "all") -> dict[str, Any]:
    return {"name": name, "weight": weight, "note": note, "on": True, "join": join, "conditions": list(conditions)}


FIRM_QUESTIONS = (
    Question("", "在建项目个数", "number", unit=" 个", required=True),
    Question("", "最近一次缴纳社保的日期", DATE, required=True),
    Question("", "主要承接的工程", SEVERAL, ("市政", "公路", "房建", "水利", "园林")),
    Question("", "是否接受履约过程视频抽查", SINGLE, ("接受", "不接受"), required=True),
    Question("", "对外担保余额", MONEY),
    Question("", "最近一期审计报告", FILE),
)
VEHICLE_QUESTIONS = (
    Question("", "车辆类型", SINGLE, ("摊铺机", "压路机", "自卸车", "其他"), required=True),
    Question("", "购置价格", MONEY, required=True),
    Question("", "登记日期", DATE, required=True),
)


class _City:
    def __init__(self, at: datetime) -> None:
        found = Member.objects.filter(user__username__in=("reviewer", "signer", "applicant", "manager"))
        people = {one.user.username: one for one in found.select_related("user", "organisation").order_by("-pk")}
        self.at, self.then = at, at - timedelta(hours=18)
        self.writer, self.second, self.clerk = people["reviewer"], people["signer"], people["applicant"]
        self.house = self.writer.organisation

    def asked(self, name: str, subject: str, questions: tuple[Question, ...]) -> Questionnaire:
        version = write_questionnaire(name, subject, questions, by=self.writer, at=self.then)
        return activate_version(version, by=self.second, at=self.then).questionnaire

    def ruled(self, name: str, subject: str, *rules: dict[str, Any]) -> RuleSet:
        draft = Draft({"form": "conditions", "rules": list(rules)}, local_day(self.then))
        version = write_rules(name, PURPOSES[subject].code, "conditions", draft, by=self.writer, at=self.then)
        return activate_rules(version, by=self.second, at=self.then).rule_set

    def tag(self, name: str, rhythm: str, *conditions: dict[str, Any], note: str = "", days: int | None = None) -> str:
        rule = {"join": "all", "conditions": list(conditions)} if conditions else {}
        wanted = Wanted(name, note, self.writer, rhythm, rule, days)
        return tag_code(write_tag(wanted, by=self.writer, at=self.then))


def create_demo_admission(at: datetime) -> None:
    """Make tags of every origin, two questionnaires with answers and one to answer, gates before two products."""
    city = _City(at)
    firm = city.asked("工程企业补充信息", FIRM, FIRM_QUESTIONS)
    vehicle = city.asked("施工车辆信息", VEHICLE, VEHICLE_QUESTIONS)
    able = city.tag(
        "注册资本三千万以上", ON_CHANGE, _is("registered_capital", "ge", 3_000 * WAN), note="按企业资料认定"
    )
    city.tag("负债稳健", DAILY, _is(RATIO, "le", "65"), note="报表资产负债率不超过 65%", days=400)
    city.tag("纳税信用良好", MONTHLY, _is("src_tax_grade", "in", "A", "B"), note="按税务数据认定", days=90)
    _give(city)
    _answer_firm(city, firm)
    _gates(city, firm, vehicle, able)
    table = f"企业名称,从业人数,注册建造师人数,施工资质\n{ENTERPRISE},192,26,公路工程施工总承包壹级\n"
    prepare_import(table.encode(), "三季度人员更新.csv", by=city.writer, at=city.then)
    present = firm.present()
    assert present is not None
    accidents = Question("", "近三年有无安全事故", SINGLE, ("有", "没有"))
    firm = Questionnaire.objects.get(pk=firm.pk)  # the draft stays one: its writer cannot activate it
    write_next(firm, (*present.questions, accidents), by=city.writer, at=at)


def _give(city: _City) -> None:
    key = write_tag(Wanted("重点服务客户", "由客户经理推荐", city.writer, valid_days=365), by=city.writer, at=city.then)
    for relation in Relation.objects.filter(guarantor=city.house).select_related("enterprise__organisation")[:2]:
        firm: Organisation = relation.enterprise.organisation
        give_tag(key, firm, reason="近三年履约良好，年度会议确定", by=city.writer, at=city.then)


def _answer_firm(city: _City, questionnaire: Questionnaire) -> None:
    """Have two other customers asked; the demo's own firm finds its sheet open."""
    customers = Relation.objects.filter(guarantor=city.house).select_related("enterprise__organisation").order_by("pk")
    firms = [relation.enterprise.organisation for relation in customers[:4]]
    firms = [one for one in firms if one.name != ENTERPRISE] + [city.clerk.organisation]
    due = local_day(city.at) + timedelta(days=14)
    send_questionnaire(questionnaire, firms, due_on=due, by=city.writer, at=city.then)


def _gates(city: _City, firm: Questionnaire, vehicle: Questionnaire, able: str) -> None:
    offered = {ware.name: ware for _shelf, ware in wares_of(city.house, city.at) if ware.offered}
    if not offered.keys() >= {FAST, WAGES}:
        return
    fast, last = offered[FAST], offered[WAGES]
    rules = city.ruled(
        "快保准入", FIRM,
        _rule("注册资本", "stop", _is("registered_capital", "ge", 1_000 * WAN)),
        _rule("成立满三年", "ask", _is("established_on", "older_days", "1095")),
        _rule("资产负债率", "ask", _is(RATIO, "le", "50"), note="负债偏高的由人审批"),
        _rule("规模", "ask", _is(able, "eq", True), _is("staff_count", "ge", "200"), join="any"),
        _rule("社保按月缴纳", "ask", _is(code_of(firm, "k2"), "within_days", "45")),
    )  # fmt: skip
    gate = put_on(
        write_gate(Plan(fast.reference, FIRM, rules, firm), by=city.writer, at=city.then), by=city.second, at=city.then
    )
    match(gate, city.clerk.organisation, by=city.clerk, at=city.then + timedelta(hours=2))
    cars = city.ruled(
        "设备车辆准入", VEHICLE,
        _rule("购置价格", "stop", _is(code_of(vehicle, "k2"), "ge", 80 * WAN)),
        _rule("车龄", "ask", _is(code_of(vehicle, "k3"), "within_days", "2920")),
    )  # fmt: skip
    gate = put_on(
        write_gate(Plan(fast.reference, VEHICLE, cars, vehicle), by=city.writer, at=city.then), by=city.second,
        at=city.then,
    )  # fmt: skip
    sheet = begin_sheet(gate, "云A·7K315", by=city.clerk, at=city.then)
    told = {"k1": "摊铺机", "k2": "685,000.00", "k3": "2021-03-08"}
    hand_in_sheet(sheet, told, {}, by=city.clerk, at=city.then + timedelta(minutes=5))
    match(gate, city.clerk.organisation, "云A·7K315", by=city.clerk, at=city.then + timedelta(minutes=6))
    write_gate(Plan(last.reference, FIRM, rules, firm, shows_unmet=False), by=city.writer, at=city.at)
