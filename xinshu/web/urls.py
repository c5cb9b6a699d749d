"""Addresses of the web app: what the shell fetches, and the components page for those who build pages."""

from django.urls import path

from xinshu.web import views

app_name = "web"
urlpatterns = [
    path("organisations/", views.organisations, name="organisations"),
    path("components/", views.components, name="components"),
]
