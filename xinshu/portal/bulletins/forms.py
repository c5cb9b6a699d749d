"""Shapes of what people type about announcements."""

from django import forms
from django.utils.translation import gettext_lazy as _

from xinshu.accounts.forms import RefusableForm
from xinshu.portal.bulletins.queries import VIEWS
from xinshu.portal.models import Category
from xinshu.web.fields import MomentField
from xinshu.web.refusals import keep_typed


class BulletinForm(RefusableForm):
    """One announcement."""

    use_required_attribute = False

    title = forms.CharField(label=_("标题"), max_length=120, error_messages={"required": _("请填写标题")})
    category = forms.ChoiceField(label=_("类别"), choices=Category.choices, initial=Category.SERVICE)
    pinned = forms.BooleanField(label=_("置顶"), required=False)
    body = forms.CharField(
        label=_("正文"), max_length=20_000, error_messages={"required": _("请填写正文")},
        widget=forms.Textarea({"rows": 14}),
    )  # fmt: skip
    published_at = MomentField(label=_("发布时间"), required=False)
    shown_from = MomentField(label=_("展示时间"), required=False)
    shown_until = MomentField(label=_("下架时间"), required=False)


keep_typed("portal", {"title": _("标题"), "body": _("正文")})


class SearchForm(forms.Form):
    """How a list is narrowed, all in the URL. What does not read is left out."""

    q = forms.CharField(required=False, max_length=100)
    view = forms.ChoiceField(required=False, choices=list(VIEWS.items()))
    category = forms.ChoiceField(required=False, choices=[("", _("全部类别")), *Category.choices])


class ActForm(forms.Form):
    """The version that was seen, and a reason where the act needs one."""

    version = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1)
    reason = forms.CharField(required=False, max_length=500)


class FileForm(forms.Form):
    """One file; documents looks at what it really is."""

    file = forms.FileField(allow_empty_file=True)
