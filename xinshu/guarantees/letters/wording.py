"""What a letter says, and what kind of promise its words make. No database, no clock.

Sources: 民法典 681-703, 最高人民法院关于审理独立保函纠纷案件若干问题的规定 (法释〔2016〕24号) Art. 1 and 3.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from xinshu.core.capitals import capitals, read_capitals
from xinshu.core.money import yuan
from xinshu.core.refusals import Invalid, Refusal
from xinshu.guarantees.kinds import KINDS, Kind, Nature
from xinshu.guarantees.letters.texts import REDUCTIONS, Text, filled, standard

JOINT_WORDS = "连带责任保证"
DEMAND_WORDS = "见索即付"
ON_DEMAND = "nature.on_demand"  # the warning (linting.py) that a house may answer for
# 法释〔2016〕24号 Art. 3: on demand; such rules; or independent of the deal beneath, against documents alone.
_INDEPENDENT = rf"{DEMAND_WORDS}|URDG\s*758|独立于基础.*相符交单"
_DENIED = re.compile(
    r"(?:不|非|不是|并非|不构成|不属于|不承担|不视为|不作为|不适用|不得)(?:任何|一切|所谓|其)?[“”‘’]?$"
)
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
    kind_number: int = 0  # the version of the type; 0: the present one
    drafted: Kind | None = None  # a type that is only being written: sample letters
    reductions: tuple[tuple[date, int], ...] = ()  # the schedule: day, by how much (分)
    text: Text | None = None  # the guarantor's own wording; None: the standard text of the type
    extras: Mapping[str, Any] = field(default_factory=dict)  # fields of the type (extras.py), by name


@dataclass(frozen=True)
class Fault:
    """Something in a text that must be mended before the letter may be issued."""

    rule: str
    message: str


def clauses(terms: Terms) -> list[str]:
    """Return the paragraphs of the letter: the house's own wording where it has one, else the standard text."""
    return filled(text_of(terms).paragraphs, values_of(terms))


def demand_documents(terms: Terms) -> list[str]:
    """Return what the beneficiary must present with a demand (URDG 15; 法释〔2016〕24号 Art. 3)."""
    return filled(text_of(terms).documents, values_of(terms))


def text_of(terms: Terms) -> Text:
    """Return the text that the letter is filled from."""
    return terms.text or standard(kind_of(terms), terms.issuer_kind)


def kind_of(terms: Terms) -> Kind:
    """Return the version of the type that the letter is written under."""
    return terms.drafted or KINDS.version_of(terms.kind, terms.kind_number)


def values_of(terms: Terms) -> dict[str, str]:
    """Return what comes into the places of a text: out of the case's data only, so that the two cannot differ."""
    return {
        "申请人": terms.applicant,
        "受益人": terms.beneficiary,
        "保证人": terms.guarantor,
        "项目": terms.project,
        "编号": terms.project_number or _("无"),
        "金额": yuan(terms.amount),
        "大写": capitals(terms.amount),
        "生效日": terms.effective_on.isoformat(),
        "到期日": terms.expires_on.isoformat(),
        REDUCTIONS: _falls(terms) if terms.reductions else "",
        **{extra.name: extra.told(terms.extras.get(extra.name)) for extra in kind_of(terms).fields},
    }


def _falls(terms: Terms) -> str:
    steps = "；".join(
        _("%(day)s 减少 %(amount)s 元") % {"day": on.isoformat(), "amount": yuan(amount)}
        for on, amount in terms.reductions
    )
    return _("最高担保金额按下列日期自动减少，无须另行通知：%(steps)s。") % {"steps": steps}


def nature_of(issuer_kind: str, text: str) -> str:
    """Return the nature (kinds.Nature) that issuer and text make together.

    A guarantee company's on-demand text stays accessory: it is no 金融机构 in the sense of 法释〔2016〕24号 Art. 1 (the
    prevailing view; lint warns). Words for the way of suretyship missing: general surety (民法典 686). What a text says
    it is not ("不构成连带责任保证") does not count.
    """
    if issuer_kind == "insurer":
        return Nature.INSURANCE
    states_maximum = "最高担保金额" in text or "最高金额" in text
    states_documents = "索赔通知" in text or "单据" in text
    if issuer_kind == "bank" and _says(_INDEPENDENT, text) and states_documents and states_maximum:
        return Nature.INDEPENDENT
    return Nature.JOINT if _says(JOINT_WORDS, text) else Nature.GENERAL


def said(pattern: str, text: str) -> Iterator[str]:
    """Yield what `text` says of `pattern`, without what it denies ("不构成…", "并非…")."""
    for found in re.finditer(pattern, text):
        if not _DENIED.search(text[: found.start()]):
            yield found[0]


def _says(pattern: str, text: str) -> bool:
    return next(said(pattern, text), None) is not None


def faults(terms: Terms, paragraphs: list[str]) -> list[Fault]:
    """Return what is wrong with the text of a letter: words of its nature, amount, expiry, one 大写 for one figure."""
    text = "".join(paragraphs)
    nature = nature_of(terms.issuer_kind, text)
    found = []
    if nature == Nature.GENERAL:
        found.append(
            Fault("wording.nature", _("没有写明保证方式，将被视为一般保证（民法典第686条）；应写明“连带责任保证”。"))
        )
    if terms.issuer_kind == "guarantor" and _says(DEMAND_WORDS, text) and ON_DEMAND not in text_of(terms).accepted:
        found.append(
            Fault(
                "wording.demand",
                _("担保公司不是金融机构，“见索即付”字样通常不被认定为独立保函，请改用连带责任保证文本。"),
            )
        )
    if unknown := sorted(text_of(terms).places - values_of(terms).keys()):
        names = "、".join(f"{{{name}}}" for name in unknown)
        found.append(Fault("wording.places", _("函件文本用了这笔申请没有的占位项：%(names)s。") % {"names": names}))
    if terms.reductions and _falls(terms) not in paragraphs:
        found.append(Fault("wording.reductions", _("约定了减额，函件文本没有写。")))
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
