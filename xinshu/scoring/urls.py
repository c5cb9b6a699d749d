"""Addresses of the models' pages."""

from django.urls import path

from xinshu.scoring.views import data, history, models, scores

app_name = "scoring"
urlpatterns = [
    path("models/", models.show_all, name="list"),
    path("models/data/", data.show_all, name="data_list"),
    path("models/data/new/", data.new, name="data_new"),
    path("models/data/history/", history.build, name="data_history"),
    path("models/data/<str:reference>/", data.show, name="data"),
    path("models/data/<str:reference>/<str:action>/", data.act, name="data_act"),
    path("models/scores/", scores.show_all, name="scores"),
    path("models/scores/export/", scores.export, name="export_scores"),
    path("models/scores/<str:reference>/", scores.show, name="score"),
    path("models/scores/<str:reference>/replay/", scores.replay, name="replay"),
    path("models/versions/<str:reference>/", models.version, name="version"),
    path("models/versions/<str:reference>/card/", models.card, name="card"),
    path("models/versions/<str:reference>/drift/", models.drift, name="drift"),
    path("models/versions/<str:reference>/<str:action>/", models.act_on_version, name="version_act"),
    path("models/<str:reference>/", models.show, name="model"),
    path("models/<str:reference>/export/", models.export, name="export"),
    path("models/<str:reference>/<str:action>/", models.act_on_model, name="model_act"),
]
