"""The guarantor's form for a product."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from xinshu.accounts.forms import RefusableForm
from xinshu.guarantees import kinds
from xinshu.guarantees.models import Product
from xinshu.guarantees.products.actions import Offer
from xinshu.guarantees.products.conditions import ASKED, Condition
from xinshu.web.fields import AmountField
from xinshu.web.refusals import keep_typed


def _day(label: Any, *, required: bool = False) -> forms.DateField:
    return forms.DateField(
        label=label, required=required, widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d")
    )  # fmt: skip


class ProductForm(RefusableForm):
    """What a product says; each condition with the days on which it is asked."""

    use_required_attribute = False

    kind = forms.ChoiceField(label=_("保函类型"), choices=kinds.choices)
    name = forms.CharField(label=_("产品名称"), max_length=40)
    note = forms.CharField(
        label=_("说明"), max_length=300, required=False, widget=forms.Textarea({"rows": 2}),
        help_text=_("申请人在货架上看到"),
    )  # fmt: skip
    least_amount = AmountField(label=_("最低金额"))
    most_amount = AmountField(label=_("最高金额"))
    longest_days = forms.IntegerField(label=_("最长期限"), min_value=1, max_value=3650)
    offered_from = _day(_("上架自"), required=True)
    offered_until = _day(_("上架至"))
    documents = forms.CharField(
        label=_("另需材料"), max_length=1000, required=False, widget=forms.Textarea({"rows": 2}),
        help_text=_("一行一份，都是必需的；类型本身要求的不用再写"),
    )  # fmt: skip

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        for fact, label in ASKED.items():
            self.fields[fact] = (
                AmountField(label=label, required=False)
                if fact == "capital"
                else forms.BooleanField(label=label, required=False)
            )
            self.fields[f"{fact}_since"] = _day(_("自"))
            self.fields[f"{fact}_until"] = _day(_("至"))

    @property
    def condition_rows(self) -> list[list[Any]]:
        """The bound fields of the conditions, row by row."""
        return [[self[fact], self[f"{fact}_since"], self[f"{fact}_until"]] for fact in ASKED]

    def offer(self) -> Offer:
        """Return what was typed; the action judges whether it holds."""
        typed = self.cleaned_data
        conditions = [
            Condition(
                fact, typed[f"{fact}_since"] or typed["offered_from"], typed[f"{fact}_until"],
                typed[fact] if fact == "capital" else None,
            )
            for fact in ASKED
            if typed[fact]
        ]  # fmt: skip
        return Offer(
            kind=typed["kind"],
            name=typed["name"].strip(),
            note=typed["note"].strip(),
            least_amount=typed["least_amount"],
            most_amount=typed["most_amount"],
            longest_days=typed["longest_days"],
            offered_from=typed["offered_from"],
            offered_until=typed["offered_until"],
            conditions=conditions,
            documents=[line.strip() for line in typed["documents"].splitlines() if line.strip()],
        )


def initial_of(product: Product) -> dict[str, Any]:
    """Return what the form shows of a product that there is."""
    names = (
        "kind", "name", "note", "least_amount", "most_amount", "longest_days", "offered_from", "offered_until",
    )  # fmt: skip
    shown = {name: getattr(product, name) for name in names} | {"documents": "\n".join(product.documents)}
    for condition in product.asks:
        shown[condition.fact] = condition.least or True
        shown |= {f"{condition.fact}_since": condition.since, f"{condition.fact}_until": condition.until}
    return shown


keep_typed("guarantees", {name: field.label for name, field in ProductForm.base_fields.items() if name != "kind"})
