"""Shapes of what people hand in; actions judge the contents."""

from django import forms
from django.utils.translation import gettext_lazy as _

from xinshu.accounts.forms import CodeSignInForm, RefusableForm
from xinshu.claims.forms import DemandForm
from xinshu.guarantees.changes.forms import ContractChangeForm
from xinshu.web.refusals import keep_typed


class SendForm(RefusableForm):
    """To whom a link goes."""

    name = forms.CharField(
        label=_("收件人姓名"), min_length=2, max_length=40, widget=forms.TextInput({"autocomplete": "off"})
    )
    phone = forms.CharField(
        label=_("收件人手机号"), max_length=20, widget=forms.TextInput({"inputmode": "tel", "autocomplete": "off"})
    )
    mail = forms.EmailField(
        label=_("收件人邮箱"), required=False, max_length=120, widget=forms.EmailInput({"autocomplete": "off"})
    )


class CodeForm(RefusableForm):
    """The code that came to the bound phone."""

    code = CodeSignInForm.base_fields["code"]


for form in (SendForm, DemandForm, ContractChangeForm):
    keep_typed("links", {name: field.label for name, field in form.base_fields.items()})
