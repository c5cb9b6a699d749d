"""The form for a row of the authority table."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from xinshu.accounts.forms import RefusableForm
from xinshu.guarantees.authorities.actions import waivable
from xinshu.guarantees.kinds import Kind
from xinshu.web.fields import AmountField
from xinshu.web.refusals import keep_typed


class AuthorityForm(RefusableForm):
    """Up to how much rules decide alone and a person may decide, and what needs no person."""

    use_required_attribute = False

    unverified = forms.ChoiceField(
        label=_("申请人"), choices=(("", _("已核验身份")), ("1", _("未核验身份"))), required=False
    )
    auto_amount = AmountField(label=_("自动审批不超过"), help_text=_("填 0 即每笔都要人审批"))
    person_amount = AmountField(label=_("人工审批不超过"))
    waives = forms.MultipleChoiceField(label=_("以下提示不转人工"), required=False, widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, kind: Kind, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["waives"].choices = list(waivable(kind).items())  # type: ignore[attr-defined]


keep_typed("guarantees", {"auto_amount": _("自动审批金额"), "person_amount": _("人工审批金额")})
