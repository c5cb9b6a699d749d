"""Shapes of what people hand in; intake.py judges the contents."""

from collections.abc import Sequence

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from xinshu.accounts.forms import RefusableForm
from xinshu.core.clock import moment
from xinshu.core.refusals import Invalid
from xinshu.documents.uploads import read_upload
from xinshu.documents.verification import examine
from xinshu.tenders.actions.intake import Delivery
from xinshu.tenders.asking import ORDERS, Filters
from xinshu.tenders.funnels import GROUPS, Asked
from xinshu.tenders.models import STAGES
from xinshu.tenders.reading.kinds import KINDS
from xinshu.tenders.reading.trades import TRADES
from xinshu.web.fields import AmountField, DayField
from xinshu.web.refusals import keep_typed


class EntryForm(RefusableForm):
    """An announcement as a person brings it: text pasted, or a file."""

    title = forms.CharField(label=gettext_lazy("公告标题"), max_length=300)
    kind = forms.ChoiceField(
        label=gettext_lazy("公告类型"), required=False,
        choices=lambda: [("", _("按标题判断")), *((code, str(label)) for code, label in KINDS.items())],
    )  # fmt: skip
    published_at = DayField(label=gettext_lazy("发布日期"), required=False)
    region_code = forms.CharField(label=gettext_lazy("行政区划代码"), max_length=12, required=False)
    url = forms.CharField(label=gettext_lazy("原文网址"), max_length=500, required=False)
    body = forms.CharField(
        label=gettext_lazy("公告全文"), required=False, strip=False, widget=forms.Textarea(attrs={"rows": 14})
    )
    file = forms.FileField(label=gettext_lazy("公告文件"), required=False, allow_empty_file=True)

    def delivery(self) -> Delivery:
        """Return what was handed in. Raises Invalid for a file in which there is no text."""
        told = self.cleaned_data
        body = told["body"]
        if told.get("file"):
            body = text_of(read_upload(told["file"]), told["file"].name or "")
        return Delivery(
            title=told["title"], body=body, url=told["url"].strip(), kind=told["kind"],
            published_at=moment(told["published_at"]) if told["published_at"] else None,
            region_code=told["region_code"].strip(),
        )  # fmt: skip


keep_typed("tenders", {"title": gettext_lazy("公告标题"), "body": gettext_lazy("公告全文")})


def text_of(content: bytes, name: str) -> str:
    """Return the text of an uploaded notice: HTML and text as they are, of a PDF its text layer. Raises Invalid."""
    if content[:1024].find(b"%PDF-") >= 0:
        found = examine(content)
        if not found.text.strip():
            raise Invalid(
                _("没有保存。"), fields={"file": found.problem or _("PDF 里没有文字层，可能是扫描件。请粘贴公告全文。")}
            )
        return str(found.text)
    for encoding in ("utf-8-sig", "gb18030"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\0" not in text and text.strip():
            return text
        break
    raise Invalid(
        _("没有保存。"),
        fields={"file": _("“%(name)s”读不出文字，请上传 HTML、TXT 或带文字层的 PDF。") % {"name": name[:60]}},
    )


class FiltersForm(forms.Form):
    """The list's filters, all in the URL. What does not read is left out and said."""

    q = forms.CharField(required=False, max_length=100)
    view = forms.ChoiceField(required=False, choices=[(view, "") for view in ("", "ours", "todo", "unsure")])
    sort = forms.ChoiceField(required=False, choices=[(order, "") for order in ORDERS])
    kind = forms.ChoiceField(
        label=gettext_lazy("类型"), required=False,
        choices=lambda: [("", _("全部类型")), *((code, str(label)) for code, label in KINDS.items())],
    )  # fmt: skip
    region = forms.RegexField(
        r"^[0-9]{1,12}$", label=gettext_lazy("地区"), required=False,
        error_messages={"invalid": gettext_lazy("地区按行政区划代码的前几位填写，例如 9901。")},
    )  # fmt: skip
    trade = forms.ChoiceField(
        label=gettext_lazy("行业"), required=False,
        choices=lambda: [("", _("全部行业")), *((code, str(label)) for code, label in TRADES.items())],
    )  # fmt: skip
    source = forms.RegexField(r"^[\w.\-]{1,60}$", label=gettext_lazy("来源"), required=False)
    since = DayField(label=gettext_lazy("发布从"), required=False)
    until = DayField(label=gettext_lazy("发布至"), required=False)
    least = AmountField(label=gettext_lazy("中标价不低于"), required=False)
    most = AmountField(label=gettext_lazy("中标价不高于"), required=False)
    firm = forms.CharField(label=gettext_lazy("客户或本单位名称"), required=False, max_length=60)

    def filters(self) -> Filters:
        """Return what reads."""
        self.is_valid()
        return Filters(**{name: value for name, value in self.cleaned_data.items() if value not in (None, "")})


class FunnelForm(forms.Form):
    """Which opportunities the funnel counts, by what, and which it lists. What does not read is left out and said."""

    since = DayField(label=gettext_lazy("推送从"), required=False)
    until = DayField(label=gettext_lazy("推送至"), required=False)
    region = forms.RegexField(
        r"^(-|[0-9]{1,12})$", label=gettext_lazy("地区代码"), required=False,
        error_messages={"invalid": gettext_lazy("地区按行政区划代码的前几位填写，例如 9901。")},
    )  # fmt: skip
    by = forms.ChoiceField(label=gettext_lazy("分列"), required=False, choices=lambda: list(GROUPS.items()))
    manager = forms.RegexField(r"^(-|[0-9]{1,15})$", required=False)
    house = forms.RegexField(r"^[0-9]{1,15}$", required=False)
    stage = forms.ChoiceField(required=False, choices=[("", ""), *((stage, stage) for stage in STAGES)])

    def asked(self, offered: Sequence[str]) -> Asked:
        """Return what reads, in groups of `offered` (the first unless another is asked for)."""
        self.is_valid()
        told = {name: value for name, value in self.cleaned_data.items() if value}
        by = told.get("by")
        return Asked(**told | {"by": by if by in offered else offered[0]})
