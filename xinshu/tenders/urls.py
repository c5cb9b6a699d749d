"""Addresses of the tender pages."""

from django.urls import path

from xinshu.tenders.views import funnel, listing, pages, waiting

app_name = "tenders"
urlpatterns = [
    path("tenders/", listing.show, name="list"),
    path("tenders/export/", listing.export, name="export"),
    path("tenders/map/", listing.show_map, name="map"),
    path("tenders/new/", pages.enter, name="new"),
    path("tenders/waiting/", waiting.show, name="waiting"),
    path("tenders/funnel/", funnel.show, name="funnel"),
    path("tenders/funnel/export/", funnel.export, name="export_funnel"),
    path("tenders/funnel/institutions/", funnel.show_institutions, name="funnels"),
    path("tenders/funnel/institutions/export/", funnel.export_institutions, name="export_funnels"),
    path("tenders/<slug:reference>/", pages.show, name="detail"),
    path("opportunities/<slug:reference>/<str:action>/", pages.act, name="act"),
]
