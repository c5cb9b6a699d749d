"""The shapes of what people type about limits and groups; the actions decide whether it holds."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from xinshu.accounts.forms import RefusableForm
from xinshu.accounts.models import Organisation
from xinshu.books.models import GroupMember
from xinshu.web.fields import MomentField
from xinshu.web.refusals import keep_typed


class ThresholdsForm(RefusableForm):
    """From which shares of the total, in percent, people are told."""

    use_required_attribute = False

    warn_at = forms.IntegerField(label=_("第一次提醒（%）"), error_messages={"required": _("请填写 1 到 100 的整数。")})
    alarm_at = forms.IntegerField(
        label=_("第二次提醒（%）"), error_messages={"required": _("请填写 1 到 100 的整数。")}
    )


class GroupForm(RefusableForm):
    """What a group is called."""

    use_required_attribute = False

    name = forms.CharField(label=_("集团名称"), max_length=80, error_messages={"required": _("请填写集团名称。")})


class JoinForm(RefusableForm):
    """Which customer belongs to the group, and why."""

    use_required_attribute = False

    party = forms.ModelChoiceField(
        label=_("客户"),
        queryset=Organisation.objects.none(),
        empty_label=_("请选择客户"),
        error_messages={"required": _("请选择客户。"), "invalid_choice": _("请从名单中选择。")},
    )
    relation = forms.ChoiceField(label=_("关联关系"), choices=GroupMember.Relation.choices)
    basis = forms.CharField(
        label=_("认定依据"), max_length=200, error_messages={"required": _("请写明依据，例如股权穿透结果。")}
    )

    def __init__(self, *args: Any, candidates: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["party"].queryset = candidates  # type: ignore[attr-defined]


class PeriodForm(RefusableForm):
    """From when until when a statement is wanted."""

    use_required_attribute = False

    since = MomentField(label=_("起"), required=False)
    until = MomentField(label=_("止"), required=False)


keep_typed("books", {"source": _("数据出处"), "basis": _("认定依据"), "name": _("集团名称")})
