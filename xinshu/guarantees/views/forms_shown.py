"""Putting a refusal back into the form that the person filled in, with everything they typed."""

from django import forms

from xinshu.core.refusals import Invalid


def show_in(form: forms.Form, refusal: Invalid, field: str | None = None) -> None:
    """Show a refusal where the person looks: at the fields it names, else at `field`, else at the top of the form."""
    for name, message in refusal.fields.items():
        form.add_error(name if name in form.fields else field, message)
    if not refusal.fields:
        form.add_error(field, refusal.message)
