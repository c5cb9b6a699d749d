"""Addresses of the back office of the interface, and of its description."""

from django.urls import path

from xinshu.integrations import views
from xinshu.integrations.description import docs
from xinshu.integrations.exchanges import views as hub

app_name = "integrations"
urlpatterns = [
    path("integrations/", views.clients, name="clients"),
    path("integrations/new/", views.new_client, name="new"),
    path("integrations/calls/", views.calls, name="calls"),
    path("integrations/calls/export/", views.calls_export, name="calls_export"),
    path("integrations/events/", views.subscriptions, name="subscriptions"),
    path("integrations/events/<slug:reference>/", views.subscription, name="subscription"),
    path("integrations/events/<slug:reference>/sendings/<int:number>/replay/", views.replay_sending, name="replay"),
    path("integrations/events/<slug:reference>/<slug:action>/", views.subscription_act, name="subscription_act"),
    path("integrations/<slug:reference>/", views.client, name="client"),
    path("integrations/<slug:reference>/grant/", views.grant, name="grant"),
    path("integrations/<slug:reference>/limits/", views.limits, name="limits"),
    path("integrations/<slug:reference>/keys/", views.new_key, name="new_key"),
    path("integrations/<slug:reference>/keys/<slug:code>/revoke/", views.revoke, name="revoke"),
    path("integrations/<slug:reference>/subscribe/", views.subscribe, name="subscribe"),
    path("integrations/<slug:reference>/<slug:action>/", views.client_act, name="client_act"),
    path("exchanges/", hub.exchanges, name="exchanges"),
    path("exchanges/export/", hub.exchanges_export, name="exchanges_export"),
    path("exchanges/<slug:source>/<int:number>/", hub.exchange, name="exchange"),
    path("api/v1/docs", docs, name="docs"),
]
