"""Tell Excel which of its green corners are wanted: figures kept as text, errors that teach."""

import io
import re
import zipfile

_BEFORE = re.compile(rb"<(?:smartTags|drawing|legacyDrawing|tableParts|extLst)\b|</worksheet>")
_DIMENSION = re.compile(rb'<dimension ref="([^"]+)"')
_SHEET = re.compile(r"xl/worksheets/sheet\d+\.xml")


def ignore_errors(workbook: bytes) -> bytes:
    """The workbook with `ignoredErrors` over all cells of each of its sheets."""
    result = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook)) as source,
        zipfile.ZipFile(result, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for item in source.infolist():
            part = source.read(item)
            target.writestr(item, _ignoring(part) if _SHEET.fullmatch(item.filename) else part)
    return result.getvalue()


def _ignoring(sheet: bytes) -> bytes:
    cells, place = _DIMENSION.search(sheet), _BEFORE.search(sheet)
    if cells is None or place is None:
        return sheet
    element = (
        b'<ignoredErrors><ignoredError sqref="%s" evalError="1" numberStoredAsText="1"'
        b' formula="1" formulaRange="1"/></ignoredErrors>'
    )
    return sheet[: place.start()] + element % cells[1] + sheet[place.start() :]
