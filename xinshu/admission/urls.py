"""Addresses of tags, questionnaires and gates."""

from django.urls import path

from xinshu.admission.views import gates, product, questionnaires, sheets, tags

app_name = "admission"
urlpatterns = [
    path("tags/", tags.show_all, name="tags"),
    path("tags/export/", tags.export, name="export_tags"),
    path("tags/new/", tags.new, name="new_tag"),
    path("tags/<str:reference>/", tags.show, name="tag"),
    path("tags/<str:reference>/edit/", tags.edit, name="edit_tag"),
    path("tags/<str:reference>/export/", tags.export_carriers, name="export_carriers"),
    path("tags/<str:reference>/<str:action>/", tags.act, name="tag_act"),
    path("questionnaires/", questionnaires.show_all, name="questionnaires"),
    path("questionnaires/new/", questionnaires.new, name="new_questionnaire"),
    path("questionnaires/versions/<str:reference>/edit/", questionnaires.edit, name="edit_version"),
    path("questionnaires/versions/<str:reference>/<str:action>/", questionnaires.act_on_version, name="version_act"),
    path("questionnaires/<str:reference>/", questionnaires.show, name="questionnaire"),
    path("questionnaires/<str:reference>/next/", questionnaires.draft_next, name="next_version"),
    path("questionnaires/<str:reference>/send/", questionnaires.send, name="send"),
    path("questionnaires/<str:reference>/export/", questionnaires.export, name="export_answers"),
    path("questionnaires/<str:reference>/<str:action>/", questionnaires.act, name="questionnaire_act"),
    path("sheets/", sheets.mine, name="sheets"),
    path("sheets/<str:reference>/", sheets.show, name="sheet"),
    path("sheets/<str:reference>/<str:action>/", sheets.act, name="sheet_act"),
    path("gates/", gates.show_all, name="gates"),
    path("gates/new/", gates.new, name="new_gate"),
    path("gates/<str:reference>/", gates.show, name="gate"),
    path("gates/<str:reference>/edit/", gates.edit, name="edit_gate"),
    path("gates/<str:reference>/export/", gates.export, name="export_matches"),
    path("gates/<str:reference>/<str:action>/", gates.act, name="gate_act"),
    path("admission/<str:product>/", product.show, name="product"),
    path("admission/<str:product>/check/", product.check, name="check"),
    path("admission/<str:product>/fill/", product.fill, name="fill"),
]
