"""What kinds of guarantee there are: types as data, looked up in memory.

The platform comes with six (shipped.py); the back office makes more and changes them (types/). Whoever reads a kind
reads `KINDS`, which never asks the database: doors bring it up to date (types/reading.py) when the register's stamp has
changed. An instrument keeps the version of its type that it was applied for under (`version_of`).
"""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

from xinshu.guarantees.extras import Extra
from xinshu.guarantees.law.legal import CAPS, PROCUREMENT, TENDER, Cap, in_force
from xinshu.guarantees.letters.library import DUTY, EVENTS, LIBRARY, MORE, PROOF

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise

CONTRACTOR, BUYER, LABOUR = "contractor", "buyer", "labour"  # who takes part, seen from the project
SIDES: dict[str, "StrOrPromise"] = {
    CONTRACTOR: _("承包人（中标人、投标人）"),
    BUYER: _("建设单位（招标人、发包人）"),
    LABOUR: _("人力资源社会保障部门"),
}


@dataclass(frozen=True)
class Base:
    """An amount of the project that a share is counted from, and the field that says where it was read."""

    label: "StrOrPromise"
    amount: str
    source: str


BASES = {
    "estimate": Base(_("招标项目估算价"), "estimate_amount", "estimate_source"),
    "award": Base(_("中标金额"), "award_amount", "award_source"),
    "contract": Base(_("施工合同价款"), "contract_amount", "contract_source"),
    "settlement": Base(_("工程结算总额"), "settlement_amount", "settlement_source"),
    "advance": Base(_("预付款金额"), "advance_amount", "advance_source"),
}
STAGES: dict[
    str, "StrOrPromise"
] = {  # where in the project's life the guarantee has its place: the lifecycle's variant
    "tendering": _("招标阶段：开标前出具，开标前保密"),
    "contract": _("合同阶段：开标后出具"),
    "completion": _("缺陷责任期：竣工后出具"),
}
PERIODS: dict[str, "StrOrPromise"] = {  # how long it must last (periods.py judges it)
    "bid_validity": _("与投标有效期一致"),
    "contract_days": _("覆盖合同工期（提示）"),
    "construction": _("不短于施工工期（不满足不能提交）"),
    "defects": _("至缺陷责任期届满"),
}
DEPOSITS: dict[str, "StrOrPromise"] = {  # 国令802 Art. 13
    "lawful": _("替代四种法定保证金之一"),
    "none": _("不替代保证金"),
    "other": _("替代其他保证金"),
}


@dataclass(frozen=True)
class Document:
    """One paper that belongs to an application. `required`: without it a person must look."""

    title: str
    required: bool = False


@dataclass(frozen=True)
class Kind:
    """One version of one type: its words, who takes part, what is counted from what, its clauses and its rules."""

    code: str
    label: "StrOrPromise"
    prefix: str  # of its guarantees' numbers
    base: str  # BASES: which amount of the project its shares are counted from
    usual_share: str  # what the wizard proposes, as a decimal share of the base
    secret_until_opening: bool = False
    number: int = 1
    applicant: str = CONTRACTOR
    beneficiary: str = BUYER
    stage: str = "contract"
    period: str = "contract_days"
    deposit: str = "lawful"
    template: str = "general"  # documents.LetterTemplate, where the guarantor has none for the code itself
    documents: tuple[Document, ...] = ()
    duty: str = ""  # library.py: "鉴于申请人 …"
    events: str = ""  # when the beneficiary may demand
    proof: str = ""  # what an accessory demand must prove
    more: tuple[str, ...] = ()  # further paragraphs
    pays_within: str = "七个工作日"
    caps: tuple[Cap, ...] = ()
    rules: tuple[str, ...] = ()  # names in compliance.ASKED, besides those that its period and deposit bring
    retired: bool = False
    fields: tuple[Extra, ...] = ()  # what an application says besides amount and period

    @property
    def base_label(self) -> "StrOrPromise":
        return BASES[self.base].label

    def base_named(self, regime: str) -> "StrOrPromise":
        """Return what the base is called under `regime`: public procurement has a budget, no estimate."""
        return _("采购项目预算金额") if self.base == "estimate" and regime == PROCUREMENT else self.base_label


class Register(Mapping[str, Kind]):
    """The kinds as they stand now, read from memory. Replaced as a whole, so that threads see one state or the next."""

    def __init__(self, shipped: Collection[Kind]) -> None:
        self.shipped = tuple(shipped)
        self.show((), stamp="")

    def show(self, stored: Collection[Kind], stamp: str) -> None:
        """Show what is shipped and, over it, `stored` (every version that was ever active), as of `stamp`."""
        versions = {(kind.code, kind.number): kind for kind in (*self.shipped, *stored)}
        latest: dict[str, Kind] = {}
        for kind in sorted(versions.values(), key=lambda kind: kind.number):
            latest[kind.code] = kind
        self._state = (latest, versions, tuple(code for code, kind in latest.items() if kind.secret_until_opening))
        self.stamp = stamp

    def __getitem__(self, code: str) -> Kind:
        return self._state[0][code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._state[0])

    def __len__(self) -> int:
        return len(self._state[0])

    def version_of(self, code: str, number: int) -> Kind:
        """Return one version of a type; the present one where that version is not known here."""
        return self._state[1].get((code, number)) or self._state[0][code]

    @property
    def secret(self) -> tuple[str, ...]:
        """The codes of the types of which nobody may learn before the bids are open."""
        return self._state[2]


class _Secret(Collection[str]):
    """The secret codes as they stand when they are asked for: `kind__in=SECRET` is evaluated by each query anew."""

    def __iter__(self) -> Iterator[str]:
        return iter(KINDS.secret)

    def __contains__(self, code: object) -> bool:
        return code in KINDS.secret

    def __len__(self) -> int:
        return len(KINDS.secret)


def _shipped(code: str, label: "StrOrPromise", prefix: str, base: str, share: str, **facts: object) -> Kind:
    clause = {slot: LIBRARY[slot][code] for slot in (DUTY, EVENTS, PROOF)}
    more = (LIBRARY[MORE][code],) if code in LIBRARY[MORE] else ()
    caps = tuple(cap for cap in CAPS if cap.kind == code)
    return replace(Kind(code, label, prefix, base, share, caps=caps, more=more, **clause), **facts)  # type: ignore[arg-type]


KINDS = Register(
    (
        _shipped(
            "bid", _("投标保函"), "TB", "estimate", "0.02", secret_until_opening=True, stage="tendering",
            period="bid_validity", template="bid", documents=(Document("招标文件"),),
        ),
        _shipped(
            "performance", _("履约保函"), "LY", "award", "0.10", template="performance",
            documents=(Document("中标通知书"), Document("施工合同")),
        ),
        _shipped(
            "payment", _("工程款支付保函"), "ZF", "contract", "0.10", applicant=BUYER, beneficiary=CONTRACTOR,
            deposit="none", documents=(Document("施工合同", required=True),), rules=("mutual.payment",),
        ),
        _shipped(
            "quality", _("工程质量保函"), "ZL", "settlement", "0.03", stage="completion", period="defects",
            documents=(Document("竣工验收证明", required=True), Document("工程结算文件", required=True)),
            rules=("conflict.quality",),
        ),
        _shipped(
            "wage", _("农民工工资保函"), "GZ", "contract", "0.02", beneficiary=LABOUR, period="construction",
            pays_within="五个工作日", documents=(Document("施工合同", required=True),),
            rules=("wage.exempt",),
        ),
        _shipped(
            "advance", _("预付款保函"), "YF", "advance", "1", deposit="none",
            documents=(Document("施工合同", required=True), Document("预付款申请")),
        ),
    )
)  # fmt: skip
SECRET = _Secret()


class _Choices(Sequence[tuple[str, "StrOrPromise"]]):
    """Every type as a choice, as it stands when somebody looks: for tables that are made at start-up."""

    def __getitem__(self, index: Any) -> Any:
        return every_choice()[index]

    def __len__(self) -> int:
        return len(KINDS)


CHOICES = _Choices()
DOCUMENTS = (
    "招标文件",
    "中标通知书",
    "施工合同",
    "营业执照",
    "资质证书",
    "安全生产许可证",
    "财务报表",
    "信用报告",
    "其他材料",
)  # may be added to any application


def choices() -> list[tuple[str, "StrOrPromise"]]:
    """Return the types that can be applied for."""
    return [(kind.code, kind.label) for kind in KINDS.values() if not kind.retired]


def every_choice() -> list[tuple[str, "StrOrPromise"]]:
    """Return all types, those retired too: a guarantee issued under one keeps its name."""
    return [(kind.code, kind.label) for kind in KINDS.values()]


def caps(code: str, on: date, regime: str = TENDER, number: int = 0) -> list[Cap]:
    """Return the limits in force for a type (version `number`, 0: the present one) on the day `on`."""
    return in_force(KINDS.version_of(code, number).caps, on, regime)


def titles() -> list[str]:
    """Return what a file of an application can be: what any may have, then what the types ask for."""
    asked = [document.title for kind in KINDS.values() for document in kind.documents]
    return list(dict.fromkeys((*DOCUMENTS[:-1], *asked, DOCUMENTS[-1])))


class Nature:
    """担保性质: derived from the issuer's kind and the text (wording.py), never from the product's name."""

    INDEPENDENT = "independent"
    JOINT = "accessory_joint"
    GENERAL = "accessory_general"
    INSURANCE = "surety_insurance"
    CHOICES = (
        (INDEPENDENT, _("独立保函（见索即付）")),
        (JOINT, _("连带责任保证")),
        (GENERAL, _("一般保证")),
        (INSURANCE, _("保证保险")),
    )
