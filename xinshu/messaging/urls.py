"""Addresses of messages."""

from django.urls import path

from xinshu.messaging.views import callbacks, desk, effects, notices, preferences

app_name = "messaging"
urlpatterns = [
    path("notices/", notices.notices, name="list"),
    path("notices/export/", notices.export, name="export"),
    path("notices/go/<slug:reference>/", notices.go, name="go"),
    path("notices/read-all/", notices.read_all, name="read_all"),
    path("notices/effects/", effects.show, name="own_effects"),
    path("notices/effects/export/", effects.export, name="export_own_effects"),
    path("notices/settings/", preferences.preferences, name="preferences"),
    path("notices/settings/topics/<slug:topic>/", preferences.topic, name="topic"),
    path("notices/settings/<slug:action>/", preferences.address, name="address"),
    path("notices/device/", preferences.device, name="device"),
    path("notices/<str:reference>/<str:action>/", notices.mark, name="mark"),
    path("operations/messages/", desk.sent, name="sent"),
    path("operations/messages/effects/", effects.show, name="effects"),
    path("operations/messages/effects/export/", effects.export, name="export_effects"),
    path("operations/messages/calls/", desk.calls, name="calls"),
    path("operations/messages/<slug:reference>/", desk.message, name="message"),
    path("operations/messages/<slug:reference>/<slug:action>/", desk.decide, name="decide"),
    path("operations/channels/", desk.channels, name="channels"),
    path("operations/templates/", desk.templates, name="templates"),
    path("operations/templates/version/<slug:reference>/<slug:action>/", desk.change_template, name="change_template"),
    path("operations/templates/<str:kind>/<slug:channel>/", desk.template, name="template"),
    path("callbacks/aliyun/<slug:secret>/", callbacks.from_aliyun, name="from_aliyun"),
    path("callbacks/tencent/<slug:secret>/", callbacks.from_tencent, name="from_tencent"),
    path("callbacks/wechat/", callbacks.from_wechat, name="from_wechat"),
]
