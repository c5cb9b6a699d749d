"""/files/<reference>/ is the only way out for a file; /readings/ is 材料识别."""

from django.urls import path

from xinshu.documents import views
from xinshu.documents.papers import views as papers
from xinshu.documents.searching import views as text

app_name = "documents"
urlpatterns = [
    path("files/<slug:reference>/", views.download, name="file"),
    path("files/<slug:reference>/text/", text.show, name="text"),
    path("readings/", papers.show_list, name="readings"),
    path("readings/explain/", papers.explain, name="explain"),
    path("readings/accuracy/", papers.show_accuracy, name="accuracy"),
    path("readings/accuracy/export/", papers.export_accuracy, name="export_accuracy"),
    path("readings/<slug:reference>/", papers.show, name="reading"),
    path("readings/<slug:reference>/pages/<int:number>/", papers.picture, name="page"),
    path("readings/<slug:reference>/<str:action>/", papers.act, name="act"),
]
