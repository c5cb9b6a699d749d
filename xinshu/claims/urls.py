"""Addresses of the claims pages."""

from django.urls import path

from xinshu.claims.views import demands, injunctions, recourses, register

app_name = "claims"
urlpatterns = [
    path("claims/", register.show, name="list"),
    path("claims/export/", register.export, name="export"),
    path("guarantees/<str:reference>/claims/new/", demands.new, name="new"),
    path("guarantees/<str:reference>/claims/stop/", injunctions.new, name="stop"),
    path("claims/stops/<str:reference>/", injunctions.show, name="injunction"),
    path("claims/stops/<str:reference>/<str:action>/", injunctions.act, name="injunction_act"),
    path("claims/recourse/", recourses.show_all, name="recourses"),
    path("claims/recourse/<str:reference>/", recourses.show, name="recourse"),
    path("claims/recourse/<str:reference>/export/", recourses.export, name="recourse_export"),
    path("claims/recourse/<str:reference>/do/<str:action>/", recourses.act, name="recourse_act"),
    path("claims/<str:reference>/", demands.show, name="detail"),
    path("claims/<str:reference>/<str:action>/", demands.act, name="act"),
]
