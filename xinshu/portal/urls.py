"""Addresses of the public site, the workbench and the manual."""

from django.urls import path

from xinshu.portal import personal, views

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("workbench/", views.workbench, name="workbench"),
    path("schedule/", personal.schedule, name="schedule"),
    path("documents/", personal.documents, name="documents"),
    path("help/", views.help_index, name="help"),
    path("help/<slug:slug>/", views.help_page, name="help_page"),
    path("healthz", views.healthz, name="healthz"),
    path("robots.txt", views.robots, name="robots"),
    path("favicon.ico", views.favicon, name="favicon"),
]
