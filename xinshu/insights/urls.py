"""Addresses of the insights."""

from django.urls import path

from xinshu.insights.views import boards, discounts, needs, segments

app_name = "insights"
urlpatterns = [
    path("insights/", boards.show, name="board"),
    path("insights/export/", boards.export, name="export_board"),
    path("segments/", segments.show_all, name="segments"),
    path("segments/new/", segments.new, name="new_segment"),
    path("segments/size/", segments.size, name="size"),
    path("segments/<str:reference>/", segments.show, name="segment"),
    path("segments/<str:reference>/edit/", segments.edit, name="edit_segment"),
    path("segments/<str:reference>/export/", segments.export, name="export_segment"),
    path("segments/<str:reference>/<str:action>/", segments.act, name="segment_act"),
    path("discounts/", discounts.show_all, name="discounts"),
    path("discounts/propose/", discounts.propose, name="propose"),
    path("discounts/export/", discounts.export, name="export_discounts"),
    path("discounts/<str:reference>/", discounts.show, name="proposal"),
    path("discounts/<str:reference>/<str:action>/", discounts.act, name="proposal_act"),
    path("needs/", needs.show, name="needs"),
    path("needs/export/", needs.export, name="export_needs"),
]
