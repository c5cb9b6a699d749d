"""The demo city's credit: cards of both sides that hold and a draft with its effect, behaviours, lists, an appeal."""

from copy import deepcopy
from datetime import datetime, timedelta

from xinshu.accounts.demo import ENTERPRISE, GUARANTOR
from xinshu.accounts.models import Member, Organisation
from xinshu.core.clock import local_day
from xinshu.credit.actions.appeals import raise_appeal
from xinshu.credit.actions.behaviours import correct_behaviour, record_behaviour, record_of
from xinshu.credit.actions.cards import activate_card, write_card
from xinshu.credit.actions.lists import Wanted, confirm_entry, propose_entry
from xinshu.credit.effects import measure
from xinshu.credit.kinds import APPLICANT, SIDES
from xinshu.credit.kinds import GUARANTOR as HOUSES
from xinshu.credit.scores import open_records, refresh_all
from xinshu.credit.standard import STANDARD
from xinshu.enterprises.models import Enterprise

PAPER = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\nstartxref\n9\n%%EOF\n"


def create_demo_credit(at: datetime) -> None:
    """Make sure that the libraries have something to show. A second operator activates what the first one wrote."""
    first = Member.objects.select_related("user", "organisation").get(user__username="operator")
    second = Member.objects.select_related("user", "organisation").get(user__username="operator2")
    open_records(APPLICANT, list(Enterprise.objects.values_list("organisation", flat=True)))
    issuers = Organisation.objects.filter(kind__in=Organisation.ISSUERS)
    open_records(HOUSES, list(issuers.values_list("pk", flat=True)))
    begun = at - timedelta(days=400)
    for side in SIDES:
        card = write_card(side, STANDARD[side], by=second, at=begun)
        measure(card, by=second, at=begun)
        activate_card(card, by=first, at=begun)
    firms = {one.name: one for one in Organisation.objects.filter(kind="enterprise")}
    rows = (
        #  who                            what                 days ago  document
        (ENTERPRISE,                      "contract_honoured", 210,      "云建表彰〔2026〕12 号"),
        ("云州市政建设集团有限公司",      "contract_honoured", 90,       "云建表彰〔2026〕31 号"),
        ("云州远拓机电安装有限公司",      "false_papers",      160,      "云建罚决〔2026〕8 号"),
        ("云州青禾园林景观有限公司",      "baseless_claim",    120,      "（2026）云01民终218号"),
    )  # fmt: skip
    for name, kind, ago, document in rows:
        then = at - timedelta(days=ago)
        record_behaviour(
            record_of(firms[name], APPLICANT), kind, local_day(then), document=document, note="",
            upload=(PAPER, "文书.pdf"), by=second, at=then,
        )  # fmt: skip
    wrong = record_behaviour(
        record_of(firms[ENTERPRISE], APPLICANT), "baseless_claim", local_day(at) - timedelta(days=75),
        document="（2026）云01民初77号", note="一审认定", upload=(PAPER, "一审判决书.pdf"), by=second,
        at=at - timedelta(days=70),
    )  # fmt: skip
    correct_behaviour(wrong, "", None, reason="二审撤销一审判决", by=second, at=at - timedelta(days=20))
    house = Organisation.objects.get(name=GUARANTOR)
    record_behaviour(
        record_of(house, HOUSES), "overturned", local_day(at) - timedelta(days=130),
        document="（2026）云01民终301号", note="", upload=(PAPER, "判决书.pdf"), by=second, at=at - timedelta(days=128),
    )  # fmt: skip
    bad = firms["云州远拓机电安装有限公司"]
    today = local_day(at)
    city = Wanted(bad, APPLICANT, "black", "block", "投标材料造假被处罚", "云建罚决〔2026〕8 号", today,
                  today + timedelta(days=365))  # fmt: skip
    confirm_entry(propose_entry(city, by=second, at=at), by=first, at=at)
    red = Wanted(firms[ENTERPRISE], APPLICANT, "red", "favour", "守合同重信用企业", "云建表彰〔2026〕12 号", today,
                 today + timedelta(days=730))  # fmt: skip
    confirm_entry(propose_entry(red, by=second, at=at), by=first, at=at)
    _mark(firms, second, first, at)
    reviewer = Member.objects.select_related("user", "organisation").get(user__username="reviewer")
    grey = Wanted(firms["云州青禾园林景观有限公司"], APPLICANT, "grey", "ask", "近期涉诉，逐笔看", "回访记录", today,
                  today + timedelta(days=180))  # fmt: skip
    propose_entry(grey, by=reviewer, at=at)
    applicant = Member.objects.select_related("user", "organisation").get(user__username="applicant")
    for side in SIDES:
        refresh_all(side, at)
    own = record_of(applicant.organisation, APPLICANT)
    raise_appeal(own, None, text="近两年没有发生代偿，履约维度的得分偏低，请核对有没有漏记。", by=applicant, at=at)
    draft = deepcopy(STANDARD[APPLICANT])
    draft["dimensions"][0]["weight"], draft["dimensions"][2]["weight"] = 35, 30
    measure(write_card(APPLICANT, draft, by=second, at=at), by=second, at=at)


MARKED = (
    # who                         list      reason                          evidence
    (ENTERPRISE,                  "key",    "临港新区路网工程总承包单位",   "云建〔2026〕15 号"),
    ("云州市政建设集团有限公司",  "key",    "承担全市应急抢险任务",         "云建〔2026〕15 号"),
    ("云州市政建设集团有限公司",  "top100", "2025 年度建筑业百强第 12 位",  "云建协〔2026〕3 号"),
    (ENTERPRISE,                  "top100", "2025 年度建筑业百强第 38 位",  "云建协〔2026〕3 号"),
    ("云州华川建筑工程有限公司",  "core",   "装配式建筑骨干企业",           "云建〔2026〕22 号"),
    ("云州数联信息技术有限公司",  "core",   "智慧工地骨干企业",             "云建〔2026〕22 号"),
    ("云州远拓机电安装有限公司",  "odd",    "登记的住所无法联系",           "云市监异〔2026〕41 号"),
)  # fmt: skip


def _mark(firms: dict[str, Organisation], by: Member, second: Member, at: datetime) -> None:
    """Put firms on the lists of key, top-100, backbone and abnormal firms: one proposes, another confirms."""
    today = local_day(at)
    for name, colour, reason, evidence in MARKED:
        if name in firms:
            wanted = Wanted(
                firms[name], APPLICANT, colour, "mark", reason, evidence, today, today + timedelta(days=365)
            )  # fmt: skip
            confirm_entry(propose_entry(wanted, by=by, at=at), by=second, at=at)
