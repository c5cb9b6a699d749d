"""Addresses of the sources' pages."""

from django.urls import path

from xinshu.collecting.views import sandbox, sources

app_name = "collecting"
urlpatterns = [
    path("collecting/", sources.show_all, name="sources"),
    path("collecting/export/", sources.export, name="export"),
    path("collecting/new/", sources.new, name="new_source"),
    path("collecting/pages/<slug:reference>/", sources.show_kept, name="kept"),
    path("collecting/pages/<slug:reference>/text/", sources.download_kept, name="kept_text"),
    path("collecting/<slug:reference>/", sources.show, name="source"),
    path("collecting/<slug:reference>/edit/", sources.edit, name="edit_source"),
    path("collecting/<slug:reference>/<str:action>/", sources.act, name="source_act"),
    path("demo/platforms/", sandbox.publishing, name="publishing"),
    path("sandbox/platforms/<path:path>", sandbox.platform, name="sandbox"),
]
