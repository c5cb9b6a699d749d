"""Addresses of the subscriptions."""

from django.urls import path

from xinshu.subscriptions.views import editing, lists

app_name = "subscriptions"
urlpatterns = [
    path("subscriptions/", lists.show_all, name="list"),
    path("subscriptions/new/", editing.new, name="new"),
    path("subscriptions/try/", editing.try_subscription, name="try"),
    path("subscriptions/export/", lists.export, name="export"),
    path("subscriptions/people/", lists.show_people, name="people"),
    path("subscriptions/people/export/", lists.export_people, name="export_people"),
    path("subscriptions/<slug:reference>/", lists.show, name="subscription"),
    path("subscriptions/<slug:reference>/edit/", editing.edit, name="edit"),
    path("subscriptions/<slug:reference>/export/", lists.export_matches, name="export_matches"),
    path("subscriptions/<slug:reference>/matches/<int:number>/", lists.judge_match, name="judge"),
    path("subscriptions/<slug:reference>/<str:action>/", lists.act, name="act"),
]
