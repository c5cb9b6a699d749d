"""Addresses of ties: under the firm whose graph it is, and of single ties."""

from django.urls import path

from xinshu.ties.views import circles, show, telling

app_name = "ties"
urlpatterns = [
    path("enterprises/<slug:reference>/graph/", show.show, name="show"),
    path("enterprises/<slug:reference>/graph/export/", show.export, name="export"),
    path("enterprises/<slug:reference>/graph/path/", show.path, name="path"),
    path("enterprises/<slug:reference>/graph/history/", show.history, name="history"),
    path("enterprises/<slug:reference>/graph/ask/", show.ask, name="ask"),
    path("enterprises/<slug:reference>/graph/group/", show.settle_group, name="group"),
    path("enterprises/<slug:reference>/graph/new/", telling.tell, name="tell"),
    path("ties/<slug:reference>/", telling.correct, name="correct"),
    path("ties/<slug:reference>/withdraw/", telling.withdraw, name="withdraw"),
    path("guarantee-circles/", circles.show_all, name="circles"),
]
