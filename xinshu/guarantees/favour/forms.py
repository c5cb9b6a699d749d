"""The guarantor's forms: the next version of its plan, three tiers at most, best first; a tier set for a customer."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from xinshu.accounts.forms import RefusableForm
from xinshu.guarantees.favour.models import FavourPlan
from xinshu.guarantees.favour.tiers import Tier
from xinshu.guarantees.forms import DayField
from xinshu.web.fields import AmountField
from xinshu.web.refusals import keep_typed

CODES = ("A", "B", "C")


def _count(label: Any) -> forms.IntegerField:
    return forms.IntegerField(
        label=label, required=False, min_value=0, max_value=9999,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off", "maxlength": "4"}),
    )  # fmt: skip


class FavourForm(RefusableForm):
    """A plan as people type it: discounts as percent, amounts in yuan. A tier without a name is left out."""

    use_required_attribute = False

    valid_from = DayField(label=_("生效日"), help_text=_("今天或以后"))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for place in range(1, len(CODES) + 1):
            self.fields |= {
                f"name_{place}": forms.CharField(label=_("等级名称"), max_length=20, required=False),
                f"discount_{place}": forms.DecimalField(
                    label=_("保费优惠"), required=False, min_value=0, max_value=100, max_digits=5, decimal_places=2,
                    widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off", "maxlength": "6"}),
                ),
                f"auto_{place}": AmountField(label=_("秒批额度"), required=False),
                f"honoured_{place}": _count(_("按期履约的保函不少于")),
                f"years_{place}": _count(_("成为客户不少于")),
                f"paid_{place}": _count(_("代偿不超过")),
                f"score_{place}": _count(_("信用分不低于")),
            }  # fmt: skip

    def tiers(self) -> list[Tier]:
        """Return the tiers typed, best first."""
        typed, found = self.cleaned_data, []
        for place, code in enumerate(CODES, start=1):
            if name := typed.get(f"name_{place}", "").strip():
                found.append(
                    Tier(
                        code=code, name=name, discount=(typed[f"discount_{place}"] or Decimal(0)) / 100,
                        auto_amount=typed[f"auto_{place}"] or 0, honoured=typed[f"honoured_{place}"] or 0,
                        years=typed[f"years_{place}"] or 0, paid=typed[f"paid_{place}"] or 0,
                        score=typed[f"score_{place}"] or 0,
                    )
                )  # fmt: skip
        return found

    def rows(self) -> list[dict[str, Any]]:
        """Return the bound fields tier by tier, as the page lays them out."""
        names = ("name", "discount", "auto", "honoured", "years", "paid", "score")
        return [{name: self[f"{name}_{place}"] for name in names} for place in range(1, len(CODES) + 1)]


def initial_of(plan: FavourPlan) -> dict[str, Any]:
    """Return what the form shows of a plan that there is."""
    shown: dict[str, Any] = {"valid_from": plan.valid_from}
    for place, tier in enumerate(plan.ladder, start=1):
        shown |= {
            f"name_{place}": tier.name, f"discount_{place}": f"{(tier.discount * 100).normalize():f}",
            f"auto_{place}": tier.auto_amount or None, f"honoured_{place}": tier.honoured,
            f"years_{place}": tier.years, f"paid_{place}": tier.paid,
            f"score_{place}": tier.score,
        }  # fmt: skip
    return shown


class TierForm(RefusableForm):
    """The tier that a manager sets for a customer; none chosen: what was set is taken back."""

    use_required_attribute = False

    code = forms.ChoiceField(label=_("等级"), required=False)
    until = DayField(label=_("有效至"), required=False, help_text=_("不填即一直有效"))
    reason = forms.CharField(label=_("理由"), max_length=300, widget=forms.Textarea({"rows": 2}))

    def __init__(self, *args: Any, plan: FavourPlan | None, **options: Any) -> None:
        super().__init__(*args, **options)
        tiers = [(tier.code, tier.name) for tier in plan.ladder] if plan is not None else []
        self.fields["code"].choices = [("", _("不核定，按事实")), *tiers]  # type: ignore[attr-defined]


keep_typed("guarantees", {name: field.label for name, field in FavourForm().fields.items()})
