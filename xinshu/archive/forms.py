"""Shapes of what people hand in to the archive."""

from django import forms
from django.utils.translation import gettext_lazy as _

from xinshu.guarantees import kinds
from xinshu.guarantees.forms import DayField
from xinshu.guarantees.lifecycle import INSTRUMENT, LIFECYCLE


class FiltersForm(forms.Form):
    """The filters of the list, as they stand in the URL."""

    q = forms.CharField(max_length=100, required=False)
    kind = forms.ChoiceField(required=False, choices=lambda: [("", _("全部类型")), *kinds.every_choice()])
    state = forms.ChoiceField(
        required=False,
        choices=[("", _("全部状态")), *((code, LIFECYCLE.states[code].label) for code in INSTRUMENT)],
    )
    since = DayField(label=_("归档日期从"), required=False)
    until = DayField(label=_("到"), required=False)
