"""Shapes of what people type about a source; actions judge the contents."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from xinshu.accounts.forms import RefusableForm
from xinshu.collecting.actions.sources import Wanted
from xinshu.collecting.models import Source
from xinshu.collecting.reading.recipes import KINDS, LONGEST, NAMES, Recipe, problems_of
from xinshu.collecting.sandbox.published import Award
from xinshu.web.fields import AmountField
from xinshu.web.refusals import keep_typed

_NEED = {"required": _("请填写"), "invalid": _("填整数")}


def _selector(label: Any) -> forms.CharField:
    return forms.CharField(
        label=label, required=False, max_length=LONGEST, widget=forms.TextInput({"spellcheck": "false"})
    )


class SourceForm(RefusableForm):
    """A source with its recipe."""

    use_required_attribute = False
    name = forms.CharField(label=_("名称"), max_length=60, error_messages=_NEED)
    code = forms.CharField(label=_("代码"), max_length=40, error_messages=_NEED)
    kind = forms.ChoiceField(label=_("类型"), choices=lambda: [(code, str(label)) for code, label in KINDS.items()])
    address = forms.CharField(label=_("列表网址"), max_length=LONGEST, error_messages=_NEED)
    items = _selector(_("条目"))
    title = _selector(_("标题"))
    link = _selector(_("公告链接"))
    date = _selector(_("发布日期"))
    id = _selector(_("编号"))
    region = _selector(_("行政区划"))
    body = _selector(_("正文"))
    next = _selector(_("下一页"))
    first_page = forms.IntegerField(label=_("首页页码"), initial=1, error_messages=_NEED)
    pages = forms.IntegerField(label=_("每次最多读几页"), initial=5, error_messages=_NEED)
    overlap_days = forms.IntegerField(label=_("回看天数"), initial=3, error_messages=_NEED)
    minutes = forms.IntegerField(label=_("间隔（分钟）"), initial=60, error_messages=_NEED)
    delay_seconds = forms.IntegerField(label=_("请求间隔（秒）"), initial=2, error_messages=_NEED)

    def recipe(self) -> Recipe:
        """Return the recipe that was typed."""
        told: dict[str, Any] = {
            name: value.strip() if isinstance(value, str) else value
            for name, value in self.cleaned_data.items()
            if name in NAMES
        }
        return Recipe(**told)

    def wanted(self) -> Wanted:
        """Return the source that was typed."""
        told = self.cleaned_data
        return Wanted(told["name"], told["code"], told["minutes"], told["delay_seconds"], self.recipe())

    def may_be_tried(self) -> bool:
        """Tell whether what was typed can be tried; what cannot is said beside its field."""
        if not self.is_valid():
            return False
        found = problems_of(self.recipe())
        for name, problem in found.items():
            self.add_error(name, problem)
        return not found


class EditForm(SourceForm):
    """A source that exists: its code stays."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.fields["code"].required = False
        self.fields["code"].disabled = True


class AwardForm(RefusableForm):
    """An award that a platform of the demo is to publish."""

    use_required_attribute = False
    platform = forms.ChoiceField(
        label=_("平台"), choices=[("yunzhou", _("云州公共资源交易网")), ("bidding", _("云州招标信息网"))]
    )
    project = forms.CharField(label=_("项目名称"), max_length=100, error_messages=_NEED)
    number = forms.CharField(label=_("项目编号"), max_length=40, error_messages=_NEED)
    buyer = forms.CharField(label=_("招标人"), max_length=60, error_messages=_NEED)
    winner = forms.CharField(label=_("中标人"), max_length=60, error_messages=_NEED)
    amount = AmountField(label=_("中标价"), error_messages=_NEED)

    def clean_amount(self) -> int:
        """Return whole yuan: a platform's releases tell no others."""
        yuan, rest = divmod(self.cleaned_data["amount"], 100)
        if rest:
            raise forms.ValidationError(_("填整数元"))
        return int(yuan)

    def award(self) -> Award:
        """Return the award that was typed."""
        told = self.cleaned_data
        return Award(told["project"], told["number"], told["buyer"], told["winner"], told["amount"])


def typed_of(source: Source) -> dict[str, Any]:
    """Return what a form begins with."""
    return {
        "name": source.name, "code": source.code, "minutes": source.minutes, "delay_seconds": source.delay_seconds,
        **source.recipe.as_data(),
    }  # fmt: skip


keep_typed("collecting", {"name": _("名称"), "address": _("列表网址"), "reason": _("原因")})
