"""Addresses of supervision, submissions, verification, and of the doors at which receivers ring."""

from django.urls import path

from xinshu.exchange.views import doors, projects, submissions, supervision, verifications

app_name = "exchange"
urlpatterns = [
    path("submissions/", submissions.show, name="submissions"),
    path("submissions/export/", submissions.export, name="export"),
    path("submissions/<slug:reference>/", submissions.detail, name="submission"),
    path("submissions/<slug:reference>/<slug:action>/", submissions.act, name="submission_act"),
    path("supervision/", supervision.show, name="supervision"),
    path("supervision/<slug:reference>/", supervision.plan, name="plan"),
    path("supervision/<slug:reference>/rows/", supervision.add, name="add_row"),
    path("supervision/<slug:reference>/rows/<int:number>/remove/", supervision.remove, name="remove_row"),
    path("supervision/<slug:reference>/impact/", supervision.export, name="impact"),
    path("supervision/<slug:reference>/<slug:action>/", supervision.act, name="plan_act"),
    path("verifications/", verifications.show, name="verifications"),
    path("verifications/<slug:reference>/", verifications.detail, name="verification"),
    path("verifications/<slug:reference>/export/", verifications.export, name="verification_export"),
    path("project-sync/", projects.show, name="project_sync"),
    path("project-sync/export/", projects.export, name="project_export"),
    path("project-sync/records/<slug:reference>/", projects.record, name="record"),
    path("project-sync/records/<slug:reference>/register/", projects.register, name="register_record"),
    path("project-sync/records/<slug:reference>/rules/", projects.rules, name="record_rules"),
    path("project-sync/records/<slug:reference>/arrivals/<int:number>/<slug:action>/", projects.settle, name="settle"),
    path("project-sync/differences/<slug:reference>/<slug:action>/", projects.decide, name="decide"),
    path("project-sync/messages/<slug:reference>/", projects.message, name="project_message"),
    path("project-sync/messages/<slug:reference>/<slug:action>/", projects.act, name="project_message_act"),
    path("receivers/<slug:receiver>/results/", doors.results, name="results"),
    path("receivers/<slug:receiver>/reports/", doors.reports, name="reports"),
]
