"""Shapes of what people type about clients, keys and subscriptions; actions judge the contents."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from xinshu.accounts.forms import RefusableForm
from xinshu.accounts.models import Member, Organisation
from xinshu.integrations.actions.keys import LONGEST_DAYS
from xinshu.integrations.events import offered
from xinshu.integrations.models import ApiClient, ApiKey
from xinshu.integrations.scopes import all_scopes


def _lines(text: str) -> list[str]:
    return [line.strip() for line in re.split(r"[\n,，;；]", text) if line.strip()]


class GrantForm(RefusableForm):
    """In whose name, and what for."""

    use_required_attribute = False
    principal = forms.ModelChoiceField(
        label=_("代表人"),
        queryset=Member.objects.none(),
        empty_label=_("请选择代表人"),
        error_messages={"required": _("请选择代表人")},
    )
    scopes = forms.MultipleChoiceField(
        label=_("授权范围"),
        choices=all_scopes,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请至少选择一项")},
    )

    def __init__(self, *args: Any, organisation: Organisation, **options: Any) -> None:
        super().__init__(*args, **options)
        people = Member.objects.acting().filter(organisation=organisation).order_by("pk")
        self.fields["principal"].queryset = people  # type: ignore[attr-defined]
        self.fields["principal"].label_from_instance = (  # type: ignore[attr-defined]
            lambda member: f"{member.user.name}（{member.role_names}）"
        )


class LimitForm(RefusableForm):
    """From where, how often."""

    use_required_attribute = False
    networks = forms.CharField(
        label=_("调用地址"), required=False, max_length=2_000, widget=forms.Textarea({"rows": 3, "spellcheck": "false"})
    )
    per_minute = forms.IntegerField(label=_("每分钟次数"), initial=120, min_value=1, max_value=6_000)

    def clean_networks(self) -> list[str]:
        return _lines(self.cleaned_data["networks"])


class ClientForm(LimitForm, GrantForm):
    """A new client."""

    name = forms.CharField(label=_("系统名称"), max_length=60, error_messages={"required": _("请填写系统名称")})
    field_order = ("name", "principal", "scopes", "networks", "per_minute")


class KeyForm(RefusableForm):
    """A new key."""

    use_required_attribute = False
    kind = forms.ChoiceField(label=_("密钥类型"), choices=ApiKey.Kind.choices, initial=ApiKey.Kind.HMAC)
    days = forms.IntegerField(label=_("有效期"), initial=365, min_value=1, max_value=LONGEST_DAYS)
    public_hex = forms.CharField(
        label=_("SM2 公钥"), required=False, max_length=140, widget=forms.TextInput({"spellcheck": "false"})
    )
    replaces = forms.ModelChoiceField(
        label=_("替换旧密钥"),
        queryset=ApiKey.objects.none(),
        to_field_name="code",
        required=False,
        empty_label=_("不替换"),
    )

    def __init__(self, *args: Any, client: ApiClient, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["replaces"].queryset = client.keys.filter(revoked_at=None).order_by("-pk")  # type: ignore[attr-defined]


class SubscriptionForm(RefusableForm):
    """Where to, about what."""

    use_required_attribute = False
    url = forms.CharField(
        label=_("接收地址"), max_length=500, error_messages={"required": _("请填写接收地址")},
        widget=forms.TextInput({"inputmode": "url", "spellcheck": "false", "placeholder": "https://"}),
    )  # fmt: skip
    kinds = forms.MultipleChoiceField(
        label=_("事件"), choices=offered, widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("请至少选择一种事件")},
    )  # fmt: skip


class ActForm(forms.Form):
    """Why."""

    reason = forms.CharField(max_length=500, required=False)


class CallsForm(forms.Form):
    """The filters of the call log. What does not read is left out."""

    q = forms.CharField(required=False, max_length=100)
    client = forms.CharField(required=False, max_length=16)
    outcome = forms.ChoiceField(
        required=False, choices=[("", _("全部结果")), ("ok", _("成功")), ("refused", _("被拒")), ("broken", _("出错"))]
    )
    since = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    until = forms.DateField(required=False, input_formats=["%Y-%m-%d"])
    level = forms.TypedChoiceField(
        required=False, coerce=int, empty_value=None,
        choices=[("", _("全部级别")), ("2", _("送出内部及以上")), ("3", _("送出敏感字段"))],
    )  # fmt: skip
    before = forms.IntegerField(required=False, min_value=1, max_value=2**62)
