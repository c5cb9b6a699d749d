"""数据分级分类: of every field how sensitive it is, and how it is covered for those without the right.

After the grading of ordinary data in GB/T 43697-2024. Each app says it of its models in its module `classification`.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from django.apps import apps
from django.db import models

from xinshu.core import masking
from xinshu.core.actors import Actor
from xinshu.core.cases import Case

REVEAL = "accounts.reveal"  # the right to read sensitive values uncovered, on pages and in exports


class Level(IntEnum):
    """How much harm it does when a value gets out. The platform's own four grades of ordinary data."""

    PUBLIC = 1
    INTERNAL = 2
    SENSITIVE = 3
    CORE = 4

    @property
    def label(self) -> str:
        return {1: "公开", 2: "内部", 3: "敏感", 4: "核心"}[self]

    @property
    def rule(self) -> str:
        """What follows from it."""
        return {
            1: "任何人可见",
            2: "有业务关系或管理职责的人可见",
            3: "有“查看敏感信息”权限的人可见原文，其他人见遮盖后的值；导出同样",
            4: "不显示、不导出；加密或只存摘要",
        }[self]


@dataclass(frozen=True)
class Class:
    """The class of a field: level, category, and how a value is covered (None: not at all, or at CORE entirely)."""

    level: Level
    category: str
    cover: Callable[[Any], Any] | None = None

    def shown(self, value: Any, reader: Actor | None) -> Any:
        """Return `value` as `reader` may see it: CORE to nobody, what has a cover uncovered only with the right."""
        if value in (None, ""):
            return value
        if self.level == Level.CORE:
            return masking.COVERED
        if self.cover is None or self.level < Level.SENSITIVE or (reader is not None and reader.can(REVEAL)):
            return value
        return self.cover(value)


BUSINESS, MACHINERY, PERSONAL, SECURITY = "业务数据", "技术数据", "个人信息", "安全数据"
OPEN = Class(Level.PUBLIC, BUSINESS)  # on the public site, or in a public register
INTERNAL = Class(Level.INTERNAL, BUSINESS)  # the words and marks of a case: its parties see them
TECHNICAL = Class(Level.INTERNAL, MACHINERY)  # counters, marks, codes without a meaning outside
COMMERCIAL = Class(Level.SENSITIVE, "商业信息")  # amounts, rates, terms: those see them for whom the case exists
FREE_TEXT = Class(Level.SENSITIVE, BUSINESS, masking.text)  # typed by people: may hold numbers of people
DATA = Class(Level.SENSITIVE, BUSINESS, masking.inside)  # JSON that may hold numbers of people
NAME = Class(Level.SENSITIVE, PERSONAL, masking.person)
ACTOR = Class(Level.SENSITIVE, PERSONAL, masking.actor)
LOGIN = Class(Level.SENSITIVE, PERSONAL, masking.login)
PHONE = Class(Level.SENSITIVE, PERSONAL, masking.phone)
ID_NUMBER = Class(Level.SENSITIVE, PERSONAL, masking.id_number)
ACCOUNT = Class(Level.SENSITIVE, PERSONAL, masking.account)
NETWORK = Class(Level.SENSITIVE, PERSONAL, masking.address)
MASKED = Class(Level.INTERNAL, PERSONAL)  # kept covered in the first place
SECRET = Class(Level.CORE, SECURITY, masking.whole)  # passwords, keys, digests of secrets
SEALED = Class(Level.CORE, PERSONAL, masking.whole)  # personal, encrypted in the column

# Of every case, whatever the app; and the second halves of generic links.
EVERYWHERE: Mapping[str, Class] = {
    "reference": INTERNAL, "state": INTERNAL, "version": TECHNICAL, "subject_type": TECHNICAL,
    "subject_id": TECHNICAL,
}  # fmt: skip
_PLAIN = (models.ForeignKey, models.BooleanField, models.DateField, models.TimeField, models.DurationField)
_classes: dict[str, Class] = {}


def classify(app: str, table: Mapping[str, Mapping[str, Class]]) -> None:
    """Say the classes of the fields of `app`: {"User": {"phone": PHONE, ...}, ...}. Called when it is imported."""
    for model, fields in table.items():
        for name, of in fields.items():
            _classes[f"{app}.{model}.{name}"] = of


def class_of(field: str) -> Class:
    """Return the class of "app.Model.field". Raises KeyError where nobody has said it."""
    found = _classes.get(field) or EVERYWHERE.get(field.rpartition(".")[2])
    if found is None:
        raise KeyError(f"{field} has no class: its app's classification.py wants to know it")
    return found


def shown(field: str, value: Any, reader: Actor | None) -> Any:
    """Return `value` of "app.Model.field" as `reader` may see it."""
    return class_of(field).shown(value, reader)


def needs_class(field: "models.Field[Any, Any]") -> bool:
    """Tell whether a field can hold text, numbers or files: what is neither a link nor yes/no nor a time."""
    return not (field.primary_key or isinstance(field, _PLAIN))


def classified() -> "Iterator[tuple[type[models.Model], models.Field[Any, Any], Class | None]]":
    """Yield every field of our models that needs a class, with it (None: nobody has said it)."""
    for model in apps.get_models():
        if not model.__module__.startswith("xinshu.") or model._meta.proxy:
            continue
        label = f"{model._meta.app_label}.{model.__name__}"
        for field in model._meta.concrete_fields:
            if needs_class(field):
                found = _classes.get(f"{label}.{field.name}")
                if found is None and (issubclass(model, Case) or field.name.startswith("subject_")):
                    found = EVERYWHERE.get(field.name)
                yield model, field, found
