"""Bringing the register of kinds (kinds.KINDS) up to what the database says: at the doors, and only when it changed."""

import time
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError
from django.db.models import Count, Max
from django.http import HttpRequest, HttpResponse

from xinshu.guarantees.kinds import KINDS
from xinshu.guarantees.types.lifecycle import EVER_ACTIVE
from xinshu.guarantees.types.models import TypeVersion


class _Watch:
    """When this process last compared its register with the database; `stale`: it knows that it must."""

    looked_at = 0.0
    stale = False


def bring_up_to_date() -> None:
    """Compare the register's stamp with the database, every TYPES_LOOKED_AT_EVERY seconds at most (None: when told).

    One aggregate over a table of a few dozen rows; the types are read only when the stamp is another one.
    """
    every = settings.TYPES_LOOKED_AT_EVERY
    now = time.monotonic()
    if not _Watch.stale and (every is None or now - _Watch.looked_at < every):
        return
    _Watch.looked_at, _Watch.stale = now, False
    found = TypeVersion.objects.filter(state__in=EVER_ACTIVE)
    try:
        counted = found.aggregate(number=Count("pk"), last=Max("changed_at"), versions=Max("version"))
    except DatabaseError:  # what is known goes on holding; whoever needs the database meets its fault itself
        look_again()
        return
    stamp = f"{counted['number']}:{counted['last']}:{counted['versions']}"
    if stamp != KINDS.stamp:
        KINDS.show([version.kind for version in found.order_by("pk")], stamp)


def look_again() -> None:
    """Have the next `bring_up_to_date` of this process ask the database, whenever it asked last."""
    _Watch.stale = True


class TypesMiddleware:
    """Lets every request find the types as they are."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        bring_up_to_date()
        return self.get_response(request)
