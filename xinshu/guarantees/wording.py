"""What a letter says, and what kind of promise its words make. No database, no clock.

Sources: 民法典 681-703, 最高人民法院关于审理独立保函纠纷案件若干问题的规定 (法释〔2016〕24号) Art. 1 and 3.
"""

import re
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from xinshu.core.capitals import capitals, read_capitals
from xinshu.core.money import yuan
from xinshu.core.refusals import Invalid, Refusal
from xinshu.guarantees.kinds import Nature

JOINT_WORDS = "连带责任保证"
DEMAND_WORDS = "见索即付"
_IN_WORDS = re.compile(r"人民币\s*[零壹贰叁肆伍陆柒捌玖][零壹贰叁肆伍陆柒捌玖拾佰仟万亿元圆角分整正]*")


@dataclass(frozen=True)
class Terms:
    """The facts that a letter is written from. Amount in 分; the names as they stand in the record on that day."""

    kind: str
    issuer_kind: str  # accounts.Organisation.Kind
    guarantor: str
    applicant: str
    beneficiary: str
    project: str
    project_number: str
    amount: int
    effective_on: date
    expires_on: date


@dataclass(frozen=True)
class Fault:
    """Something in a text that must be mended before the letter may be issued."""

    rule: str
    message: str


def clauses(terms: Terms) -> list[str]:
    """Return the paragraphs of the letter, in the form that fits the issuer: independent, surety, or insurance."""
    duty = (
        _("参加“%(project)s”（编号：%(number)s）投标")
        if terms.kind == "bid"
        else _("履行“%(project)s”（编号：%(number)s）合同")
    ) % {"project": terms.project, "number": terms.project_number or _("无")}
    ceiling = _("本保函的最高担保金额为人民币 %(figure)s 元（大写：%(words)s）。") % {
        "figure": yuan(terms.amount),
        "words": capitals(terms.amount),
    }
    opening = _("%(beneficiary)s：鉴于%(applicant)s（以下称申请人）%(duty)s，我方应申请人的请求出具本保函。") % {
        "beneficiary": terms.beneficiary,
        "applicant": terms.applicant,
        "duty": duty,
    }
    period = _(
        "本保函自 %(start)s 起生效，至 %(end)s 止。索赔应于该日营业结束前送达我方或经信枢平台提交，逾期本保函自动失效，"
        "是否退还原件不影响其失效。"
    ) % {"start": terms.effective_on.isoformat(), "end": terms.expires_on.isoformat()}
    return [opening, ceiling, _promise(terms), _events(terms.kind), period, _closing(terms.issuer_kind)]


def _promise(terms: Terms) -> str:
    if terms.issuer_kind == "bank":
        return _(
            "我方在此不可撤销地承诺：在收到贵方提交的书面索赔通知及说明申请人违约事由的声明后五个营业日内，"
            "在最高担保金额内见索即付，我方付款义务独立于基础交易。"
        )
    if terms.issuer_kind == "insurer":
        return _(
            "本保函为保证保险凭证。申请人不履行约定义务给贵方造成损失的，我方按照经备案的保险条款在保险金额内承担赔偿责任；"
            "情形复杂的，核定期限不超过三十日，达成赔偿协议后十日内支付。"
        )
    return _(
        "我方对申请人的前述债务在最高担保金额内承担连带责任保证。收到贵方书面索赔通知及证明申请人未履行义务的材料后，"
        "我方在核实后七个工作日内支付。未经我方书面同意，主合同加重债务的，我方对加重部分不承担保证责任。"
    )


def _events(kind: str) -> str:
    if kind == "bid":
        return _(
            "申请人有下列情形之一的，贵方可以索赔：投标截止后撤销投标文件；中标后无正当理由不与贵方订立合同；"
            "订立合同时提出附加条件；不按招标文件要求提交履约担保。"
        )
    return _("申请人不履行合同义务或者履行合同义务不符合约定的，贵方可以索赔。每次付款后最高担保金额相应减少。")


def _closing(issuer_kind: str) -> str:
    if issuer_kind == "bank":
        return _("本保函适用中华人民共和国法律及最高人民法院关于审理独立保函纠纷案件若干问题的规定，不得转让。")
    return _("本保函适用中华人民共和国民法典，未经我方书面同意不得转让。")


def demand_documents(terms: Terms) -> list[str]:
    """Return what the beneficiary must present with a demand (URDG 15; 法释〔2016〕24号 Art. 3)."""
    first = _("经贵方法定代表人或授权代表签字并加盖公章的书面索赔通知，写明索赔金额、收款账户和申请人违约的情形")
    if terms.issuer_kind == "bank":
        return [first]
    proof = (
        _("申请人不按约定参加投标或订立合同的证明材料") if terms.kind == "bid" else _("申请人未履行合同义务的证明材料")
    )
    return [first, proof]


def nature_of(issuer_kind: str, text: str) -> str:
    """Return the nature (kinds.Nature) that issuer and text make together.

    A guarantee company's on-demand text stays accessory: it is no 金融机构 in the sense of 法释〔2016〕24号 Art. 1 (the
    prevailing view; lint warns). Words for the way of suretyship missing: general surety (民法典 686).
    """
    if issuer_kind == "insurer":
        return Nature.INSURANCE
    states_maximum = "最高担保金额" in text or "最高金额" in text
    states_documents = "索赔通知" in text or "单据" in text
    if issuer_kind == "bank" and DEMAND_WORDS in text and states_documents and states_maximum:
        return Nature.INDEPENDENT
    return Nature.JOINT if JOINT_WORDS in text else Nature.GENERAL


def faults(terms: Terms, paragraphs: list[str]) -> list[Fault]:
    """Return what is wrong with the text of a letter: words of its nature, amount, expiry, one 大写 for one figure."""
    text = "".join(paragraphs)
    nature = nature_of(terms.issuer_kind, text)
    found = []
    if nature == Nature.GENERAL:
        found.append(
            Fault("wording.nature", _("没有写明保证方式，将被视为一般保证（民法典第686条）；应写明“连带责任保证”。"))
        )
    if terms.issuer_kind == "guarantor" and DEMAND_WORDS in text:
        found.append(
            Fault(
                "wording.demand",
                _("担保公司不是金融机构，“见索即付”字样通常不被认定为独立保函，请改用连带责任保证文本。"),
            )
        )
    if not re.search(rf"(?<![\d,.]){re.escape(yuan(terms.amount))}(?!\d)", text):
        found.append(
            Fault("wording.figure", _("函件没有写明担保金额 %(amount)s 元。") % {"amount": yuan(terms.amount)})
        )
    if amounts_in_words(text) != {terms.amount}:
        found.append(Fault("wording.capitals", _("函件的大写金额与小写金额不一致。")))
    if terms.expires_on.isoformat() not in text:
        found.append(Fault("wording.expiry", _("函件没有写明到期日，国内保函不写到期日和到期事件的不能出具。")))
    if terms.beneficiary not in text or terms.applicant not in text:
        found.append(Fault("wording.parties", _("函件没有写明受益人或申请人。")))
    return found


def amounts_in_words(text: str) -> set[int | None]:
    """Return every amount written out in 人民币大写, in 分, in any legal form; None for one not to be read."""
    return {_read(words) for words in _IN_WORDS.findall(text)}


def _read(words: str) -> int | None:
    try:
        return read_capitals(words)
    except Invalid:
        return None


class WordingFault(Refusal):
    """The letter cannot be issued as it reads."""

    title = "函件文本需要修改"
