"""From a case's reference to the case and back, whatever its context: entries and notices name the case alone."""

from collections.abc import Iterable
from functools import cache

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db import models

from xinshu.core.cases import Case as CaseModel
from xinshu.integrations.exchanges.taken import Case


@cache
def _models() -> list[type[models.Model]]:
    """Return the models of cases: what people know by its reference."""
    return [model for model in apps.get_models() if issubclass(model, CaseModel) and not model._meta.proxy]


def cases_named(reference: str) -> list[Case]:
    """Return the cases with this reference: one statement for each kind of case, each by its unique index."""
    found: list[Case] = []
    for model in _models():
        for pk in model._default_manager.filter(reference=reference).values_list("pk", flat=True):
            found.append((model._meta.label_lower, pk))
    return found


def references_of(cases: Iterable[Case]) -> dict[Case, str]:
    """Return the references of those of `cases` that have one: one statement for each kind of case among them."""
    wanted: dict[str, set[int]] = {}
    for type_, pk in cases:
        wanted.setdefault(type_, set()).add(pk)
    found: dict[Case, str] = {}
    for type_, pks in wanted.items():
        try:
            model = apps.get_model(type_)
            model._meta.get_field("reference")
        except (LookupError, ValueError, FieldDoesNotExist):
            continue
        for pk, reference in model._default_manager.filter(pk__in=pks).values_list("pk", "reference"):
            found[type_, pk] = reference
    return found
