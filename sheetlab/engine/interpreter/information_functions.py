"""INFO, which tells of the program around the workbook."""

from sheetlab.engine.functions.function import Function
from sheetlab.engine.interpreter.evaluation import Context, Value, value_of
from sheetlab.engine.syntax.expression import Expression
from sheetlab.engine.values.arrays import NOT_AVAILABLE, first
from sheetlab.engine.values.conversions import text_of
from sheetlab.files.cell_value import CellError

Arguments = tuple[Expression, ...]

# What Excel for Windows says of itself; a sheet that asks can go on as it does there.
_ANSWERS = {
    "origin": "$A:$A$1",
    "osversion": "Windows (64-bit) NT 10.00",
    "recalc": "Automatic",
    "release": "16.0",
    "system": "pcdos",
}


def _info(arguments: Arguments, context: Context) -> Value:
    kind = first(value_of(arguments[0], context))
    if isinstance(kind, CellError):
        return kind
    match text_of(kind).lower():
        case "numfile":
            return float(len(context.source.sheets()))
        case "directory":
            # A workbook is not told where it lies.
            return NOT_AVAILABLE
        case name:
            return _ANSWERS.get(name, CellError("#VALUE!"))


FUNCTIONS: dict[str, Function] = {
    "INFO": Function(_info, ("text",), special=True, reads="unknown"),
}
