"""Addresses: each context has its own table; this one puts them together."""

from importlib.util import find_spec

from django.urls import include, path

CONTEXTS = ["portal", "accounts", "guarantees", "documents", "ledger", "projects", "enterprises", "messaging", "web"]

# until every context has its table
urlpatterns = [path("", include(f"xinshu.{name}.urls")) for name in CONTEXTS if find_spec(f"xinshu.{name}.urls")]

handler400 = "xinshu.web.errors.bad_request"
handler403 = "xinshu.web.errors.forbidden"
handler404 = "xinshu.web.errors.not_found"
handler500 = "xinshu.web.errors.broken"
