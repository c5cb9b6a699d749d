"""Start-up of work."""

from django.apps import AppConfig


class WorkConfig(AppConfig):
    """Work (待办与审批): contexts above register their kinds of cases here."""

    name = "xinshu.work"
    verbose_name = "待办与审批"
