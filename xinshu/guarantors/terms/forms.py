"""The house's form for its terms."""

from django import forms
from django.utils.translation import gettext_lazy as _

from xinshu.accounts.forms import RefusableForm
from xinshu.guarantors.naming import kind_choices
from xinshu.web.refusals import keep_typed


class TermsForm(RefusableForm):
    """For which kind, and the text."""

    use_required_attribute = False

    kind = forms.ChoiceField(
        label=_("保函类型"), required=False, choices=lambda: [("", _("全部类型")), *kind_choices()],
        help_text=_("某一类型有自己的条款时，用那一份"),
    )  # fmt: skip
    text = forms.CharField(
        label=_("条款正文"), max_length=25_000, widget=forms.Textarea({"rows": 16}), help_text=_("一行一段"),
    )  # fmt: skip


keep_typed("guarantors", {"text": TermsForm.base_fields["text"].label})
