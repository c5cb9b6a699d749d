"""Addresses of the tender pages."""

from django.urls import path

from xinshu.tenders.views import funnel, pages, waiting

app_name = "tenders"
urlpatterns = [
    path("tenders/", pages.show_list, name="list"),
    path("tenders/export/", pages.export, name="export"),
    path("tenders/new/", pages.enter, name="new"),
    path("tenders/waiting/", waiting.show, name="waiting"),
    path("tenders/funnel/", funnel.show, name="funnel"),
    path("tenders/funnel/export/", funnel.export, name="export_funnel"),
    path("tenders/<slug:reference>/", pages.show, name="detail"),
    path("opportunities/<slug:reference>/<str:action>/", pages.act, name="act"),
]
