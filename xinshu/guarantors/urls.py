"""Addresses of the guarantors' pages."""

from django.urls import path

from xinshu.guarantors import views
from xinshu.guarantors.terms import views as terms

app_name = "guarantors"
urlpatterns = [
    path("guarantors/", views.show_all, name="list"),
    path("guarantors/export/", views.export, name="export"),
    path("guarantors/qualifications/new/", views.new_qualification, name="new_qualification"),
    path("guarantors/qualifications/<str:reference>/", views.show_qualification, name="qualification"),
    path("guarantors/qualifications/<str:reference>/edit/", views.edit_qualification, name="edit_qualification"),
    path(
        "guarantors/qualifications/<str:reference>/<str:action>/", views.act_on_qualification, name="qualification_act"
    ),
    path("guarantors/terms/", terms.show_all, name="terms_list"),
    path("guarantors/terms/export/", terms.export, name="export_terms"),
    path("guarantors/terms/new/", terms.new, name="new_terms"),
    path("guarantors/terms/<str:reference>/", terms.show, name="terms"),
    path("guarantors/terms/<str:reference>/edit/", terms.edit, name="edit_terms"),
    path("guarantors/terms/<str:reference>/<str:action>/", terms.act, name="terms_act"),
    path("guarantors/net-assets/new/", views.new_net_assets, name="new_net_assets"),
    path("guarantors/net-assets/<str:reference>/", views.show_net_assets, name="net_assets"),
    path("guarantors/net-assets/<str:reference>/edit/", views.edit_net_assets, name="edit_net_assets"),
    path("guarantors/net-assets/<str:reference>/<str:action>/", views.act_on_net_assets, name="net_assets_act"),
    path("guarantors/scopes/new/", views.new_scope, name="new_scope"),
    path("guarantors/scopes/<str:reference>/", views.show_scope, name="scope"),
    path("guarantors/scopes/<str:reference>/edit/", views.edit_scope, name="edit_scope"),
    path("guarantors/scopes/<str:reference>/<str:action>/", views.act_on_scope, name="scope_act"),
]
