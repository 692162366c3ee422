"""A CSV file to start from: the inputs of a lesson as a table that can be read again."""

import csv
import io
from pathlib import Path

from sheetlab.data.limits import refusal
from sheetlab.files.replacing import replace_file
from sheetlab.inputs import LessonInputs
from sheetlab.text import same


def write_template(inputs: LessonInputs, path: Path, *, force: bool = False) -> None:
    """Write the inputs as a CSV file that `read_table` reads again, to start from.

    A column for each input, under its name; an input that is a single value has it in the first
    row below its heading. Raises `InputError` where the file has another suffix, cannot be
    written, or is there already and `force` is not set.
    """
    name = same(str(path))
    if path.suffix.lower() != ".csv":
        raise refusal(
            name,
            "a template is a CSV file; give it a name that ends in .csv",
            "템플릿은 CSV 파일입니다. .csv로 끝나는 이름을 주십시오",
        )
    # Korean Excel takes a CSV file for CP949 unless it begins with a byte order mark.
    content = template(inputs).encode("utf-8-sig")
    try:
        replace_file(path.resolve(), lambda file: file.write(content), new=not force)
    except FileExistsError:
        raise refusal(
            name,
            "is there already; give another name with -o, or overwrite it with --force",
            "이미 있습니다. -o로 다른 이름을 주거나 --force로 덮어쓰십시오",
        ) from None
    # Up to Python 3.12 a loop of links is a RuntimeError to `resolve`.
    except (OSError, RuntimeError) as error:
        why = getattr(error, "strerror", None) or "symbolic links lead in a circle"
        raise refusal(
            name,
            f"cannot be written ({why}); give another path with -o",
            f"쓸 수 없습니다({why}). -o로 다른 경로를 주십시오",
        ) from error


def template(inputs: LessonInputs) -> str:
    """The text of the CSV file that `write_template` writes."""
    columns = inputs.to_table()
    rows = max(len(values) for values in columns.values())
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(columns)
    for row in range(rows):
        writer.writerow(values[row] if row < len(values) else "" for values in columns.values())
    return text.getvalue()
