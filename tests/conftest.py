"""What tests need that a machine may not have, and how `pytest --cov` is kept quick."""

import os
import shutil

import pytest
from hypothesis import settings

# Machines are busy: how long an example takes says nothing of it.
settings.register_profile("sheetlab", deadline=None, derandomize=bool(os.environ.get("CI")))
settings.load_profile("sheetlab")


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "needs_libreoffice: runs LibreOffice; skipped where it is not installed, "
        "unless SHEETLAB_REQUIRE_LIBREOFFICE=1",
    )
    config.addinivalue_line(
        "markers",
        "needs_pictures: looks at pages that LibreOffice and pdftoppm draw; skipped likewise",
    )
    if config.pluginmanager.hasplugin("_cov"):
        from tracing import TraceBudget

        config.pluginmanager.register(TraceBudget())


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("needs_libreoffice") or item.get_closest_marker("needs_pictures"):
        _require_libreoffice()
    if item.get_closest_marker("needs_pictures") and shutil.which("pdftoppm") is None:
        _lack("pdftoppm is not installed (Debian: poppler-utils)")


def _require_libreoffice() -> None:
    from sheetlab.checking.engines.libreoffice import find_program
    from sheetlab.errors import EngineError

    try:
        find_program()
    except EngineError as missing:
        _lack(str(missing))


def _lack(what: str) -> None:
    if os.environ.get("SHEETLAB_REQUIRE_LIBREOFFICE") == "1":
        pytest.fail(what, pytrace=False)
    pytest.skip(what)
