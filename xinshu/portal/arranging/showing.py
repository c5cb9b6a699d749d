"""What the arrangement shows: the channels of every public page, the columns of the home page with their content."""

from datetime import datetime
from typing import Any

from django.core.cache import cache

from xinshu.accounts.models import Organisation
from xinshu.core import clock
from xinshu.guarantees.models import Product
from xinshu.guarantees.queries import public_figures
from xinshu.portal.arranging.actions import newest
from xinshu.portal.arranging.pieces import TARGETS, Piece, shipped
from xinshu.portal.bulletins.queries import Search

FIGURES_FOR = 300  # seconds
CHANNELS_FOR = 30  # seconds for which a bar on other pages may lag behind; the home page reads the arrangement itself
CHANNELS = "portal.channels"


def current() -> tuple[list[Piece], list[Piece]]:
    """Return channels and columns as they are arranged now."""
    holds = newest()
    return (holds.channels, holds.columns) if holds else shipped()


def bar_of(channels: list[Piece]) -> list[tuple[str, str]]:
    """Return (title, address) of the channels to show."""
    shown = [(one["title"], TARGETS[one["to"]].href) for one in channels if one["visible"] and one["to"] in TARGETS]
    return [(title, href) for title, href in shown if href]


def public_channels() -> list[tuple[str, str]]:
    """Return the bar of public pages; looked up now and then, not for every page."""
    found: Any = cache.get_or_set(CHANNELS, lambda: bar_of(current()[0]), CHANNELS_FOR)
    return list(found)


def platform_figures(at: datetime) -> dict[str, Any]:
    """Return what anybody may know about the platform."""
    organisations = Organisation.objects.filter(active=True)
    return public_figures(at) | {
        "issuers": organisations.filter(kind__in=Organisation.ISSUERS).count(),
        "enterprises": organisations.filter(kind=Organisation.Kind.ENTERPRISE).count(),
        "at": at,
    }


def filled(columns: list[Piece], at: datetime, *, inside: bool) -> list[list[dict[str, Any]]]:
    """Return the rows of the home page: one wide column each, or two narrow ones beside each other.

    Columns without content are left out. `inside`: somebody is signed in.
    """
    rows: list[list[dict[str, Any]]] = []
    for piece in columns:
        if not piece["visible"] or not (content := _content(piece, at, inside=inside)):
            continue
        column = {**piece, "content": content}
        beside = rows and not piece["wide"] and len(rows[-1]) == 1 and not rows[-1][0]["wide"]
        if beside:
            rows[-1].append(column)
        else:
            rows.append([column])
    return rows


def _content(piece: Piece, at: datetime, *, inside: bool) -> Any:
    """Return what a column shows; nothing when there is nothing to show."""
    kind = piece["kind"]
    if kind == "entries":
        return _entries(piece, inside=inside)
    if kind == "figures":
        figures: Any = cache.get_or_set("portal.figures", lambda: platform_figures(clock.now()), FIGURES_FOR)
        return figures if figures["number"] else None
    if kind == "bulletins":
        return list(Search(category=piece["category"]).public(at)[: piece["rows"]])
    if kind == "shelf":
        offered = Product.objects.offered(clock.local_day(at)).select_related("guarantor")
        return list(offered.order_by("kind", "guarantor__name", "pk")[: piece["rows"]])
    return True  # the others are the same for everybody


def _entries(piece: Piece, *, inside: bool) -> list[tuple[str, str, Any, Any]]:
    """Return (address, icon, label, hint) of the entries that this installation has."""
    found = []
    for target in (TARGETS[entry] for entry in piece["entries"] if entry in TARGETS):
        label, hint = target.label, target.hint
        if inside:
            label, hint = target.label_inside or label, target.hint_inside or hint
        if target.href:
            found.append((target.href, target.icon, label, hint))
    return found
