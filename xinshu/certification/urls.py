"""Addresses of certifications."""

from django.urls import path

from xinshu.certification import proof_views, views

app_name = "certification"
urlpatterns = [
    path("certification/", views.mine, name="mine"),
    path("certification/new/", views.apply, name="apply"),
    path("certification/proofs/", proof_views.proofs, name="proofs"),
    path("certification/proofs/<slug:action>/", proof_views.proofs_act, name="proofs_act"),
    path("certifications/", views.show_list, name="list"),
    path("certifications/<slug:reference>/", views.review, name="review"),
    path("certifications/<slug:reference>/<slug:item>/judge/", views.judge_item, name="judge"),
    path("certifications/<slug:reference>/<slug:action>/", views.act, name="act"),
]
