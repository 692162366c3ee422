from typing import Any

import pytest
from engine.functions.excel import DIV, NUM, VALUE, assert_gives, excel
from hypothesis import given
from hypothesis import strategies as st

CASES: list[tuple[str, tuple[Any, ...], Any]] = [
    ("LEN", ("한글 ab",), 5),
    ("LEN", (0.1 + 0.2,), 3),
    ("LEFT", ("Sale Price", 4), "Sale"),
    ("LEFT", ("Sweden",), "S"),
    ("LEFT", ("abc", 9), "abc"),
    ("LEFT", ("abc", None), ""),
    ("LEFT", ("abc", -1), VALUE),
    ("RIGHT", ("Sale Price", 5), "Price"),
    ("RIGHT", ("abc", 0), ""),
    ("MID", ("Fluid Flow", 7, 20), "Flow"),
    ("MID", ("Fluid", 0, 2), VALUE),
    ("MID", ("abc", 9, 2), ""),
    ("UPPER", ("total",), "TOTAL"),
    ("LOWER", ("E. E.",), "e. e."),
    ("PROPER", ("76BudGet 2-cent's",), "76Budget 2-Cent'S"),
    ("TRIM", ("  First   Quarter ",), "First Quarter"),
    ("CLEAN", ("\tMonthly\n",), "Monthly"),
    ("CONCAT", (["a", None, 1, True], "b"), "a1TRUEb"),
    ("CONCAT", ([DIV],), DIV),
    ("CONCATENATE", ("x = ", 0.1 + 0.2), "x = 0.3"),
    ("TEXTJOIN", (", ", True, ["a", "", None, "b"]), "a, b"),
    ("TEXTJOIN", ("-", False, ["a", None, "b"]), "a--b"),
    ("TEXTJOIN", ([[",", ";"]], True, ["a", "b", "c"]), "a,b;c"),
    ("REPT", ("*-", 3), "*-*-*-"),
    ("REPT", ("ab", 20000), VALUE),
    ("REPT", ("ab", -1), VALUE),
    ("SUBSTITUTE", ("Quarter 1, 2011", "1", "2"), "Quarter 2, 2022"),
    ("SUBSTITUTE", ("Quarter 1, 2011", "1", "2", 3), "Quarter 1, 2012"),
    ("SUBSTITUTE", ("abc", "B", "x"), "abc"),
    ("SUBSTITUTE", ("abc", "b", "x", 0), VALUE),
    ("SUBSTITUTE", ("a" * 32000, "a", "b" * 32000), VALUE),
    ("CONCAT", (["a" * 20000, "b" * 20000],), VALUE),
    ("REPLACE", ("abcdefghijk", 6, 5, "*"), "abcde*k"),
    ("FIND", ("M", "Miriam McGovern"), 1),
    ("FIND", ("m", "Miriam McGovern"), 6),
    ("FIND", ("M", "Miriam McGovern", 3), 8),
    ("FIND", ("x", "abc"), VALUE),
    ("SEARCH", ("e", "Statements", 6), 7),
    ("SEARCH", ("B?", "aabc"), 3),
    ("SEARCH", ("~?", "ab?"), 3),
    ("SEARCH", ("b*d", "abcd"), 2),
    ("SEARCH", ("x", "abc"), VALUE),
    ("EXACT", ("word", "Word"), False),
    ("CHAR", (65,), "A"),
    ("CHAR", (128,), "€"),
    ("CHAR", (256,), VALUE),
    ("CODE", ("A",), 65),
    ("CODE", ("",), VALUE),
    ("UNICHAR", (44032,), "가"),
    ("UNICHAR", (0,), VALUE),
    ("UNICODE", ("가",), 44032),
    ("FIXED", (1234.567, 1), "1,234.6"),
    ("FIXED", (1234.567, -1), "1,230"),
    ("FIXED", (-1234.567, -1, True), "-1230"),
    ("FIXED", (44.332,), "44.33"),
    ("FIXED", (-0.001,), "0.00"),
    ("FIXED", (1, 128), VALUE),
    ("VALUE", ("$1,000",), 1000),
    ("VALUE", ("50%",), 0.5),
    ("VALUE", ("cat",), VALUE),
    ("VALUE", ("",), VALUE),
    ("VALUE", (True,), VALUE),
    ("VALUE", (None,), 0),
]

# The value, the number format, and what TEXT gives.
FORMATS: list[tuple[Any, str, Any]] = [
    (0.3125, "0.000", "0.313"),
    (0.285, "0.00", "0.29"),
    (-0.285, "0.00", "-0.29"),
    (0.285, "0%", "29%"),
    (0.3125, '0.000" s"', "0.313 s"),
    (1234.5, "#,##0", "1,235"),
    (1234567.891, "#,##0.00", "1,234,567.89"),
    (0.1 + 0.2, "General", "0.3"),
    (1 / 3, "general", "0.333333333333333"),
    ("cat", "0.00", "cat"),
    ("3", "0.00", "3.00"),
    (True, "0.00", "TRUE"),
    (None, "0.0", "0.0"),
    (5, "000", "005"),
    (1234, "00", "1234"),
    (0.5, "#.##", ".5"),
    (5, "#.##", "5."),
    (0, "#", ""),
    (1.5, "0.0??", "1.5  "),
    (3, "?0", " 3"),
    (12345.678, "0.00E+00", "1.23E+04"),
    (0.00012345, "0.0E+00", "1.2E-04"),
    (9.99, "0.0E+0", "1.0E+1"),
    (12345, "##0.0E+0", "12.3E+3"),
    (0, "0.00E+00", "0.00E+00"),
    (1234567, '0.0,,"M"', "1.2M"),
    (12345678, "0,", "12346"),
    (2.5, "0.0x", "2.5x"),
    (-5, "0;(0);-", "(5)"),
    (0, '0;(0);"zero"', "zero"),
    (5, "+0;-0", "+5"),
    ("cat", '0;0;0;"<"@">"', "<cat>"),
    (7, "[<5]0.0;[Red]0.00", "7.00"),
    (3, "[<5]0.0;[Red]0.00", "3.0"),
    (1234.5, "$#,##0.00", "$1,234.50"),
    (1234.5, "[$₩-412]#,##0", "₩1,235"),
    (5551234, "000-0000", "555-1234"),
    (1.5, '0.0"점"', "1.5점"),
    (3, "", ""),
    (3, '0" m', "3 m"),
    (3, "0\\", "3\\"),
    (3, "0_", "3_"),
    (12345.678, "#,##0.0,", "12.3"),
    (1234567.8, "#,##0,.0", "1,234.6"),
    (1e30, "0.00", "1" + "0" * 30 + ".00"),
    (-0.5, "0", "-1"),
    (45292, "yyyy-mm-dd", "2024-01-01"),
    (45292, "d mmm yy", "1 Jan 24"),
    (45292, "dddd, mmmm d, yyyy", "Monday, January 1, 2024"),
    (60, "yyyy-mm-dd", "1900-02-29"),
    (45292.75, "h:mm AM/PM", "6:00 PM"),
    (45292.75, "hh:mm:ss", "18:00:00"),
    (0.5 + 1.5 / 86400, "h:mm:ss.0", "12:00:01.5"),
    (1.5, "[h]:mm", "36:00"),
    (0.999999, "yyyy-mm-dd hh:mm", "1900-01-01 00:00"),
    (-1, "yyyy", VALUE),
    (0.5, "# ?/?", " 1/2"),
    (1.25, "# ?/?", "1 1/4"),
    (1.999, "# ?/?", "2    "),
    (-2.75, "# ??/??", "-2  3/4 "),
    (0.3, "# ?/16", " 5/16"),
    (1.5, "?/?", "3/2"),
    (0, "# ?/?", "0    "),
]


@pytest.mark.parametrize(("name", "arguments", "expected"), CASES)
def test_as_in_excel(name: str, arguments: tuple[Any, ...], expected: Any) -> None:
    assert_gives(name, arguments, expected)


@pytest.mark.parametrize(("value", "number_format", "expected"), FORMATS)
def test_number_formats(value: Any, number_format: str, expected: Any) -> None:
    assert_gives("TEXT", (value, number_format), expected)


@given(st.integers(-(10**12), 10**12), st.integers(0, 6))
def test_decimals_are_those_of_python(digits: int, places: int) -> None:
    number = digits / 10**places
    grouped = "#,##0" + "." * (places > 0) + "0" * places
    assert excel("TEXT", number, grouped) == f"{number:,.{places}f}"


@given(
    st.floats(-1e307, 1e307) | st.floats(-50_000, 50_000) | st.text(max_size=3),
    st.text(alphabet='0#?.,%Ee+-/;"\\_*[]@ymdhsaAPM/ $x<>=5General가', max_size=12),
)
def test_any_text_is_a_number_format(value: Any, number_format: str) -> None:
    shown = excel("TEXT", value, number_format)
    assert type(shown) is str or shown in (VALUE, NUM)
