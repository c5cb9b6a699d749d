"""Addresses of the enterprise record and of a guarantor's customers."""

from django.urls import path

from xinshu.enterprises import views

app_name = "enterprises"
urlpatterns = [
    path("enterprises/", views.home, name="list"),
    path("enterprises/<slug:reference>/", views.detail, name="detail"),
]
