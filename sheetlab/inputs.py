"""What a lesson can be given: typed, validated inputs, from Python, `--set` or a data file."""

import dataclasses
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self

from sheetlab.errors import InputError
from sheetlab.text import Text


@dataclass(frozen=True)
class Constraint:
    """What one input may be. Columns hold several values, `length` says how many."""

    label: Text
    text: bool = False
    whole: bool = False
    above: float | None = None
    at_least: float | None = None
    at_most: float | None = None
    choices: tuple[str, ...] | None = None
    length: tuple[int, int] | None = None

    def __str__(self) -> str:
        return str(self.describe())

    def describe(self) -> Text:
        """The constraint as the end of a sentence: 'a whole number, at least 1'."""
        if self.choices:
            en, ko = f"one of {', '.join(self.choices)}", f"{', '.join(self.choices)} 중 하나"
        elif self.text:
            en, ko = "a text that is not empty", "비어 있지 않은 글"
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


def number(default: float, label: Text, **constraint: Any) -> Any:
    """A field for one number, constrained by the keywords of `Constraint`."""
    return dataclasses.field(
        default=default, metadata={"constraint": Constraint(label, **constraint)}
    )


def column(default: Sequence[float | str], label: Text, **constraint: Any) -> Any:
    """A field for a column of values, all under one `Constraint`; by default 1 to 1,000 of them."""
    constraint.setdefault("length", (1, 1000))
    return dataclasses.field(
        default=tuple(default), metadata={"constraint": Constraint(label, **constraint)}
    )


@dataclass(frozen=True)
class LessonInputs:
    """The base of every lesson's inputs. Creating one validates and converts each field.

    Numbers may be given as text, columns as sequences or as text with commas.
    Raises `InputError` that names the field, the value and what it must be.
    """

    def __post_init__(self) -> None:
        for name, constraint in constraints(type(self)).items():
            given = getattr(self, name)
            if constraint.length is None:
                value: Any = _convert(given, name, constraint)
            else:
                values = given.split(",") if isinstance(given, str) else list(given)
                value = tuple(
                    _convert(item, f"{name}[{i}]", constraint) for i, item in enumerate(values)
                )
                _check_length(len(value), name, constraint.length)
            object.__setattr__(self, name, value)
        self.check()

    def check(self) -> None:
        """What must hold among several fields; a lesson overrides it."""

    def change(self, settings: Mapping[str, Any]) -> Self:
        """These inputs with some fields set anew; an unknown name raises `InputError`."""
        known = constraints(type(self))
        for name in settings:
            if name not in known:
                names = ", ".join(known)
                raise InputError(
                    Text(
                        f"There is no input '{name}' here; the inputs are {names}.",
                        f"'{name}'(이)라는 입력은 없습니다. 쓸 수 있는 입력은 {names}입니다.",
                    )
                )
        return dataclasses.replace(self, **settings)


def constraints(inputs: type[LessonInputs]) -> dict[str, Constraint]:
    """The constraint of each field, by name, in the order of the class."""
    return {field.name: field.metadata["constraint"] for field in dataclasses.fields(inputs)}


def require_same_length(inputs: LessonInputs, *names: str) -> None:
    """Raise `InputError` unless the named columns are equally long."""
    lengths = {name: len(getattr(inputs, name)) for name in names}
    if len(set(lengths.values())) > 1:
        counts = ", ".join(f"{name}: {length}" for name, length in lengths.items())
        raise InputError(
            Text(
                f"The columns need the same number of values ({counts}); give all of them.",
                f"열마다 값의 개수가 같아야 합니다({counts}). 모든 열을 함께 주십시오.",
            )
        )


def read_data(path: Path) -> dict[str, list[Any]]:
    """The columns of a CSV or Excel file by their headings, blanks at the end left out.

    Raises `InputError` for a file that is missing, empty or of another kind.
    """
    import pandas as pd

    try:
        if path.suffix.lower() in (".xlsx", ".xlsm"):
            frame = pd.read_excel(path, dtype=object)
        else:
            frame = _read_csv(path)
    except FileNotFoundError:
        raise InputError(
            Text(
                f"{path}: there is no such data file; check the path.",
                f"{path}: 데이터 파일이 없습니다. 경로를 확인하십시오.",
            )
        ) from None
    except Exception as error:
        raise InputError(
            Text(
                f"{path}: cannot be read as a table ({error}); give a CSV or .xlsx file"
                " whose first row holds the names of the inputs.",
                f"{path}: 표로 읽을 수 없습니다({error}). 첫 행에 입력 이름이 있는 CSV나"
                " .xlsx 파일을 주십시오.",
            )
        ) from error
    columns = {}
    for heading in frame.columns:
        values = frame[heading].tolist()
        while values and pd.isna(values[-1]):
            values.pop()
        columns[str(heading).strip()] = values
    return columns


def _read_csv(path: Path) -> Any:
    import pandas as pd

    try:
        return pd.read_csv(path, dtype=object, encoding="utf-8-sig", skipinitialspace=True)
    except UnicodeDecodeError:
        # Korean Excel saves "CSV" in its own code page.
        return pd.read_csv(path, dtype=object, encoding="cp949", skipinitialspace=True)


def _convert(given: Any, name: str, constraint: Constraint) -> float | int | str:
    if constraint.text:
        text = "" if given is None or given != given else str(given).strip()
        if not text or (constraint.choices and text not in constraint.choices):
            raise _not_usable(given, name, constraint)
        return text
    try:
        if isinstance(given, bool):
            raise ValueError
        value = float(given)
    except (TypeError, ValueError):
        raise _not_usable(given, name, constraint) from None
    if (
        not math.isfinite(value)
        or (constraint.whole and value != int(value))
        or (constraint.above is not None and value <= constraint.above)
        or (constraint.at_least is not None and value < constraint.at_least)
        or (constraint.at_most is not None and value > constraint.at_most)
    ):
        raise _not_usable(given, name, constraint)
    return int(value) if constraint.whole else value


def _not_usable(given: Any, name: str, constraint: Constraint) -> InputError:
    must = constraint.describe()
    return InputError(
        Text(
            f"{name} is '{given}', but it must be {must.en}.",
            f"{name}의 값이 '{given}'입니다. {must.ko}여야 합니다.",
        )
    )


def _check_length(length: int, name: str, bounds: tuple[int, int]) -> None:
    least, most = bounds
    if not least <= length <= most:
        raise InputError(
            Text(
                f"{name} has {length} values, but it needs {least} to {most:,}.",
                f"{name}의 값이 {length}개입니다. {least}개에서 {most:,}개 사이여야 합니다.",
            )
        )
