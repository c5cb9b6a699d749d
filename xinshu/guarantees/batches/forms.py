"""Shapes of what people hand in about a batch."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from xinshu.accounts.models import Organisation

ACCEPTS = ".xlsx,.csv"


class UploadForm(forms.Form):
    """A corrected workbook."""

    file = forms.FileField(label=_("批量出函表"), allow_empty_file=True)


class NewBatchForm(UploadForm):
    """A name by which people know the batch, the guarantor where there is a choice, the workbook."""

    name = forms.CharField(label=_("批次名称"), min_length=2, max_length=60)
    guarantor = forms.ModelChoiceField(
        label=_("保证人"), queryset=Organisation.objects.none(), empty_label=_("请选择保证人")
    )
    field_order = ("name", "guarantor", "file")

    def __init__(self, *args: Any, guarantors: QuerySet[Organisation] | None, **options: Any) -> None:
        super().__init__(*args, **options)
        if guarantors is None:
            del self.fields["guarantor"]
        else:
            self.fields["guarantor"].queryset = guarantors  # type: ignore[attr-defined]
