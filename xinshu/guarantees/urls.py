"""Addresses of the guarantee pages."""

from django.urls import path

from xinshu.guarantees.views import detail, public, register, signing, wizard

app_name = "guarantees"
urlpatterns = [
    path("guarantees/", register.show, name="list"),
    path("guarantees/totals/", register.totals, name="totals"),
    path("guarantees/export/", register.export, name="export"),
    path("guarantees/new/", wizard.start, name="new"),
    path("guarantees/<str:reference>/apply/<str:name>/", wizard.step, name="step"),
    path("guarantees/<str:reference>/", detail.show, name="detail"),
    path("guarantees/<str:reference>/progress/", detail.progress, name="progress"),
    path("guarantees/<str:reference>/evidence/", detail.evidence, name="evidence"),
    path("guarantees/<str:reference>/approval/<str:action>/", signing.step, name="signing"),
    path("guarantees/<str:reference>/<str:action>/", detail.act, name="act"),
    path("verify/", public.verify, name="verify"),
    path("verify/<str:number>/", public.verify_number, name="verify_number"),
]
