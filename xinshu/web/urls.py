"""Addresses of the web app: the components page, for those who build pages."""

from django.urls import path

from xinshu.web import views

app_name = "web"
urlpatterns = [path("components/", views.components, name="components")]
