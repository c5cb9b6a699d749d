"""The guarantor's form for the next version of a tariff. Rates are typed as percentages."""

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from xinshu.accounts.forms import RefusableForm
from xinshu.guarantees import kinds, pricing
from xinshu.guarantees.models import TariffDraft
from xinshu.guarantees.tariffs.actions import Offer
from xinshu.guarantees.tariffs.models import Charges
from xinshu.web.fields import AmountField
from xinshu.web.refusals import keep_typed


def _percent(label: Any, *, required: bool = False, hint: Any = "") -> forms.DecimalField:
    return forms.DecimalField(
        label=label, required=required, min_value=0, max_value=100, max_digits=7, decimal_places=4, help_text=hint,
        widget=forms.TextInput({"inputmode": "decimal", "autocomplete": "off", "maxlength": "12"}),
    )  # fmt: skip


class TariffForm(RefusableForm):
    """How the next version charges, and from when."""

    use_required_attribute = False

    kind = forms.ChoiceField(label=_("保函类型"), choices=kinds.choices)
    valid_from = forms.DateField(
        label=_("生效日"), widget=forms.DateInput({"type": "date"}, format="%Y-%m-%d"), help_text=_("今天或以后")
    )
    annual_rate = _percent(_("年费率"), required=True, hint=_("按笔收费时为每笔费率"))
    period = forms.ChoiceField(label=_("计费方式"), choices=pricing.PERIODS, initial=pricing.DAILY)
    basis = forms.TypedChoiceField(
        label=_("一年天数"), choices=((365, _("365 天")), (360, _("360 天"))), coerce=int, initial=365,
        help_text=_("只用于按日计费"),
    )  # fmt: skip
    includes_last_day = forms.BooleanField(label=_("到期日当天也计费"), required=False)
    minimum_amount = AmountField(label=_("每笔最低收费"))
    minimum_rate = _percent(_("每笔最低费率"), hint=_("按保函金额，与每笔最低收费取高者；不填即没有"))
    period_minimum_amount = AmountField(
        label=_("每期最低收费"), required=False, help_text=_("按月、按季收费时，每月或每季不低于；不填即没有")
    )
    base_amount = AmountField(label=_("基本费"), required=False, help_text=_("每笔另加，计入最低收费；不填即没有"))
    tax_rate = _percent(_("税率"), hint=_("价外另加；不填即费率已含税"))
    refunds = forms.ChoiceField(label=_("提前解保退费"), choices=pricing.REFUNDS, initial=pricing.NONE)

    def offer(self) -> Offer:
        """Return what was typed; the action judges whether it holds."""
        typed = self.cleaned_data
        return Offer(
            kind=typed["kind"],
            valid_from=typed["valid_from"],
            terms=pricing.Tariff(
                annual_rate=_rate(typed["annual_rate"]),
                period=typed["period"],
                basis=typed["basis"],
                minimum=typed["minimum_amount"],
                includes_last_day=typed["includes_last_day"],
                base=typed["base_amount"] or 0,
                minimum_rate=_rate(typed["minimum_rate"]),
                period_minimum=typed["period_minimum_amount"] or 0,
                tax_rate=_rate(typed["tax_rate"]),
                refunds=typed["refunds"],
            ),
        )


def _rate(percent: Decimal | None) -> Decimal:
    return (percent or Decimal(0)) / 100


def initial_of(charges: Charges) -> dict[str, Any]:
    """Return what the form shows of a version or draft that there is."""
    shown: dict[str, Any] = {
        name: getattr(charges, name) for name in TariffForm.base_fields if not name.endswith("_rate")
    }
    for name in ("base_amount", "period_minimum_amount"):
        shown[name] = shown[name] or None
    for name in ("annual_rate", "minimum_rate", "tax_rate"):
        value = getattr(charges, name) * 100
        shown[name] = f"{value.normalize():f}" if value or name == "annual_rate" else ""
    if not isinstance(charges, TariffDraft):
        del shown["valid_from"]  # the next version has a day of its own
    return shown


keep_typed("guarantees", {name: field.label for name, field in TariffForm.base_fields.items() if name != "kind"})
