"""A refusal is a "no" with a name and a sentence for the person: expected, shown in place, waking nobody."""

from typing import ClassVar, TypeVar

from django.utils.translation import gettext as _

Row = TypeVar("Row")


class Refusal(Exception):
    """What happened, what is kept, what to do next. `status` is the HTTP status that a page or the API answers with."""

    status: ClassVar[int] = 422
    title: ClassVar[str] = "没有办成"
    way: tuple[str, str] | None = None  # name of the page where it can be mended, and what the link to it says

    def __init__(self, message: str, *, advice: str = "", fields: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.advice = advice
        self.fields = fields or {}


class Invalid(Refusal):
    """What was handed in does not hold; `fields` says where."""

    title = "填写的内容需要修改"


class Unknown(Refusal):
    """It does not exist, or not for this person: the two look alike on purpose."""

    status = 404
    title = "没有找到"


def there(row: Row | None, message: str) -> Row:
    """Return `row`, where there is one for who asks. Raises Unknown."""
    if row is None:
        raise Unknown(message, advice=_("它可能属于其他机构，请从列表进入。"))
    return row


class NotPermitted(Refusal):
    """It exists for this person, but the act is not theirs."""

    status = 403
    title = "没有操作权限"


class NotNow(Refusal):
    """The lifecycle does not allow this act in the present state."""

    status = 409
    title = "现在不能这样办理"


class Changed(Refusal):
    """Somebody else changed the case since this person opened it. `case` lets the page show what changed."""

    status = 409
    title = "这笔业务刚刚被改过"

    def __init__(self, message: str, *, case: object = None, advice: str = "") -> None:
        super().__init__(message, advice=advice)
        self.case = case
