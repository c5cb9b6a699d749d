"""The text of a letter as it is written before data are filled in (函件文本): paragraphs and papers with places. Pure.

A guarantor's own wording, the platform's, and the standard text built from the clause library all have this one shape
and are filled by one function, so that what is previewed is what is issued.
"""

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinshu.guarantees.kinds import Kind

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

REDUCTIONS = "约定减额"  # a paragraph of its own: it falls away where nothing was agreed
PLACES: dict[str, "StrOrPromise"] = {  # of every letter, besides the fields of its type
    "申请人": gettext_lazy("申请人名称"),
    "受益人": gettext_lazy("受益人名称"),
    "保证人": gettext_lazy("保证人名称"),
    "项目": gettext_lazy("项目名称"),
    "编号": gettext_lazy("项目编号"),
    "金额": gettext_lazy("保函金额，小写"),
    "大写": gettext_lazy("保函金额，大写，带“人民币”"),
    "生效日": gettext_lazy("担保期限的第一天"),
    "到期日": gettext_lazy("担保期限的最后一天"),
    REDUCTIONS: gettext_lazy("约定的减额，单独成段；没有约定时整段不印"),
}
REQUIRED = ("申请人", "受益人", "金额", "大写", "生效日", "到期日")
PLACE = re.compile(r"\{([^{}]*)\}")
FORM_OF = {"bank": "independent", "insurer": "insurance"}  # by the issuer's kind; everybody else: accessory


@dataclass(frozen=True)
class Text:
    """What a letter says, with places. `accepted`: rules of linting.py whose warning the house has answered for."""

    paragraphs: tuple[str, ...]
    documents: tuple[str, ...]  # what a demand must bring
    accepted: frozenset[str] = field(default=frozenset())

    @property
    def places(self) -> set[str]:
        """The names of its places."""
        return {name.strip() for part in (*self.paragraphs, *self.documents) for name in PLACE.findall(part)}


def form_of(issuer_kind: str) -> str:
    """Return the form of the letter (types.sample.FORMS) that an issuer of this kind gives."""
    return FORM_OF.get(issuer_kind, "accessory")


def places_of(kind: Kind) -> dict[str, "StrOrPromise"]:
    """Return every place that a text of this type may have, each with what comes into it."""
    return {**PLACES, **{extra.name: extra.help or gettext_lazy("类型字段") for extra in kind.fields}}


def put(part: str, values: dict[str, str]) -> str:
    """Return `part` with its places filled; what is put in is never read for places again. Unknown ones stay."""
    return PLACE.sub(lambda found: values.get(found[1].strip(), found[0]), part)


def filled(parts: tuple[str, ...], values: dict[str, str]) -> list[str]:
    """Return the paragraphs with their places filled, without those that have nothing to say."""
    return [told for part in parts if (told := put(part, values))]


def standard(kind: Kind, issuer_kind: str) -> Text:
    """Return the text that the clause library gives to a type, in the form that fits the issuer."""
    opening = _("{受益人}：鉴于{申请人}（以下称申请人）%(duty)s，我方应申请人的请求出具本保函。") % {"duty": kind.duty}
    period = _(
        "本保函自 {生效日} 起生效，至 {到期日} 止。索赔应于该日营业结束前送达我方或经信枢平台提交，逾期本保函自动失效，"
        "是否退还原件不影响其失效。"
    )
    ceiling = _("本保函的最高担保金额为人民币 {金额} 元（大写：{大写}）。")
    falls = f"{{{REDUCTIONS}}}"
    paragraphs = (opening, ceiling, falls, _promise(kind, issuer_kind), kind.events, *kind.more, period)
    return Text((*paragraphs, _closing(issuer_kind)), _documents(kind, issuer_kind))


def _promise(kind: Kind, issuer_kind: str) -> str:
    if issuer_kind == "bank":
        return _(
            "我方在此不可撤销地承诺：在收到贵方提交的书面索赔通知及说明申请人违约事由的声明后五个营业日内，"
            "在最高担保金额内见索即付，我方付款义务独立于基础交易。"
        )
    if issuer_kind == "insurer":
        return _(
            "本保函为保证保险凭证。申请人不履行约定义务给贵方造成损失的，我方按照经备案的保险条款在保险金额内承担赔偿责任；"
            "情形复杂的，核定期限不超过三十日，达成赔偿协议后十日内支付。"
        )
    return _(
        "我方对申请人的前述债务在最高担保金额内承担连带责任保证。收到贵方书面索赔通知及证明申请人未履行义务的材料后，"
        "我方在核实后%(within)s内支付。未经我方书面同意，主合同加重债务的，我方对加重部分不承担保证责任。"
    ) % {"within": kind.pays_within}


def _closing(issuer_kind: str) -> str:
    if issuer_kind == "bank":
        return _("本保函适用中华人民共和国法律及最高人民法院关于审理独立保函纠纷案件若干问题的规定，不得转让。")
    return _("本保函适用中华人民共和国民法典，未经我方书面同意不得转让。")


def _documents(kind: Kind, issuer_kind: str) -> tuple[str, ...]:
    first = _("经贵方法定代表人或授权代表签字并加盖公章的书面索赔通知，写明索赔金额、收款账户和申请人违约的情形")
    return (first,) if issuer_kind == "bank" else (first, kind.proof)
