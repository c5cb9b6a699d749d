"""Letters (函件): from a template version and its values to a PDF, and the platform's own templates as .typ files."""

from xinshu.documents.letters.rendering import FontsMissing, TemplateFault, render

__all__ = ["FontsMissing", "TemplateFault", "render"]
