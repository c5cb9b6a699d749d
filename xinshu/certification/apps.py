"""Start-up of the certification app: who may read its files."""

from django.apps import AppConfig


class CertificationConfig(AppConfig):
    """企业认证."""

    name = "xinshu.certification"
    verbose_name = "企业认证"

    def ready(self) -> None:
        from xinshu.certification import methods, visibility  # noqa: F401  (register themselves; models are loaded)
