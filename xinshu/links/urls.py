"""Addresses of links: `l/…/` is what the SMS carries; `links/…/` is the room behind it, opened by a visit's cookie."""

from django.urls import path

from xinshu.links.views import arrival, claiming, room, sending

app_name = "links"
urlpatterns = [
    path("l/<str:token>/", arrival.arrive, name="arrive"),
    path("links/<str:reference>/", room.show, name="room"),
    path("links/<str:reference>/leave/", arrival.leave, name="leave"),
    path("links/<str:reference>/files/<str:file>/", room.download, name="file"),
    path("links/<str:reference>/do/<str:action>/", room.act, name="act"),
    path("links/<str:reference>/contract-change/", room.report_change, name="report_change"),
    path("links/<str:reference>/changes/<str:change>/<str:action>/", room.act_on_change, name="change_act"),
    path("links/<str:reference>/claim/", claiming.new, name="claim"),
    path("links/<str:reference>/claims/<str:demand>/", claiming.show, name="demand"),
    path("links/<str:reference>/claims/<str:demand>/notice/", claiming.notice, name="notice"),
    path("links/<str:reference>/claims/<str:demand>/<str:action>/", claiming.act, name="demand_act"),
    path("guarantees/<str:guarantee>/link/new/", sending.send, name="send"),
    path("guarantees/<str:guarantee>/link/received/", sending.received, name="received"),
    path("guarantees/<str:guarantee>/links/<str:link>/<str:action>/", sending.act, name="link_act"),
]
