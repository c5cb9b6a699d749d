"""Addresses: lines with their statements, limits and groups, reconciliation."""

from django.urls import path

from xinshu.books import views

app_name = "books"
urlpatterns = [
    path("credit-lines/", views.lines, name="lines"),
    path("credit-lines/export/", views.export_lines, name="export_lines"),
    path("credit-lines/<str:reference>/", views.statement, name="statement"),
    path("credit-lines/<str:reference>/export/", views.export_statement, name="export_statement"),
    path("concentration/", views.limits, name="limits"),
    path("concentration/thresholds/", views.thresholds, name="thresholds"),
    path("concentration/export/", views.export_limits, name="export_limits"),
    path("concentration/groups/new/", views.new_group, name="new_group"),
    path("concentration/groups/<str:reference>/", views.group, name="group"),
    path("concentration/groups/<str:reference>/join/", views.join, name="join"),
    path("concentration/groups/<str:reference>/leave/", views.leave, name="leave"),
    path("reconciliation/", views.reconciliation, name="reconciliation"),
]
