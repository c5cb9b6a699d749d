"""Addresses of operations."""

from django.urls import path

from xinshu.operations import views

app_name = "operations"
urlpatterns = [
    path("operations/", views.overview, name="overview"),
    path("operations/trace/", views.trace, name="trace"),
    path("readyz", views.readyz, name="readyz"),
    path("metrics", views.metrics, name="metrics"),
]
