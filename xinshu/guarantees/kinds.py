"""What kinds of guarantee there are: one row each. Issue by issue this table becomes data kept in the back office."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Kind:
    """One kind: its words, its number prefix, and which amount of the project its legal cap is counted from."""

    code: str
    label: "StrOrPromise"
    prefix: str
    base: str  # "estimate" 招标项目估算价, "award" 中标金额
    base_label: "StrOrPromise"
    usual_share: str  # what the wizard proposes, as a decimal share of the base
    secret_until_opening: bool


KINDS = {
    kind.code: kind
    for kind in (
        Kind("bid", _("投标保函"), "TB", "estimate", _("招标项目估算价"), "0.02", secret_until_opening=True),
        Kind("performance", _("履约保函"), "LY", "award", _("中标金额"), "0.10", secret_until_opening=False),
    )
}
CHOICES = [(kind.code, kind.label) for kind in KINDS.values()]
SECRET = [kind.code for kind in KINDS.values() if kind.secret_until_opening]


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
