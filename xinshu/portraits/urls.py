"""Addresses of portraits and reports."""

from django.urls import path

from xinshu.portraits import views

app_name = "portraits"
urlpatterns = [
    path("enterprises/<slug:reference>/portrait/", views.show, name="show"),
    path("enterprises/<slug:reference>/report/", views.make_report, name="make"),
    path("reports/", views.show_list, name="reports"),
    path("reports/export/", views.export, name="export"),
]
