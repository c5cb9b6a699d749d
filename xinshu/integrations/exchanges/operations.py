"""The operations of the interface, as routes: what a call can have asked for."""

from functools import cache

from django.urls import URLPattern, URLResolver, get_resolver

from xinshu.integrations.door import PREFIX


@cache
def operations() -> list[str]:
    """Return the routes behind the door, in order."""
    return sorted(set(_routes(get_resolver(), "")))


def _routes(resolver: URLResolver, before: str) -> list[str]:
    found: list[str] = []
    for one in resolver.url_patterns:
        route = before + str(one.pattern)
        if not (route.startswith(PREFIX[1:]) or PREFIX[1:].startswith(route)):
            continue
        if isinstance(one, URLResolver):
            found += _routes(one, route)
        elif isinstance(one, URLPattern) and route.startswith(PREFIX[1:]):
            found.append(route)
    return found
