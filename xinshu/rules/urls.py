"""Addresses of the rules' pages."""

from django.urls import path

from xinshu.rules.views import editing, runs, sets

app_name = "rules"
urlpatterns = [
    path("rules/", sets.show_all, name="list"),
    path("rules/export/", sets.export, name="export"),
    path("rules/new/", editing.new, name="new"),
    path("rules/check/", editing.check, name="check"),
    path("rules/sources/", runs.sources, name="sources"),
    path("rules/runs/", runs.show_all, name="runs"),
    path("rules/runs/export/<str:log>/", runs.export, name="export_log"),
    path("rules/runs/<str:reference>/", runs.show, name="run"),
    path("rules/versions/<str:reference>/", sets.version, name="version"),
    path("rules/versions/<str:reference>/edit/", editing.edit, name="edit"),
    path("rules/versions/<str:reference>/trial/", sets.trial, name="trial"),
    path("rules/versions/<str:reference>/trial/export/", sets.export_trial, name="export_trial"),
    path("rules/versions/<str:reference>/<str:action>/", sets.act_on_version, name="version_act"),
    path("rules/sets/<str:reference>/", sets.show, name="set"),
    path("rules/sets/<str:reference>/next/", editing.next_version, name="next"),
    path("rules/sets/<str:reference>/ask/", runs.ask, name="ask"),
    path("rules/sets/<str:reference>/<str:action>/", sets.act_on_set, name="set_act"),
]
