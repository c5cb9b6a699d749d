"""What is asked for in a comparison; all of it stands in the address, so that the same link asks the same."""

from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy

from xinshu.core.clock import today
from xinshu.guarantees import kinds
from xinshu.guarantees.comparing.offers import Wish
from xinshu.guarantees.comparing.ranking import ORDERS
from xinshu.guarantees.forms import DayField
from xinshu.projects.models import Project
from xinshu.web.fields import AmountField

LONGEST = timedelta(days=3650)


class CompareForm(forms.Form):
    """For which project, how much, from when, until when."""

    use_required_attribute = False

    kind = forms.ChoiceField(label=lazy("保函类型"), choices=kinds.choices)
    project = forms.ModelChoiceField(
        label=lazy("项目"), queryset=Project.objects.none(), to_field_name="reference", required=False,
        empty_label=lazy("还没有登记"), help_text=lazy("选了项目，才能核对地区和当事人"),
    )  # fmt: skip
    amount = AmountField(label=lazy("保函金额"))
    effective_on = DayField(label=lazy("生效日"))
    expires_on = DayField(label=lazy("到期日"))
    order = forms.ChoiceField(choices=list(ORDERS.items()), required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, projects: QuerySet[Project], **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["project"].queryset = projects  # type: ignore[attr-defined]

    def clean_amount(self) -> int:
        amount: int | None = self.cleaned_data["amount"]
        if not amount:
            raise forms.ValidationError(_("应大于零"))
        return amount

    def clean(self) -> dict[str, Any]:
        typed = self.cleaned_data
        start, end = typed.get("effective_on"), typed.get("expires_on")
        if start and end and end < start:
            self.add_error("expires_on", _("不能早于生效日"))
        elif start and end and (end - start > LONGEST or start - today() > LONGEST):
            self.add_error("expires_on", _("最长 %(days)d 天") % {"days": LONGEST.days})
        return typed

    def wish(self) -> Wish:
        """Return what was asked for."""
        typed = self.cleaned_data
        return Wish(typed["kind"], typed["amount"], typed["effective_on"], typed["expires_on"], typed["project"])

    @property
    def order_asked(self) -> str:
        """The order asked for; the usual one where nothing readable was."""
        return self.cleaned_data.get("order") or "overall"
