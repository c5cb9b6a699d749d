"""Addresses: each context has its own table; this one puts them together."""

from django.urls import include, path

from xinshu.config.api import api

CONTEXTS = (
    "portal", "accounts", "books", "work", "archive", "guarantors", "tenders", "guarantees", "claims", "links",
    "billing", "documents", "ledger", "projects", "enterprises", "messaging", "integrations", "rules", "operations",
    "exchange", "web", "certification", "portraits", "ties", "scoring", "credit", "watch", "admission",
    "insights", "collecting", "subscriptions",
)  # fmt: skip

urlpatterns = [
    *(path("", include(f"xinshu.{name}.urls")) for name in CONTEXTS),
    path("api/v1/", api.urls),
]

handler400 = "xinshu.web.errors.bad_request"
handler403 = "xinshu.web.errors.forbidden"
handler404 = "xinshu.web.errors.not_found"
handler500 = "xinshu.web.errors.broken"
