"""What tests need that a machine may not have."""

import os

import pytest


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "needs_libreoffice: runs LibreOffice; skipped where it is not installed, "
        "unless SHEETLAB_REQUIRE_LIBREOFFICE=1",
    )


def pytest_runtest_setup(item: pytest.Item) -> None:
    if item.get_closest_marker("needs_libreoffice") is None:
        return
    from sheetlab.checking.engines.libreoffice import find_program
    from sheetlab.errors import EngineError

    try:
        find_program()
    except EngineError as missing:
        if os.environ.get("SHEETLAB_REQUIRE_LIBREOFFICE") == "1":
            pytest.fail(str(missing), pytrace=False)
        pytest.skip(str(missing))
