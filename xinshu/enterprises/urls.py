"""Addresses of the enterprise record and of a guarantor's customers."""

from django.urls import path

from xinshu.enterprises import views
from xinshu.enterprises.views import finding, imports, papers

app_name = "enterprises"
urlpatterns = [
    path("find/", finding.show, name="find"),
    path("enterprises/", views.home, name="list"),
    path("enterprises/export/", views.export, name="export"),
    path("enterprises/rhythm/", views.rhythm, name="rhythm"),
    path("enterprises/imports/", imports.show_all, name="imports"),
    path("enterprises/imports/new/", imports.new, name="new_import"),
    path("enterprises/imports/template/", imports.template, name="import_template"),
    path("enterprises/imports/<slug:reference>/", imports.show, name="import"),
    path("enterprises/imports/<slug:reference>/progress/", imports.progress, name="import_progress"),
    path("enterprises/imports/<slug:reference>/faults/", imports.faults, name="import_faults"),
    path("enterprises/imports/<slug:reference>/<slug:action>/", imports.act, name="import_act"),
    path("enterprises/<slug:reference>/", views.detail, name="detail"),
    path("enterprises/<slug:reference>/history/", views.history, name="history"),
    path("enterprises/<slug:reference>/as-of/", views.as_of, name="as_of"),
    path("enterprises/<slug:reference>/hand-over/", views.hand_over, name="hand_over"),
    path("enterprises/<slug:reference>/papers/", papers.show, name="papers"),
    path("enterprises/<slug:reference>/verify/", views.verify, name="verify"),
    path("enterprises/<slug:reference>/settle/", views.settle_conflict, name="settle"),
]
