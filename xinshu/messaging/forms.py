"""The shapes of what people type about messages; whether it holds is the actions' business."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from xinshu.accounts.forms import RefusableForm
from xinshu.core.clock import moment
from xinshu.messaging.kinds import CHANNELS, CRITICAL, PRIORITIES
from xinshu.messaging.models import NoticeQuerySet, Preference, TopicRule
from xinshu.messaging.preferences import TopicWish
from xinshu.messaging.timing import Wish
from xinshu.messaging.topics import TOPICS, Topic


class Narrowing(forms.Form):
    """A search: anything unreadable narrows nothing."""

    def asked(self) -> dict[str, Any]:
        """Return the readable part of what was asked, with every key."""
        self.is_valid()
        return dict.fromkeys(self.fields, "") | self.cleaned_data


class HistoryForm(Narrowing):
    """What a person's own messages are narrowed to."""

    q = forms.CharField(max_length=60, required=False)
    tone = forms.CharField(max_length=8, required=False)
    topic = forms.CharField(max_length=16, required=False)
    since = forms.DateField(required=False)
    until = forms.DateField(required=False)

    def narrow(self, notices: NoticeQuerySet) -> NoticeQuerySet:
        asked = self.asked()
        for word in asked["q"].split()[:8]:
            notices = notices.filter(text__icontains=word)
        if asked["tone"]:
            notices = notices.filter(tone=asked["tone"])
        if asked["topic"] in TOPICS:
            notices = notices.filter(topic=asked["topic"])
        if asked["since"] and asked["since"].year > 1:
            notices = notices.filter(at__gte=moment(asked["since"]))
        if asked["until"] and asked["until"].year < 9999:
            notices = notices.filter(at__lt=moment(asked["until"] + timedelta(days=1)))
        return notices


class SentForm(Narrowing):
    """What the operator's list of messages is narrowed to."""

    q = forms.CharField(max_length=60, required=False)
    channel = forms.CharField(max_length=8, required=False)
    kind = forms.CharField(max_length=80, required=False)

    def narrow(self, messages: Any) -> Any:
        asked = self.asked()
        if asked["channel"]:
            messages = messages.filter(channel=asked["channel"])
        if asked["kind"]:
            messages = messages.filter(kind=asked["kind"])
        if asked["q"]:
            text = asked["q"]
            messages = messages.filter(reference__iexact=text) | messages.filter(masked__contains=text)
        return messages


class EffectsForm(Narrowing):
    """Which weeks and which topic the figures are of."""

    WEEKS = (4, 8, 12, 26)
    weeks = forms.TypedChoiceField(choices=[(number, number) for number in WEEKS], coerce=int, required=False)
    topic = forms.ChoiceField(choices=[(code, code) for code in TOPICS], required=False)
    who = forms.IntegerField(min_value=1, max_value=2**53, required=False)  # a person of the house, or a house

    def asked(self) -> dict[str, Any]:
        asked = super().asked()
        return asked | {"weeks": asked["weeks"] or 8}


class PreferenceForm(RefusableForm):
    """Rhythm and least priority of every channel, and quiet hours."""

    begins = forms.TimeField(label=_("开始"), required=False, widget=forms.TimeInput({"type": "time"}))
    ends = forms.TimeField(label=_("结束"), required=False, widget=forms.TimeInput({"type": "time"}))

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        least = [(number, name) for number, name in PRIORITIES.items() if number < CRITICAL]
        for channel, name in CHANNELS.items():
            self.fields[f"{channel}_rhythm"] = forms.ChoiceField(
                label=_("%(channel)s何时发送") % {"channel": name}, choices=Preference.Rhythm.choices
            )
            self.fields[f"{channel}_least"] = forms.TypedChoiceField(
                label=_("%(channel)s从哪个优先级起") % {"channel": name}, choices=least, coerce=int
            )

    def wishes(self) -> dict[str, Wish]:
        """Return what was chosen, by channel."""
        chosen = self.cleaned_data
        return {channel: Wish(chosen[f"{channel}_rhythm"], chosen[f"{channel}_least"]) for channel in CHANNELS}


SCORES = [(0, _("全部")), *((least, _("%(n)d 分以上") % {"n": least}) for least in (40, 50, 60, 70, 80, 90))]


class TopicForm(RefusableForm):
    """How one topic is wanted: each channel's rhythm, least priority and score, quiet hours."""

    least_score = forms.TypedChoiceField(label=_("发到手机和邮箱：从多少分起"), coerce=int, choices=SCORES)
    toast_score = forms.TypedChoiceField(
        label=_("页面上弹出：从多少分起"), coerce=int, choices=SCORES, required=False, empty_value="0"
    )
    least = forms.TypedChoiceField(
        label=_("从哪个优先级起"), coerce=int,
        choices=[(number, name) for number, name in PRIORITIES.items() if number < CRITICAL],
    )  # fmt: skip
    quiet = forms.ChoiceField(label=_("免打扰"), choices=TopicRule.Quiet.choices)
    begins = forms.TimeField(label=_("开始"), required=False, widget=forms.TimeInput({"type": "time"}))
    ends = forms.TimeField(label=_("结束"), required=False, widget=forms.TimeInput({"type": "time"}))

    def __init__(self, topic: Topic, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if not topic.scored:
            del self.fields["least_score"], self.fields["toast_score"]
        for channel, name in CHANNELS.items():
            self.fields[channel] = forms.ChoiceField(label=name, choices=Preference.Rhythm.choices)

    def wish(self) -> TopicWish:
        """Return what was chosen."""
        chosen = self.cleaned_data
        channels = {channel: Wish(chosen[channel], chosen["least"]) for channel in CHANNELS}
        return TopicWish(
            channels, chosen.get("least_score", 0), int(chosen.get("toast_score", 0)), chosen["quiet"],
            chosen["begins"], chosen["ends"],
        )  # fmt: skip


class TemplateForm(RefusableForm):
    """What a template says."""

    subject = forms.CharField(label=_("标题"), max_length=100, required=False)
    text = forms.CharField(label=_("内容"), max_length=1000, widget=forms.Textarea({"rows": 5}))
    provider_code = forms.CharField(label=_("服务商模板编号"), max_length=80, required=False)


class TestForm(RefusableForm):
    """Where a test goes."""

    address = forms.CharField(label=_("接收地址"), max_length=200)
