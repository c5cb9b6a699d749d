"""Addresses of the public site, the workbench and the manual."""

from django.urls import path

from xinshu.portal import personal, views
from xinshu.portal.arranging import claiming
from xinshu.portal.arranging import views as arranging
from xinshu.portal.bulletins import desk, public

app_name = "portal"
urlpatterns = [
    path("", views.home, name="home"),
    path("workbench/", views.workbench, name="workbench"),
    path("schedule/", personal.schedule, name="schedule"),
    path("documents/", personal.documents, name="documents"),
    path("help/", views.help_index, name="help"),
    path("help/<slug:slug>/", views.help_page, name="help_page"),
    path("claim/", claiming.show, name="claim"),
    path("announcements/", public.show_all, name="announcements"),
    path("announcements/feed/", public.feed, name="feed"),
    path("announcements/<slug:reference>/", public.show, name="announcement"),
    path("announcements/<slug:reference>/files/<int:number>/", public.download, name="announcement_file"),
    path("operations/announcements/", desk.show_all, name="bulletins"),
    path("operations/announcements/new/", desk.new, name="new_bulletin"),
    path("operations/announcements/export/", desk.export, name="export_bulletins"),
    path("operations/announcements/<slug:reference>/", desk.show, name="bulletin"),
    path("operations/announcements/<slug:reference>/edit/", desk.edit, name="edit_bulletin"),
    path("operations/announcements/<slug:reference>/history/", desk.history, name="bulletin_history"),
    path("operations/announcements/<slug:reference>/files/", desk.attach, name="attach_bulletin"),
    path("operations/announcements/<slug:reference>/files/<int:number>/", desk.detach, name="detach_bulletin"),
    path("operations/announcements/<slug:reference>/<slug:action>/", desk.act, name="bulletin_act"),
    path("operations/portal/", arranging.show, name="arrangement"),
    path("operations/portal/restore/", arranging.restore, name="restore_arrangement"),
    path("healthz", views.healthz, name="healthz"),
    path("robots.txt", views.robots, name="robots"),
    path("favicon.ico", views.favicon, name="favicon"),
]
