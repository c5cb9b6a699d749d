"""Addresses: plans, delegations, own days."""

from django.urls import path

from xinshu.work import views

app_name = "work"
urlpatterns = [
    path("approvals/plans/", views.plans, name="plans"),
    path("approvals/plans/new/", views.new_plan, name="new_plan"),
    path("approvals/plans/<str:reference>/", views.plan, name="plan"),
    path("approvals/plans/<str:reference>/<str:action>/", views.plan_act, name="plan_act"),
    path("approvals/days/", views.own_day, name="own_day"),
    path("approvals/short/", views.short, name="short"),
    path("approvals/short/<str:reference>/appoint/", views.appoint, name="appoint"),
    path("approvals/delegations/", views.delegations, name="delegations"),
    path("approvals/delegations/<str:reference>/<str:action>/", views.delegation_act, name="delegation_act"),
]
