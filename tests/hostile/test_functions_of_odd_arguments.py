"""Every function of Excel, given what nobody gives it: a value comes back, and soon."""

import random
import sys
import time
import warnings
from pathlib import Path

import pytest

ODD_NUMBERS = (
    *("1E15", "1E9", "-1E9", "1E300", "-1E300", "1E-300", "0", "-1", "1", "2", "3", "0.5", "0.1"),
    *("1E5", "1E7", "2958465", "45000", "1048576", "255", "32767", "0.999999999", "1E-15", "1E308"),
)
ODD = (
    *ODD_NUMBERS,
    *('""', '"a"', 'REPT("9",32000)', 'REPT("a",32767)', 'REPT("*",200)', '"1E9"', '"yyyy"'),
    *('REPT("0",255)', '"M"', '"*"', '"0.0000000001"', 'REPT("(",200)', "TRUE", "#N/A", ""),
    *("A1:B1", "Z1:Z9", "A1:XFD1048576", "A:A", "{1,2,3}", "{1E300;-1E300}", "{1;2;3;4}"),
    *("SEQUENCE(100)", "{45000,46000,47000}", "{-100,50,60}"),
)
_MOST_ARGUMENTS = 12
# Most take a millisecond; the machine may have much else to do.
_SECONDS = 10


@pytest.mark.skipif(sys.platform == "win32", reason="has no limits of memory")
@pytest.mark.parametrize("seed", range(2))
def test_every_function_gives_a_value_soon(seed: int, tmp_path: Path) -> None:
    # Not above, since this file is also run by itself, where the tests are not on the path.
    from engine.packages import formulas, parts_of, write_package
    from hostile.bounded import command

    path = write_package(tmp_path, parts_of(formulas("A1+B1")))
    done = command([sys.executable, __file__, str(path), str(seed)], within=500)
    assert done.returncode == 0, done.stderr[-3000:]
    assert not done.stdout.splitlines()


def main() -> None:
    """Print each call that takes too long, or ends in an exception."""
    from sheetlab.engine import functions, load

    path, seed = sys.argv[1:]
    chance = random.Random(int(seed))
    calculation = load(path)._calculation
    warnings.simplefilter("ignore")
    for name, function in sorted(functions.own().items()):
        counts = [count for count in range(_MOST_ARGUMENTS + 1) if function.takes(count)]
        for turn in range(6 if counts else 0):
            pool = ODD_NUMBERS if turn % 2 else ODD
            arguments = chance.choices(pool, k=chance.choice(counts))
            formula = f"={name}({','.join(arguments)})"
            calculation.cells.budget.renew()
            begun = time.process_time()
            try:
                calculation.result(formula, "Data")
            except Exception as error:
                print(formula[:300], type(error), error)
            if time.process_time() - begun > _SECONDS:
                print(formula[:300], time.process_time() - begun)


if __name__ == "__main__":
    main()
