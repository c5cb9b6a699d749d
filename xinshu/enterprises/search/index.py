"""Keeping the search texts: by reaction, when a name, a code or a customer is new. pypinyin loads on first use."""

from collections.abc import Iterable

from xinshu.core.grams import grams_of, normalise
from xinshu.enterprises.fields import NAMING
from xinshu.enterprises.models import Enterprise, RecordField, Relation, SearchText


def of_house(pk: int) -> str:
    """Return the piece that marks the customers of an institution, unlike any that a name could have."""
    return f"house{pk}"


def initials(name: str) -> str:
    """Return the first letters of the pinyin of `name`: "云州恒达" -> "yzhd"; letters and digits stay."""
    from pypinyin import Style, lazy_pinyin  # 25 MB of dictionaries: only where something is indexed

    return normalise("".join(lazy_pinyin(normalise(name), style=Style.FIRST_LETTER, errors="default")))


def texts_of(enterprises: Iterable[Enterprise]) -> list[SearchText]:
    """Return the search text of every one (with its organisation loaded), unsaved. Two queries for all of them."""
    enterprises = list(enterprises)
    names: dict[int, dict[str, None]] = {one.pk: {one.organisation.name: None} for one in enterprises}
    codes: dict[int, dict[str, None]] = {one.pk: {one.organisation.uscc or "": None} for one in enterprises}
    told = RecordField.objects.standing().filter(enterprise__in=names, code__in=NAMING).order_by("-id")
    for pk, code, value in told.values_list("enterprise", "code", "value"):
        (codes if code == "uscc" else names)[pk][value] = None
    houses: dict[int, list[str]] = {one.pk: [] for one in enterprises}
    for pk, house in Relation.objects.filter(enterprise__in=names).values_list("enterprise", "guarantor"):
        houses[pk].append(of_house(house))
    return [text_of(one.pk, [*names[one.pk]], [*codes[one.pk]], houses[one.pk]) for one in enterprises]


def text_of(pk: int, names: list[str], codes: list[str], houses: list[str]) -> SearchText:
    """Return the search text of one enterprise: names, their initials, codes."""
    lines = [normalise(text) for text in names if text]
    lines += [initials(name) for name in names if name]
    lines += [normalise(code) for code in codes if code]
    lines = list(dict.fromkeys(line for line in lines if line))
    return SearchText(enterprise_id=pk, text="\n".join(lines), grams=" ".join(sorted({*grams_of(lines), *houses})))


def keep(texts: list[SearchText]) -> None:
    """Write search texts, new or anew."""
    SearchText.objects.bulk_create(
        texts, update_conflicts=True, unique_fields=["enterprise"], update_fields=["text", "grams"], batch_size=500
    )


def index(enterprises: Iterable[Enterprise]) -> None:
    """Make these enterprises (with their organisations loaded) findable as they are now."""
    keep(texts_of(enterprises))
