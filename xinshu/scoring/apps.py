"""Start-up of the scoring app."""

from django.apps import AppConfig


class ScoringConfig(AppConfig):
    """Models (模型): trained on a house's tables, watched, promoted by a second person."""

    name = "xinshu.scoring"
    verbose_name = "模型"
