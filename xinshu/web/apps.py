"""The web app: templates, static files, shell."""

from django.apps import AppConfig


class WebConfig(AppConfig):
    name = "xinshu.web"
    verbose_name = "页面"
