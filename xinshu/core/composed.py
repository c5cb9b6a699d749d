"""Queries that are composed once and asked often: their shape never changes, only the values in it.

Composing a query through the ORM takes longer than the database takes to answer a short one; an act that reads thirty
short ones spends most of its time so. `composed` keeps the SQL that the ORM made, and how its rows become objects, per
connection. What comes back is what the queryset would have given.
"""

from collections.abc import Callable, Iterator, Sequence
from functools import update_wrapper
from typing import Any, Generic, ParamSpec, TypeVar
from weakref import WeakKeyDictionary

from django.db import DEFAULT_DB_ALIAS, connections, models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import Expression
from django.db.models.query import FlatValuesListIterable, ModelIterable, get_related_populators

P = ParamSpec("P")
Row = TypeVar("Row")


class Composed(Generic[P, Row]):
    """A query of one shape, asked with values by position: `@composed` before a function that returns its queryset.

    The function is called once per connection, with a place in the query for each value; it must not look at them.
    """

    def __init__(self, compose: Callable[P, "models.QuerySet[Any, Row]"]) -> None:
        self._compose: Callable[..., models.QuerySet[Any, Row]] = compose
        self._places = [Place(number) for number in range(compose.__code__.co_argcount)]
        self._shapes: WeakKeyDictionary[BaseDatabaseWrapper, Shape] = WeakKeyDictionary()
        update_wrapper(self, compose)

    def __call__(self, *values: P.args, **named: P.kwargs) -> list[Row]:
        """Return the rows. Raises TypeError for None, which equals nothing in SQL, and for values by name."""
        if named or len(values) != len(self._places) or any(value is None for value in values):
            raise TypeError(f"{self._compose.__name__}: {len(self._places)} values by position, none of them None")
        connection = connections[DEFAULT_DB_ALIAS]
        shape = self._shapes.get(connection)
        if shape is None:
            shape = self._shapes[connection] = Shape(self._compose(*self._places), connection)
        return list(shape.rows(values, connection))

    def first(self, *values: P.args, **named: P.kwargs) -> Row | None:
        """Return the first row. A query that may find many says `[:1]` itself."""
        return next(iter(self(*values, **named)), None)


composed = Composed


class Place(Expression):
    """Where the value `number` goes."""

    def __init__(self, number: int) -> None:
        super().__init__(output_field=models.Field())
        self.number = number

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list["Place"]]:  # type: ignore[override]
        """Return a placeholder whose parameter is this place."""
        return "%s", [self]


class Shape:
    """The SQL of a query, and how its rows become what the queryset yields (as Django's ModelIterable does it)."""

    def __init__(self, queryset: Any, connection: BaseDatabaseWrapper) -> None:
        kind = queryset._iterable_class
        if kind not in (ModelIterable, FlatValuesListIterable) or queryset._prefetch_related_lookups:
            raise TypeError("composed queries give objects, or single values (flat=True)")
        compiler = queryset.query.get_compiler(connection=connection)
        self.sql, self.params = compiler.as_sql()
        self.width = compiler.col_count
        self.converters = compiler.get_converters([column for column, _sql, _alias in compiler.select])
        self.info = compiler.klass_info if kind is ModelIterable else None
        if self.info is not None:
            self.model = self.info["model"]
            fields = self.info["select_fields"]
            self.first, self.end = fields[0], fields[-1] + 1
            self.names = [column.target.attname for column, _sql, _alias in compiler.select[self.first : self.end]]
            related: Any = get_related_populators  # the stubs know a later Django's
            self.related = related(self.info, compiler.select, connection.alias)
            self.annotations = compiler.annotation_col_map

    def rows(self, values: Sequence[Any], connection: BaseDatabaseWrapper) -> Iterator[Any]:
        """Ask, and yield objects or single values."""
        adapt = connection.ops.adapt_unknown_value
        params = [adapt(values[one.number]) if isinstance(one, Place) else one for one in self.params]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, params)
            found: Sequence[Any] = cursor.fetchall()
        for row in found:
            line = self._converted(row, connection)
            yield line[0] if self.info is None else self._object(line, connection)

    def _converted(self, row: Sequence[Any], connection: BaseDatabaseWrapper) -> list[Any]:
        line = list(row[: self.width])
        for position, (converters, expression) in self.converters.items():
            for convert in converters:
                line[position] = convert(line[position], expression, connection)
        return line

    def _object(self, line: list[Any], connection: BaseDatabaseWrapper) -> models.Model:
        found = self.model.from_db(connection.alias, self.names, line[self.first : self.end])
        for populate in self.related:
            populate.populate(line, found)
        for name, position in self.annotations.items():
            setattr(found, name, line[position])
        return found
