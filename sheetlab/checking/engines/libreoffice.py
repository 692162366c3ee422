"""LibreOffice Calc, run without a window."""

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from sheetlab.checking.engines.cells import CellValues, require_recalculated, stored_cells
from sheetlab.errors import EngineError
from sheetlab.files.cached_values import poison
from sheetlab.files.package import read_parts, write_parts
from sheetlab.text import Text

TIME_LIMIT = 300.0  # seconds for one run of LibreOffice; six small workbooks take two

USUAL_PLACES = (
    Path("/Applications/LibreOffice.app/Contents/MacOS/soffice"),
    Path("C:/Program Files/LibreOffice/program/soffice.com"),
    Path("C:/Program Files (x86)/LibreOffice/program/soffice.com"),
)

# Mode 0 recalculates every formula on load; otherwise LibreOffice trusts the cached values of
# a file that says it comes from Excel. The locale fixes how numbers turn into text.
PROFILE = """\
<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry">
  <item oor:path="/org.openoffice.Office.Calc/Formula/Load">
    <prop oor:name="OOXMLRecalcMode" oor:op="fuse"><value>0</value></prop>
  </item>
  <item oor:path="/org.openoffice.Setup/L10N">
    <prop oor:name="ooSetupSystemLocale" oor:op="fuse"><value>en-US</value></prop>
  </item>
</oor:items>
"""


def recalculate(paths: Sequence[Path]) -> list[CellValues]:
    """The cells of each workbook as LibreOffice calculates them, all in one run.

    Raises:
        WorkbookError: a file cannot be read as a workbook.
        EngineError: LibreOffice is not installed, fails, takes longer than `TIME_LIMIT`,
            or leaves a formula uncalculated.
    """
    program = find_program()
    if not paths:
        return []
    with TemporaryDirectory(prefix="sheetlab-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        settings = folder / "profile" / "user" / "registrymodifications.xcu"
        settings.parent.mkdir(parents=True)
        settings.write_text(PROFILE, encoding="utf-8")

        # Numbered copies, for two workbooks may have the same name in different folders.
        calculated = []
        copies = [folder / f"{number}.xlsx" for number in range(len(paths))]
        for path, copy in zip(paths, copies, strict=True):
            parts = read_parts(path)
            calculated.append(stored_cells(parts).calculated)
            write_parts(copy, poison(parts))

        converted = folder / "converted"
        said = _convert(program, copies, folder / "profile", converted)
        return [
            _values(path, cells, converted / copy.name, said)
            for path, cells, copy in zip(paths, calculated, copies, strict=True)
        ]


def find_program() -> Path:
    """Where LibreOffice is: on the PATH, else in its usual place; else an EngineError."""
    for name in ("soffice", "libreoffice"):
        found = shutil.which(name)
        if found is not None:
            return Path(found)
    for place in USUAL_PLACES:
        if place.is_file():
            return place
    raise EngineError(
        Text(
            "LibreOffice is not installed; on Debian or Ubuntu run apt-get install "
            "libreoffice-calc, elsewhere see https://www.libreoffice.org/download.",
            "LibreOffice가 설치되어 있지 않습니다. Debian이나 Ubuntu에서는 apt-get install "
            "libreoffice-calc를 실행하고, 그 밖에는 https://www.libreoffice.org/download를 "
            "참고하십시오.",
        )
    )


def _convert(program: Path, copies: Sequence[Path], profile: Path, target: Path) -> str:
    """Let LibreOffice load the copies and write them to the folder `target`; what it said."""
    command = [
        str(program),
        f"-env:UserInstallation={profile.as_uri()}",
        *("--headless", "--norestore", "--nologo", "--nodefault", "--nolockcheck"),
        *("--nofirststartwizard", "--convert-to", "xlsx", "--outdir", str(target)),
        *(str(copy) for copy in copies),
    ]
    with subprocess.Popen(
        command,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
        env=os.environ | {"TMPDIR": str(target.parent)},
        start_new_session=True,
    ) as process:
        try:
            return process.communicate(timeout=TIME_LIMIT)[0]
        except subprocess.TimeoutExpired as timeout:
            _end(process)
            raise EngineError(
                Text(
                    f"LibreOffice did not finish {len(copies)} workbook(s) within "
                    f"{TIME_LIMIT:g} seconds; give it fewer or smaller ones.",
                    f"LibreOffice가 통합 문서 {len(copies)}개를 {TIME_LIMIT:g}초 안에 끝내지 "
                    "못했습니다. 더 적거나 작은 문서를 주십시오.",
                )
            ) from timeout
        except BaseException:
            _end(process)
            raise


def _end(process: subprocess.Popen[str]) -> None:
    """End LibreOffice: the program that was started only waits for its child, which works."""
    if sys.platform == "win32":
        subprocess.run(["taskkill", "/T", "/F", "/PID", str(process.pid)], capture_output=True)
        return
    # Asked to, the program ends its child and waits for it, so that no zombie stays behind.
    process.terminate()
    with contextlib.suppress(subprocess.TimeoutExpired):
        process.wait(timeout=5)
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)


def _values(path: Path, calculated: set[tuple[str, str]], converted: Path, said: str) -> CellValues:
    if not converted.is_file():
        reason = said.strip().rpartition("\n")[2] or "?"
        raise EngineError(
            Text(
                f"LibreOffice cannot convert {path}: {reason}; try to open the file with it.",
                f"LibreOffice가 {path} 파일을 변환하지 못했습니다: {reason}. "
                "LibreOffice에서 이 파일을 직접 열어 확인하십시오.",
            )
        )
    values = stored_cells(read_parts(converted)).values
    require_recalculated("LibreOffice", path, values, calculated)
    return values
