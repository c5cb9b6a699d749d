"""Start-up of the admission app: its purposes of rules, and who may read files that answer a questionnaire."""

from django.apps import AppConfig


class AdmissionConfig(AppConfig):
    """Tags and admission (标签与准入)."""

    name = "xinshu.admission"
    verbose_name = "标签与准入"

    def ready(self) -> None:
        from xinshu.admission import portrait, purposes, visibility  # noqa: F401  (register themselves)
