"""Addresses of proof files, published keys, the script that checks them, and of dossiers."""

from django.urls import path

from xinshu.archive import proof_views, views

app_name = "archive"
urlpatterns = [
    path(".well-known/xinshu-keys.json", proof_views.keys, name="keys"),
    path("verify/tools/verify_guarantee.py", proof_views.tool, name="tool"),
    path("verify/<str:number>/proof/", proof_views.public_proof, name="public_proof"),
    path("archive/proofs/<str:reference>/", proof_views.proof, name="proof"),
    path("archive/", views.show_list, name="list"),
    path("archive/export/", views.export, name="export"),
    path("archive/batch/", views.batch, name="batch"),
    path("archive/batch/<str:first>/<str:last>/", views.batch_part, name="batch_part"),
    path("archive/exports/", views.ask_export, name="ask_export"),
    path("archive/exports/<str:reference>/", views.show_export, name="show_export"),
    path("archive/exports/<str:reference>/progress/", views.export_progress, name="export_progress"),
    path("archive/exports/<str:reference>/parts/<str:position>/", views.export_part, name="export_part"),
    path("archive/seal/<str:reference>/", views.seal, name="seal"),
    path("archive/<str:reference>/", views.detail, name="detail"),
    path("archive/<str:reference>/bundle/", views.bundle, name="bundle"),
    path("archive/<str:reference>/files/<str:position>/", views.file, name="file"),
]
