"""Addresses of messages."""

from django.urls import path

from xinshu.messaging import views

app_name = "messaging"
urlpatterns = [
    path("notices/", views.notices, name="list"),
    path("notices/read-all/", views.read_all, name="read_all"),
    path("notices/<str:reference>/<str:action>/", views.mark, name="mark"),
]
