"""Addresses of the credit libraries."""

from django.urls import path

from xinshu.credit.views import appeals, cards, library, lists, records

app_name = "credit"
urlpatterns = [
    path("credit/own/", library.own, name="own"),
    path("credit/applicants/", library.show, {"library": "applicants"}, name="applicants"),
    path("credit/applicants/export/", library.export, {"library": "applicants"}, name="export_applicants"),
    path("credit/guarantors/", library.show, {"library": "guarantors"}, name="guarantors"),
    path("credit/guarantors/export/", library.export, {"library": "guarantors"}, name="export_guarantors"),
    path("credit/records/<slug:reference>/", records.show, name="record"),
    path("credit/records/<slug:reference>/enter/", records.enter, name="enter"),
    path("credit/records/<slug:reference>/appeal/", appeals.against_score, name="appeal_score"),
    path("credit/behaviours/<slug:reference>/correct/", records.correct, name="correct"),
    path("credit/behaviours/<slug:reference>/appeal/", appeals.against_behaviour, name="appeal_behaviour"),
    path("credit/appeals/", appeals.show_all, name="appeals"),
    path("credit/appeals/<slug:reference>/", appeals.show, name="appeal"),
    path("credit/appeals/<slug:reference>/<str:action>/", appeals.act, name="appeal_act"),
    path("credit/cards/", cards.show_all, name="cards"),
    path("credit/cards/new/<slug:side>/", cards.new, name="new_card"),
    path("credit/cards/<slug:reference>/", cards.show, name="card"),
    path("credit/cards/<slug:reference>/edit/", cards.edit, name="edit_card"),
    path("credit/cards/<slug:reference>/effect/", cards.effect, name="effect"),
    path("credit/cards/<slug:reference>/effect/export/", cards.export_effect, name="export_effect"),
    path("credit/cards/<slug:reference>/<str:action>/", cards.act, name="card_act"),
    path("credit/lists/", lists.show_all, name="lists"),
    path("credit/lists/export/", lists.export, name="export_lists"),
    path("credit/lists/new/", lists.new, name="new_entry"),
    path("credit/lists/import/", lists.bring, name="import_lists"),
    path("credit/lists/confirm/", lists.confirm_many, name="confirm_lists"),
    path("credit/lists/<slug:reference>/", lists.show, name="list_entry"),
    path("credit/lists/<slug:reference>/<str:action>/", lists.act, name="list_act"),
]
