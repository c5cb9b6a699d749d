"""What applicants and guarantors do that counts: one table of behaviours (信用行为)."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _l

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

APPLICANT, GUARANTOR = "applicant", "guarantor"
SIDES: dict[str, "StrOrPromise"] = {APPLICANT: _l("申请人"), GUARANTOR: _l("保证人")}


@dataclass(frozen=True)
class Kind:
    """One kind: on whose side, whether it speaks for them, and whether it comes by itself or is entered by hand."""

    code: str
    label: "StrOrPromise"
    side: str
    good: bool
    says: "StrOrPromise"
    by_hand: bool = False


KINDS: dict[str, Kind] = {
    kind.code: kind
    for kind in (
        #    code                 what people call it      side       good   what happened
        Kind("honoured",          _l("履约"),              APPLICANT, True,  _l("保函到期，没有发生代偿")),
        Kind("released",          _l("按期解保"),          APPLICANT, True,  _l("受益人解除担保，没有发生代偿")),
        Kind("defaulted",         _l("违约代偿"),          APPLICANT, False, _l("保证人代为付款")),
        Kind("fee_late",          _l("迟延付费"),          APPLICANT, False, _l("批准后逾期未缴费，申请失效")),
        Kind("recovered",         _l("代偿后按期清偿"),    APPLICANT, True,  _l("代偿后 30 天内清偿")),
        Kind("recovered_late",    _l("代偿后逾期清偿"),    APPLICANT, False, _l("代偿后超过 30 天才清偿")),
        Kind("written_off",       _l("代偿款核销"),        APPLICANT, False, _l("代偿款收不回来，账面核销")),
        Kind("false_papers",      _l("虚假材料"),          APPLICANT, False, _l("有文书认定材料虚假"), by_hand=True),
        Kind("baseless_claim",    _l("无理索赔"),          APPLICANT, False,
             _l("作为受益人索赔，有文书认定没有依据"), by_hand=True),
        Kind("contract_honoured", _l("守合同表彰"),        APPLICANT, True,  _l("主管部门表彰"), by_hand=True),
        Kind("answered",          _l("按时答复索赔"),      GUARANTOR, True,  _l("在时限内认定相符或发出拒付通知")),
        Kind("answered_late",     _l("延误答复索赔"),      GUARANTOR, False, _l("过了时限才答复，或者没有答复")),
        Kind("paid",              _l("按期代偿"),          GUARANTOR, True,  _l("在时限内付款")),
        Kind("paid_late",         _l("迟延代偿"),          GUARANTOR, False, _l("过了时限才付款")),
        Kind("overturned",        _l("拒赔被推翻"),        GUARANTOR, False,
             _l("法院或仲裁认定应当付款"), by_hand=True),
        Kind("misconduct",        _l("违规经营"),          GUARANTOR, False, _l("监管处罚"), by_hand=True),
    )
}  # fmt: skip


def kinds_of(side: str) -> list[Kind]:
    """Return the kinds on one side, in the table's order."""
    return [kind for kind in KINDS.values() if kind.side == side]


def kinds_by_hand(side: str) -> list[Kind]:
    """Return the kinds on one side that only a document tells of; the others come from the business itself."""
    return [kind for kind in kinds_of(side) if kind.by_hand]


def kind_label(code: str) -> str:
    """Return what a kind is called; a revocation has none."""
    return str(KINDS[code].label) if code in KINDS else ""
