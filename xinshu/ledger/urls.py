"""Addresses of the ledger's pages."""

from django.urls import path

from xinshu.ledger import retention_views, views

app_name = "ledger"
urlpatterns = [
    path("evidence/", views.evidence, name="evidence"),
    path("evidence/checkpoint", views.checkpoint, name="checkpoint"),
    path("evidence/offline/", views.offline, name="offline"),
    path("log/", views.log, name="log"),
    path("log/export/", views.log_export, name="log_export"),
    path("log/lines/", views.log_lines, name="log_lines"),
    path("log/<int:number>/evidence/", views.log_evidence, name="log_evidence"),
    path("log/retention/", retention_views.retention, name="retention"),
    path("log/retention/rules/<str:reference>/clear/", retention_views.clear, name="clear"),
    path("log/retention/<str:what>/<str:reference>/", retention_views.case, name="retention_case"),
    path("log/retention/<str:what>/<str:reference>/<str:action>/", retention_views.act, name="retention_act"),
    path("operations/deliveries/", views.deliveries, name="deliveries"),
    path("operations/deliveries/<int:number>/retry/", views.retry, name="retry"),
    path("operations/verify/", views.verify_now, name="verify"),
]
