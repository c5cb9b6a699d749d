"""Addresses of the watch."""

from django.urls import path

from xinshu.watch.views import alerts, cases, firms, rules, screenings

app_name = "watch"
urlpatterns = [
    path("watch/", cases.show_list, name="cases"),
    path("watch/export/", cases.export, name="export_cases"),
    path("watch/cases/<slug:reference>/", cases.show, name="case"),
    path("watch/cases/<slug:reference>/<str:action>/", cases.act, name="case_act"),
    path("watch/alerts/", alerts.show_list, name="alerts"),
    path("watch/alerts/export/", alerts.export, name="export_alerts"),
    path("watch/alerts/<slug:reference>/", alerts.show, name="alert"),
    path("watch/alerts/<slug:reference>/<str:action>/", alerts.act, name="alert_act"),
    path("watch/firms/", firms.show_list, name="firms"),
    path("watch/firms/export/", firms.export, name="export_firms"),
    path("watch/firms/<slug:reference>/", firms.show, name="firm"),
    path("watch/rules/", rules.show_list, name="rules"),
    path("watch/rules/export/", rules.export, name="export_rules"),
    path("watch/rules/<slug:pattern>/", rules.edit, name="rule"),
    path("watch/rules/<slug:reference>/<str:action>/", rules.act, name="rule_act"),
    path("watch/screenings/", screenings.show_list, name="screenings"),
    path("watch/screenings/export/", screenings.export, name="export_screenings"),
    path("watch/screenings/new/", screenings.ask, name="screen"),
    path("watch/screenings/<slug:reference>/", screenings.show, name="screening"),
]
