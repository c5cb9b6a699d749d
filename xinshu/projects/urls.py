"""Addresses of the projects."""

from django.urls import path

from xinshu.projects import views

app_name = "projects"
urlpatterns = [
    path("projects/", views.projects_page, name="list"),
    path("projects/new/", views.register_page, name="new"),
    path("projects/<slug:reference>/", views.project_page, name="detail"),
    path("projects/<slug:reference>/edit/", views.amend_page, name="edit"),
    path("projects/<slug:reference>/award/", views.award_page, name="award"),
    path("projects/<slug:reference>/files/", views.attach, name="attach"),
]
