"""What a lesson can be given: typed, validated inputs."""

import dataclasses
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Self

from sheetlab.errors import InputError
from sheetlab.files.address import is_name
from sheetlab.files.cell_value import CellError
from sheetlab.text import (
    LANGUAGES,
    Language,
    Text,
    bilingual,
    printable,
    quoted,
    same,
    user_language,
)

if TYPE_CHECKING:
    from sheetlab.data import Table

# COUNTIF and its kin look for no longer text.
LONGEST_TEXT = 255

# A column with more different texts than these is a key or a measurement, and no category.
MOST_CATEGORIES = 30

_NUMBER = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]+)?")


@dataclass(frozen=True)
class Constraint:
    """What one input may be.

    Columns hold several values, `length` says how many; one that is `as_long_as` another has as
    many as that (or none, where none are allowed), and the values of one add up to `sum_at_most`.
    A table holds several columns of them:
    `columns` says how many, `reserved` which names (`"parent total"`) they cannot have, since
    the lesson has them.
    """

    label: Text
    text: bool = False
    whole: bool = False
    above: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    choices: tuple[str, ...] | None = None
    length: tuple[int, int] | None = None
    as_long_as: str | None = None
    sum_at_most: float | None = None
    columns: tuple[int, int] | None = None
    reserved: str = ""

    def __str__(self) -> str:
        return str(self.describe())

    def describe(self) -> Text:
        """The constraint as the end of a sentence: 'a whole number, at least 1'."""
        if self.choices:
            en, ko = f"one of {', '.join(self.choices)}", f"{', '.join(self.choices)} 중 하나"
        elif self.text:
            en, ko = (
                f"a text of 1 to {LONGEST_TEXT} characters on one line",
                f"한 줄에 1~{LONGEST_TEXT}자인 텍스트",
            )
        else:
            en, ko = ("a whole number", "정수") if self.whole else ("a number", "수")
        for bound, before, after in (
            (self.above, "above", "보다 큰"),
            (self.at_least, "at least", " 이상인"),
            (self.at_most, "at most", " 이하인"),
        ):
            if bound is not None:
                en, ko = f"{en}, {before} {bound:g}", f"{bound:g}{after} {ko}"
        return Text(en, ko)


def number(default: float, label: str | Text, **constraint: Any) -> Any:
    """A field for one number, constrained by the keywords of `Constraint`."""
    return dataclasses.field(
        default=default, metadata={"constraint": Constraint(bilingual(label), **constraint)}
    )


def choice(default: str, label: str | Text, choices: tuple[str, ...]) -> Any:
    """A field for one of several texts."""
    return dataclasses.field(
        default=default,
        metadata={"constraint": Constraint(bilingual(label), text=True, choices=choices)},
    )


def column(default: Sequence[float | str], label: str | Text, **constraint: Any) -> Any:
    """A field for a column of values, all under one `Constraint`; by default 1 to 1,000 of them.

    A `length` is how many, or from how many to how many. With `choices`, the values are texts.
    """
    length = constraint.get("length", (1, 1000))
    constraint["length"] = (length, length) if isinstance(length, int) else length
    constraint.setdefault("text", "choices" in constraint)
    return dataclasses.field(
        default=tuple(default), metadata={"constraint": Constraint(bilingual(label), **constraint)}
    )


@dataclass(frozen=True)
class Categorical:
    """One column of a table of texts: a category for each record.

    `name` is its heading as formulas have it, letters and digits without underscores, so that no
    two names that begin with such a name and an underscore (`slope_gain`) are the same; where the
    heading is no name, it is `column_1` and so on. `categories` are the different values, in the
    order in which they come.
    """

    name: str
    label: Text = dataclasses.field(compare=False)
    values: tuple[str, ...]
    categories: tuple[str, ...]

    @property
    def labels(self) -> tuple[Text, ...]:
        """The categories as labels of an axis."""
        return tuple(same(category) for category in self.categories)


def table(default: Mapping[str, Sequence[str]], label: str | Text, **constraint: Any) -> Any:
    """A field for a table of texts: columns under any headings, a tuple of `Categorical`.

    By default it has 1 to 12 columns of 1 to 1,000 values. Each column is an input of its own too,
    by its name; given alone, it keeps its categories.
    """
    constraint = {"length": (1, 1000), "columns": (1, 12), **constraint, "text": True}
    return dataclasses.field(
        default=tuple(default.items()),
        metadata={"constraint": Constraint(bilingual(label), **constraint)},
    )


@dataclass(frozen=True)
class LessonInputs:
    """The base of every lesson's inputs. Creating one validates and converts each field.

    Numbers may be given as text, columns as sequences or as text with commas, tables as mappings
    of headings to columns.
    Raises `InputError` that names the field, the value and what it must be.
    """

    def __post_init__(self) -> None:
        for name, constraint in constraints(type(self)).items():
            given = getattr(self, name)
            if constraint.columns is not None:
                taken = {*constraints(type(self)), *constraint.reserved.split()}
                value: Any = _converted_table(given, name, constraint, taken)
            elif constraint.length is None:
                value = _converted(given, name, constraint)
            else:
                value = tuple(
                    _converted(item, f"{name}[{i}]", constraint)
                    for i, item in enumerate(_values(given))
                )
                _check_length(len(value), name, constraint.length)
            object.__setattr__(self, name, value)
        self._check_columns()
        self.check()

    def check(self) -> None:
        """What must hold among several fields; a lesson overrides it, with `require`."""

    def require(self, holds: object, en: str, ko: str) -> None:
        """Raise `InputError` with this sentence, in both languages, unless it holds."""
        if not holds:
            raise InputError(Text(en, ko))

    def _check_columns(self) -> None:
        """Columns that are `as_long_as` one another are, and none adds up to too much."""
        together: dict[str, list[str]] = {}
        for name, constraint in constraints(type(self)).items():
            other, length = constraint.as_long_as, constraint.length
            may_be_empty = length is not None and length[0] == 0
            if other is not None and (getattr(self, name) or not may_be_empty):
                together.setdefault(other, [other]).append(name)
            if constraint.sum_at_most is not None:
                _check_sum(getattr(self, name), name, constraint.sum_at_most)
        for names in together.values():
            require_same_length(self, *names)

    @classmethod
    def from_table(cls, table: "Table") -> dict[str, Any]:
        """The fields that a table gives, as `change` takes them: its columns of their names.

        Where a field is a table itself, all other columns are those of that field. Raises
        `InputError` where no column is an input or a cell is not usable.
        """
        known = constraints(cls)
        whole = _table_field(cls)
        if whole is None:
            return table.fields(known)
        constraint = known.pop(whole)
        fields, others = table.fields_and_others(known, constraint)
        return {**fields, whole: others}

    def to_table(self) -> dict[str, Sequence[float | str]]:
        """These inputs as the columns of a table, which `from_table` reads again.

        A column that is a single number or word has one value.
        """
        columns: dict[str, Sequence[float | str]] = {}
        for name, constraint in constraints(type(self)).items():
            value = getattr(self, name)
            if constraint.columns is not None:
                columns |= {column.label.en: column.values for column in value}
            else:
                columns[name] = value if constraint.length else (value,)
        return columns

    def values(self, name: str) -> tuple[Any, ...]:
        """The values of an input, or of a column of a table, in the order of its cells."""
        for column in self._columns():
            if column.name == name:
                return column.values
        value = getattr(self, name)
        return value if isinstance(value, tuple) else (value,)

    def change(self, settings: Mapping[str, Any]) -> Self:
        """These inputs with some fields set anew; an unknown name raises `InputError`."""
        fields = constraints(type(self))
        changed = dataclasses.replace(
            self, **{name: value for name, value in settings.items() if name in fields}
        )
        known = constraints(changed)
        for name in settings:
            if name not in known:
                names = ", ".join(known)
                raise InputError(
                    Text(
                        f"There is no input {quoted(name)} here; the inputs are {names}.",
                        f"{quoted(name)}(이)라는 입력은 없습니다. 쓸 수 있는 입력은 {names}입니다.",
                    )
                )
        whole = _table_field(type(self))
        if whole is None or settings.keys() <= fields.keys():
            return changed
        columns = [
            (column.label, settings.get(column.name, column.values), column.categories)
            for column in changed._columns()
        ]
        return dataclasses.replace(changed, **{whole: columns})

    def _columns(self) -> tuple[Categorical, ...]:
        """The columns of the field that is a table, none where there is no such field."""
        whole = _table_field(type(self))
        return () if whole is None else getattr(self, whole)


def constraints(inputs: LessonInputs | type[LessonInputs]) -> dict[str, Constraint]:
    """The constraint of each field, by name, in the order of the class.

    Of inputs, rather than of their class, also that of each column of a table.
    """
    found: dict[str, Constraint] = {
        field.name: field.metadata["constraint"] for field in dataclasses.fields(inputs)
    }
    if isinstance(inputs, LessonInputs):
        for column in inputs._columns():
            length = (len(column.values),) * 2
            found[column.name] = Constraint(
                column.label, text=True, choices=column.categories, length=length
            )
    return found


def require_same_length(inputs: LessonInputs, *names: str) -> None:
    """Raise `InputError` unless the named columns are equally long."""
    _check_same_length({name: len(getattr(inputs, name)) for name in names})


def _check_sum(values: Sequence[float], name: str, most: float) -> None:
    # Decimals such as 0.1 may add up to a last binary digit more.
    if (total := sum(values)) > most + 1e-12:
        raise InputError(
            Text(
                f"The values of {name} add up to {total:g}; give values that add up to {most:g} at"
                " most.",
                f"{name}의 합이 {total:g}입니다. 합이 {most:g}을 넘지 않는 값을 주십시오.",
            )
        )


def _check_same_length(lengths: Mapping[str, int]) -> None:
    if len(set(lengths.values())) > 1:
        counts = ", ".join(f"{name}: {length}" for name, length in lengths.items())
        raise InputError(
            Text(
                f"The columns need the same number of values ({counts}); give all of them.",
                f"열마다 값의 개수가 같아야 합니다({counts}). 모든 열을 함께 주십시오.",
            )
        )


def language_of(name: str | None) -> Language:
    """The language that was asked for by name, that of the user where none was.

    Raises `InputError` for any other name.
    """
    if name is None:
        return user_language()
    for language in LANGUAGES:
        if name == language:
            return language
    names = ", ".join(LANGUAGES)
    raise InputError(
        Text(
            f"There is no language {quoted(name)}; --lang is one of {names}.",
            f"{quoted(name)}(이)라는 언어는 없습니다. --lang은 {names} 중 하나입니다.",
        )
    )


def convert(given: Any, constraint: Constraint) -> float | int | str:
    """One value as the constraint wants it; `ValueError` where it is not usable.

    A number may be given as text with a decimal point; what would be read otherwise elsewhere
    (`1_000`, a truth value, a date) is no number.
    """
    given = _scalar(given)
    if constraint.text:
        text = "" if is_blank(given) or isinstance(given, CellError) else _label(given)
        one_line = printable(text) == text and len(text) <= LONGEST_TEXT
        if not text or not one_line or (constraint.choices and text not in constraint.choices):
            raise ValueError(text)
        return text
    value = _number(given)
    if (
        not math.isfinite(value)
        or (constraint.whole and value != int(value))
        or (constraint.above is not None and value <= constraint.above)
        or (constraint.at_least is not None and value < constraint.at_least)
        or (constraint.at_most is not None and value > constraint.at_most)
    ):
        raise ValueError(given)
    return int(value) if constraint.whole else value


def is_blank(value: Any) -> bool:
    """Whether a cell of a table holds nothing: None, an empty text, or what pandas puts there."""
    value = _scalar(value)
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, float):
        return math.isnan(value)
    return value is None or type(value).__name__ in ("NAType", "NaTType")


def _values(given: Any) -> list[Any]:
    """The values of a column, which may stand in one text with commas, or be a single one."""
    if isinstance(given, str):
        return given.split(",")
    return list(given) if isinstance(given, Iterable) else [given]


def _scalar(value: Any) -> Any:
    """A number of NumPy as one of Python."""
    try:
        return value.item()
    except (AttributeError, ValueError):
        return value


def _number(given: Any) -> float:
    if isinstance(given, bool):
        raise ValueError(given)
    if isinstance(given, str) and not _NUMBER.fullmatch(given.strip()):
        raise ValueError(given)
    try:
        return float(given)
    except (TypeError, OverflowError) as error:
        raise ValueError(given) from error


def _label(given: Any) -> str:
    """A value as a cell shows it: the 1.0 that pandas makes of a 1 is a 1."""
    if isinstance(given, bool):
        return str(given).upper()
    if isinstance(given, float) and given.is_integer():
        return str(int(given))
    return str(given).strip()


def _converted(given: Any, name: str, constraint: Constraint) -> float | int | str:
    try:
        return convert(given, constraint)
    except ValueError:
        must = constraint.describe()
        raise InputError(
            Text(
                f"{name} is {quoted(given)}, but it must be {must.en}.",
                f"{name}의 값이 {quoted(given)}입니다. {must.ko}여야 합니다.",
            )
        ) from None


def _table_field(inputs: type[LessonInputs]) -> str | None:
    """The name of the field that is a table, if there is one."""
    return next((name for name, one in constraints(inputs).items() if one.columns), None)


def _converted_table(
    given: Any, name: str, constraint: Constraint, taken: set[str]
) -> tuple[Categorical, ...]:
    """The columns of a table, given by their headings, or as headings, values and categories."""
    if isinstance(given, str) or not isinstance(given, Iterable):
        raise InputError(
            Text(
                f"{name} is a table; give it with --data, or its columns by their headings.",
                f"{name}은(는) 표입니다. --data로 주거나, 열을 제목으로 하나씩 주십시오.",
            )
        )
    assert constraint.columns is not None
    assert constraint.length is not None
    columns: list[Categorical] = []
    for one in given.items() if isinstance(given, Mapping) else given:
        if isinstance(one, Categorical):
            one = (one.label, one.values, one.categories)
        heading, values, *categories = one
        label = bilingual(heading) if isinstance(heading, str) else Text(*heading)
        columns.append(_categorical(label, values, categories, len(columns) + 1, taken))
        taken.add(columns[-1].name)
        _check_length(len(columns[-1].values), columns[-1].name, constraint.length)
    _check_length(len(columns), name, constraint.columns, Text("columns", "열"))
    _check_same_length({column.name: len(column.values) for column in columns})
    return tuple(columns)


def _categorical(
    label: Text, given: Any, categories: Sequence[Sequence[str]], number: int, taken: set[str]
) -> Categorical:
    name = re.sub(r"[^a-z0-9]", "", label.en.lower())
    if name in taken or not is_name(name):
        name = f"column_{number}"
    choices = tuple(categories[0]) if categories else None
    constraint = Constraint(label, text=True, choices=choices)
    values = tuple(
        str(_converted(value, f"{name}[{i}]", constraint)) for i, value in enumerate(_values(given))
    )
    if choices is None:
        # A spreadsheet does not tell capitals from small letters.
        spellings: dict[str, str] = {}
        values = tuple(spellings.setdefault(value.casefold(), value) for value in values)
        choices = tuple(spellings.values())
    for text in (*label, *choices):
        if "{" in text or "}" in text:
            raise InputError(
                Text(
                    f"{name} has the text {quoted(text)}; texts of a table cannot have braces.",
                    f"{name}에 {quoted(text)}이(가) 있습니다. 표에는 중괄호를 쓸 수 없습니다.",
                )
            )
    if len(choices) > MOST_CATEGORIES:
        raise InputError(
            Text(
                f"{name} has {len(choices)} different values, but at most {MOST_CATEGORIES} can be"
                " categories; group them, or leave the column out.",
                f"{name}에 서로 다른 값이 {len(choices)}개 있지만 {MOST_CATEGORIES}개까지만 쓸 수"
                " 있습니다. 값을 묶거나 이 열을 빼십시오.",
            )
        )
    return Categorical(name, label, values, choices)


def _check_length(
    length: int,
    name: str,
    bounds: tuple[int, int],
    counted: Text = Text("values", "값"),  # noqa: B008
) -> None:
    least, most = bounds
    if not least <= length <= most:
        raise InputError(
            Text(
                f"{name} has {length} {counted.en}, but it needs {least} to {most:,}.",
                f"{name}의 {counted.ko}이 {length}개입니다. {least}~{most:,}개여야 합니다.",
            )
        )
