"""Start-up of the enterprises app: who may read its files."""

from django.apps import AppConfig


class EnterprisesConfig(AppConfig):
    """The enterprise record (企业资料)."""

    name = "xinshu.enterprises"
    verbose_name = "企业资料"

    def ready(self) -> None:
        from xinshu.enterprises import visibility  # noqa: F401  (registers itself; models are loaded)
