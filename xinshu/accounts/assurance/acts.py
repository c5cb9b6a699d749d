"""The table of acts that ask for a level: which entries they write, and what the platform ships with.

An act is known by the kinds of its entries, so that pages, the API, batches and imports meet the same question.
"""

# ruff: noqa: E501  (a table is read across)

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


@dataclass(frozen=True)
class Act:
    """One act: the shipped levels of the person and of the firm in whose name it is done; 0 asks nothing."""

    code: str
    name: "StrOrPromise"
    kinds: tuple[str, ...]
    person: int
    firm: int
    days: int = 0  # how fresh the proof must be; 0: as long as it is good
    fields: frozenset[str] = frozenset()  # only where the entry names one of these fields

    def concerns(self, data: Mapping[str, Any]) -> bool:
        """Tell whether an entry with `data` is this act."""
        return not self.fields or not self.fields.isdisjoint(data.get("fields", ()))


ACTS = {act.code: act for act in (
    #   code          name                    kinds of entries                                             person firm
    Act("terms",       _("同意协议"),         ("consent.given",),                                            1, 0),
    Act("application", _("提交保函申请"),     ("guarantee.submitted",),                                      2, 1),
    Act("claim",       _("提出索赔"),         ("claim.presented",),                                          2, 1),
    Act("issue",       _("签发保函"),         ("guarantee.issued",),                                         3, 3),
    Act("release",     _("解除担保"),         ("guarantee.released",),                                       2, 1),
    Act("payout",      _("支付索赔款"),       ("claim.payment_requested",),                                  3, 3),
    Act("account",     _("变更银行账户"),     ("enterprise.fields_entered",),                                3, 2,
        fields=frozenset({"bank_account_name"})),
    Act("limit",       _("核定额度"),         ("line.granted",),                                             3, 3),
    Act("rights",      _("授予角色与权限"),   ("roles.proposed", "roles.approved", "role_table.proposed", "role_table.approved"), 3, 0),
    Act("keys",        _("签发接口密钥"),     ("api_key.issued",),                                           3, 2),
    Act("levels",      _("调整认证方式与级别"), ("levels.proposed", "levels.approved"),                      3, 0),
)}  # fmt: skip
BY_KIND = {kind: [act for act in ACTS.values() if kind in act.kinds] for act in ACTS.values() for kind in act.kinds}
