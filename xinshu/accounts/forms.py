"""The shapes of what people type; whether it holds is the actions' business, whose refusals come back into the form."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.utils.translation import gettext_lazy as _

from xinshu.accounts.actions.registration import Wish
from xinshu.accounts.kinds import DOORS, first_role
from xinshu.accounts.models import Block, Organisation, Registration
from xinshu.core.refusals import Refusal

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class RefusableForm(forms.Form):
    """A form that shows in place why an action refused what it held."""

    refusal: Refusal | None = None

    def refuse(self, refusal: Refusal) -> None:
        """Keep `refusal` for the page: its sentence above the form, its fields beside the fields."""
        self.refusal = refusal
        for name, message in refusal.fields.items():
            self.add_error(name if name in self.fields else None, message)

    @property
    def status(self) -> int:
        """The HTTP status of the page that shows this form."""
        if self.refusal is not None:
            return self.refusal.status
        return 422 if self.errors else 200


class SignInForm(RefusableForm):
    """User name and password."""

    username = forms.CharField(
        label=_("用户名"),
        max_length=60,
        error_messages={"required": _("请填写用户名")},
        widget=forms.TextInput({"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = forms.CharField(
        label=_("密码"),
        max_length=128,
        strip=False,
        error_messages={"required": _("请填写密码")},
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )


def _phone_field() -> forms.CharField:
    return forms.CharField(
        label=_("手机号"),
        max_length=20,
        error_messages={"required": _("请填写手机号")},
        widget=forms.TextInput({"autocomplete": "tel", "inputmode": "tel"}),
    )


def _code_field(label: "StrOrPromise", *, required: bool = True) -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=20,
        required=required,
        error_messages={"required": _("请填写验证码")},
        widget=forms.TextInput({"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}),
    )


def _new_password_field(label: "StrOrPromise") -> forms.CharField:
    return forms.CharField(
        label=label,
        max_length=128,
        strip=False,
        error_messages={"required": _("请填写新密码")},
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )


class PhoneForm(RefusableForm):
    """Where a code is to be sent."""

    phone = _phone_field()

    def clean_phone(self) -> str:
        return str(self.cleaned_data["phone"]).replace(" ", "").replace("-", "")


class CodeSignInForm(PhoneForm):
    """The mobile and the code that came."""

    code = _code_field(_("短信验证码"))


class WhoForm(PhoneForm):
    """Whose password is to be recovered."""

    username = forms.CharField(
        label=_("用户名"),
        max_length=60,
        error_messages={"required": _("请填写用户名")},
        widget=forms.TextInput({"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    field_order = ("username", "phone")


class RecoverForm(WhoForm):
    """The code that came, and the new password."""

    code = _code_field(_("短信验证码"))
    new = _new_password_field(_("新密码"))


class QuickForm(PhoneForm):
    """Registering with nothing but mobile, code and password."""

    use_required_attribute = False

    code = _code_field(_("短信验证码"))
    password = _new_password_field(_("设置密码"))
    agreed = forms.BooleanField(label=_("我已阅读并同意以上协议"), required=False)


class SecondFactorForm(RefusableForm):
    """The code of the authenticator app, or a recovery code."""

    code = _code_field(_("动态口令"))


class FaceForm(RefusableForm):
    """Whom the provider compares a face with."""

    number = forms.CharField(
        label=_("身份证号码"),
        max_length=30,
        error_messages={"required": _("请填写身份证号码")},
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )


class PasswordForm(RefusableForm):
    """The present password and the next."""

    old = forms.CharField(
        label=_("现在的密码"),
        max_length=128,
        strip=False,
        error_messages={"required": _("请填写现在的密码")},
        widget=forms.PasswordInput({"autocomplete": "current-password"}),
    )
    new = _new_password_field(_("新密码"))
    again = _new_password_field(_("再输一次新密码"))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("new") and data.get("again") and data["new"] != data["again"]:
            self.add_error("again", _("两次输入的新密码不一致"))
        return data


class UserForm(RefusableForm):
    """Who gets an account, or is corrected."""

    name = forms.CharField(label=_("姓名"), max_length=60, error_messages={"required": _("请填写姓名")})
    phone = _phone_field()


class NewUserForm(UserForm):
    """Who gets an account, and where."""

    username = forms.CharField(
        label=_("用户名"),
        max_length=60,
        error_messages={"required": _("请填写用户名")},
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    organisation = forms.CharField(
        label=_("机构全称或统一社会信用代码"),
        max_length=120,
        error_messages={"required": _("请填写机构")},
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    field_order = ("organisation", "name", "phone", "username")


class BlockForm(RefusableForm):
    """What is to be stopped, and why."""

    what = forms.ChoiceField(label=_("停止什么"), choices=Block.What.choices, error_messages={"required": _("请选择")})
    organisation = forms.CharField(
        label=_("机构全称或统一社会信用代码"),
        max_length=120,
        required=False,
        widget=forms.TextInput({"autocomplete": "off"}),
    )
    target = forms.CharField(
        label=_("用户名或密钥编号"),
        max_length=60,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false"}),
    )
    reason = forms.CharField(
        label=_("原因"),
        max_length=500,
        error_messages={"required": _("请写明原因")},
        widget=forms.Textarea({"rows": 3}),
    )


class AgreementForm(RefusableForm):
    """The words of an agreement and the rules about agreeing to it."""

    text = forms.CharField(
        label=_("正文"),
        error_messages={"required": _("请填写正文")},
        max_length=60_000,
        widget=forms.Textarea({"rows": 28, "spellcheck": "false"}),
    )
    changes = forms.CharField(label=_("变化说明"), max_length=500, required=False, widget=forms.Textarea({"rows": 3}))
    minimum_seconds = forms.IntegerField(
        label=_("最短阅读时间"), error_messages={"required": _("请填写秒数"), "invalid": _("请填写整数")}
    )
    again = forms.BooleanField(label=_("已同意旧版本的用户，下次登录时须重新同意"), required=False)
    version = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1, widget=forms.HiddenInput())


class RegistrationForm(RefusableForm):
    """Who wants an account, for which organisation. The action checks the whole, so that everything is said at once."""

    use_required_attribute = False  # the browser would stop at the first gap, in its own words

    side = forms.CharField(label=_("我是"), max_length=12, required=False, initial=Registration.Side.APPLICANT)
    kind = forms.CharField(label=_("机构类型"), max_length=12, required=False, initial=Organisation.Kind.ENTERPRISE)
    organisation_name = forms.CharField(
        label=_("机构全称"),
        max_length=120,
        required=False,
        widget=forms.TextInput({"autocomplete": "organization"}),
    )
    uscc = forms.CharField(
        label=_("统一社会信用代码"),
        max_length=40,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "spellcheck": "false"}),
    )
    contact_name = forms.CharField(
        label=_("姓名"), max_length=60, required=False, widget=forms.TextInput({"autocomplete": "name"})
    )
    phone = forms.CharField(
        label=_("手机号"),
        max_length=20,
        required=False,
        widget=forms.TextInput({"autocomplete": "tel", "inputmode": "tel"}),
    )
    username = forms.CharField(
        label=_("用户名"),
        max_length=60,
        required=False,
        widget=forms.TextInput({"autocomplete": "username", "autocapitalize": "none", "spellcheck": "false"}),
    )
    password = forms.CharField(
        label=_("设置密码"),
        max_length=128,
        required=False,
        strip=False,
        widget=forms.PasswordInput({"autocomplete": "new-password"}),
    )
    agreed = forms.BooleanField(label=_("我已阅读并同意以上协议"), required=False)

    def wish(self) -> Wish:
        """Return what was typed, for the action."""
        typed = self.cleaned_data
        return Wish(**{name: typed[name] for name in Wish.__dataclass_fields__})

    def typed(self, name: str) -> str:
        """Return what stands in the field `name`, to be shown again."""
        return str(self[name].value() or "")

    @property
    def side_now(self) -> Registration.Side:
        side = self.typed("side")
        return Registration.Side(side) if side in Registration.Side.values else Registration.Side.APPLICANT

    @property
    def kinds_now(self) -> list[Organisation.Kind]:
        """The kinds of organisation that may register on the chosen side."""
        return list(DOORS[self.side_now].roles)

    @property
    def kind_now(self) -> Organisation.Kind:
        """The chosen kind, or the side's first when the choice does not go with the side."""
        kind = self.typed("kind")
        fits = kind in Organisation.Kind.values and first_role(self.side_now, kind) is not None
        return Organisation.Kind(kind) if fits else self.kinds_now[0]


class ProvingForm(RefusableForm):
    """What proves somebody on 我的认证: a code, or a 公民身份号码 with the consent to have it compared."""

    code = _code_field(_("验证码"), required=False)
    number = forms.CharField(
        label=_("身份证号码"),
        max_length=30,
        required=False,
        widget=forms.TextInput({"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}),
    )
    three = forms.BooleanField(label=_("同时核对已验证的手机号（三要素）"), required=False)
    agreed = forms.BooleanField(
        label=_("我单独同意把姓名和身份证号码交实名核验服务比对一次；号码不保存"), required=False
    )


class ReasonForm(forms.Form):
    """Why somebody decides as they do, and which version of the case they saw."""

    reason = forms.CharField(max_length=500, required=False)
    version = forms.IntegerField(required=False, min_value=0, max_value=2**31 - 1)


class SearchForm(forms.Form):
    """What a list is narrowed to. Anything unreadable narrows nothing."""

    q = forms.CharField(max_length=60, required=False)
    state = forms.CharField(max_length=12, required=False)

    def asked(self) -> dict[str, Any]:
        """Return the readable part of what was asked, with every key."""
        self.is_valid()
        return {"q": "", "state": "", **self.cleaned_data}
