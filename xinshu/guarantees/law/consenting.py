"""What a change of the main contract does to a guarantee, with the guarantor's consent and without. No database.

民法典 695 (contents: lighter binds for less, heavier does not bind for more; the period of suretyship stays), 696 (the
creditor assigns: works on the surety from its notice on), 697 (a debtor leaves: the surety does not answer for the part
that went over). An independent guarantee does not depend on the contract (URDG 758 Art. 5); of surety insurance its
policy decides, and we judge nothing.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinshu.guarantees.kinds import Nature

HEAVIER, LIGHTER, TERM, CREDITOR, DEBTOR = "heavier", "lighter", "term", "creditor", "debtor"
EFFECTS = (
    (HEAVIER, gettext_lazy("加重债务（增加价款、扩大范围等）")),
    (LIGHTER, gettext_lazy("减轻债务")),
    (TERM, gettext_lazy("变更履行期限")),
    (CREDITOR, gettext_lazy("债权转让")),
    (DEBTOR, gettext_lazy("债务转移")),
)
WITH_AMOUNT = (HEAVIER, LIGHTER, DEBTOR)  # 分: by how much, or how much went over
SURETY = (Nature.JOINT, Nature.GENERAL)
CIVIL_CODE = {HEAVIER: "民法典第六百九十五条", LIGHTER: "民法典第六百九十五条", TERM: "民法典第六百九十五条",
              CREDITOR: "民法典第六百九十六条", DEBTOR: "民法典第六百九十七条"}  # fmt: skip


@dataclass(frozen=True)
class Effect:
    """What follows: the part that the guarantor does not answer for (分), in words, by which rule."""

    unbound: int
    words: str
    source: str


def effect_of(nature: str, effect: str, amount: int, *, consented: bool) -> Effect:
    """Return what a change does to a guarantee of this nature."""
    if nature == Nature.INDEPENDENT:
        words = _("独立保函不受主合同变更影响，函件条款不变。")
        return Effect(0, words, "URDG 758 第 5 条；法释〔2016〕24 号")
    if nature not in SURETY:
        return Effect(0, _("按保险条款的约定处理，平台只作登记。"), _("经备案的保险条款"))
    source = CIVIL_CODE[effect]
    if effect == TERM:
        words = _("保证期间不受履行期限变更的影响，到期日不变。")
        consent = _("保证人已书面同意履行期限的变更；要改到期日的，另办保函修改。")
        return Effect(0, consent if consented else words, source)
    if effect == LIGHTER:
        return Effect(0, _("保证人对减轻后的债务承担保证责任。"), source)
    if effect == CREDITOR:
        words = _("登记即通知保证人，转让对保证人发生效力；约定禁止转让的，未经书面同意对受让人不承担保证责任。")
        return Effect(0, _("保证人已书面同意债权转让。") if consented else words, source)
    if consented:
        return Effect(0, _("保证人已书面同意，对变更后的债务承担保证责任，以保函金额为限。"), source)
    words = {
        HEAVIER: _("未经保证人书面同意，保证人对加重的部分不承担保证责任。"),
        DEBTOR: _("未经保证人书面同意，保证人对转移的债务不再承担保证责任。"),
    }[effect]
    return Effect(amount, words, source)


def unbound(effects: Iterable[Effect]) -> int:
    """Return the sum that a guarantor does not answer for, in 分."""
    return sum(effect.unbound for effect in effects)
