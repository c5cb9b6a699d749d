"""/files/<reference>/: the only way out for a file."""

from django.urls import path

from xinshu.documents import views

app_name = "documents"
urlpatterns = [path("files/<slug:reference>/", views.download, name="file")]
