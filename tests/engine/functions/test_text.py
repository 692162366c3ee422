from typing import Any

import pytest
from engine.functions.excel import CALC, DIV, NA, NUM, VALUE, assert_gives, excel
from hypothesis import example, given
from hypothesis import strategies as st

from sheetlab.engine.functions.number_format import formatted

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
    ("UNICHAR", (0xD800,), NA),
    ("UNICHAR", (128512,), "😀"),
    ("UNICHAR", (1114112,), VALUE),
    ("UNICODE", ("",), VALUE),
    ("UNICODE", ("😀",), 128512),
    ("BAHTTEXT", (1234,), "หนึ่งพันสองร้อยสามสิบสี่บาทถ้วน"),
    ("BAHTTEXT", (0,), "ศูนย์บาทถ้วน"),
    ("BAHTTEXT", (-21.005,), "ลบยี่สิบเอ็ดบาทหนึ่งสตางค์"),
    ("BAHTTEXT", (0.25,), "ยี่สิบห้าสตางค์"),
    ("BAHTTEXT", (11_000_001,), "สิบเอ็ดล้านหนึ่งบาทถ้วน"),
    ("BAHTTEXT", ("x",), VALUE),
    ("LENB", ("abc",), 3),
    ("LEFTB", ("abc", 2), "ab"),
    ("RIGHTB", ("abc",), "c"),
    ("MIDB", ("abc", 2, 1), "b"),
    ("REPLACEB", ("abc", 2, 1, "x"), "axc"),
    ("FINDB", ("c", "abc"), 3),
    ("SEARCHB", ("C", "abc"), 3),
    ("DOLLAR", (1234.567,), "$1,234.57"),
    ("DOLLAR", (1234.567, -2), "$1,200"),
    ("DOLLAR", (-1234.567, -2), "($1,200)"),
    ("DOLLAR", (-0.123, 4), "($0.1230)"),
    ("DOLLAR", (99.888,), "$99.89"),
    ("DOLLAR", (-0.001,), "$0.00"),
    ("DOLLAR", ("x",), VALUE),
    ("DOLLAR", (1, 128), VALUE),
    ("NUMBERVALUE", ("2.500,27", ",", "."), 2500.27),
    ("NUMBERVALUE", ("3.5%",), 0.035),
    ("NUMBERVALUE", ("9%%",), 0.0009),
    ("NUMBERVALUE", (" 3 000 ",), 3000),
    ("NUMBERVALUE", ("",), 0),
    ("NUMBERVALUE", ("1,2,3",), 123),
    ("NUMBERVALUE", ("1.2.3",), VALUE),
    ("NUMBERVALUE", ("1.2,3",), VALUE),
    ("NUMBERVALUE", ("1,234", ".", "'"), VALUE),
    ("NUMBERVALUE", ("1'234,5", ",x", "'y"), 1234.5),
    ("NUMBERVALUE", ("1", "", ","), VALUE),
    ("NUMBERVALUE", ("-.5e2",), -50),
    ("NUMBERVALUE", ("%",), VALUE),
    ("NUMBERVALUE", ("1/2/2020",), VALUE),
    ("VALUETOTEXT", ('a"b',), 'a"b'),
    ("VALUETOTEXT", ('a"b', 1), '"a""b"'),
    ("VALUETOTEXT", (1234.5, 1), "1234.5"),
    ("VALUETOTEXT", (True, 1), "TRUE"),
    ("VALUETOTEXT", (DIV,), "#DIV/0!"),
    ("VALUETOTEXT", (None,), ""),
    ("VALUETOTEXT", (1, 2), VALUE),
    ("ARRAYTOTEXT", ([[1, "a"], [True, DIV]],), "1, a, TRUE, #DIV/0!"),
    ("ARRAYTOTEXT", ([[1, "a"], [True, DIV]], 1), '{1,"a";TRUE,#DIV/0!}'),
    ("ARRAYTOTEXT", ("a", 1), '{"a"}'),
    ("ARRAYTOTEXT", (1, 2), VALUE),
    ("ASC", ("ＥＸＣＥＬ　ガラス",), "EXCEL ｶﾞﾗｽ"),
    ("ASC", ("abc 한글 漢字",), "abc 한글 漢字"),
    ("DBCS", ("EXCEL ｶﾞﾗｽ",), "ＥＸＣＥＬ　ガラス"),
    (
        "ENCODEURL",
        ("http://contoso.sharepoint.com/Finance/Profit and Loss Statement.xlsx",),
        "http%3A%2F%2Fcontoso.sharepoint.com%2FFinance%2FProfit%20and%20Loss%20Statement.xlsx",
    ),
    ("ENCODEURL", ("한",), "%ED%95%9C"),
    ("PROPER", ("this is a TITLE",), "This Is A Title"),
    ("PROPER", ("o'neill mcdonald-smith 3rd",), "O'Neill Mcdonald-Smith 3Rd"),
    ("PROPER", ("éCOLE über",), "École Über"),
    ("FIND", ("", "abc"), 1),
    ("FIND", ("", "abc", 4), 4),
    ("FIND", ("", "abc", 5), VALUE),
    ("FIND", ("?", "ab?"), 3),
    ("SEARCH", ("", "abc"), 1),
    ("SEARCH", ("~~", "a~b"), 2),
    ("SEARCH", ("?", ""), VALUE),
    ("SUBSTITUTE", ("aaa", "aa", "b"), "ba"),
    ("SUBSTITUTE", ("a-b-c", "-", "", 2.9), "a-bc"),
    ("SUBSTITUTE", ("abc", "", "x"), "abc"),
    ("SUBSTITUTE", (1.5, ".", ","), "1,5"),
    ("TEXTBEFORE", ("Little Red Riding Hood's red hood", "hood"), "Little Red Riding Hood's red "),
    ("TEXTBEFORE", ("Little red Riding Hood's red hood", "Red", 1, 1), "Little "),
    ("TEXTBEFORE", ("Little red Riding Hood's red hood", "red", -2), "Little "),
    ("TEXTBEFORE", ("Little red Riding Hood's red hood", "red", 3), NA),
    ("TEXTBEFORE", ("Socrates", " "), NA),
    ("TEXTBEFORE", ("Socrates", " ", 1, 0, 1), "Socrates"),
    ("TEXTBEFORE", ("Socrates", " ", 1, 0, 0, "none"), "none"),
    ("TEXTBEFORE", ("Socrates", " ", -1, 0, 1), ""),
    ("TEXTBEFORE", ("Immanuel Kant", " ", 0), VALUE),
    ("TEXTBEFORE", ("ab", "c", 3), VALUE),
    ("TEXTBEFORE", ("ab", "b", 1, 2), VALUE),
    ("TEXTBEFORE", ("ab", "b", 1, 0, 2), VALUE),
    ("TEXTBEFORE", ("", "b"), NA),
    ("TEXTBEFORE", ("a.b,c", [",", "."]), "a"),
    ("TEXTBEFORE", ("abc", ""), ""),
    ("TEXTBEFORE", ("abc", "", -1), "abc"),
    ("TEXTAFTER", ("Red riding hood's, red hood", "hood"), "'s, red hood"),
    ("TEXTAFTER", ("Red riding hood's, red hood", "red", -1), " hood"),
    ("TEXTAFTER", ("Red riding hood's", ""), "Red riding hood's"),
    ("TEXTAFTER", ("Red riding hood's", "", -1), ""),
    ("TEXTAFTER", ("Socrates", " ", 1, 0, 1), ""),
    ("TEXTAFTER", ("Socrates", " ", -1, 0, 1), "Socrates"),
    ("TEXTAFTER", ("Socrates", " "), NA),
    ("TEXTSPLIT", ("Dakota Lennon Sanchez", " "), [["Dakota", "Lennon", "Sanchez"]]),
    ("TEXTSPLIT", ("1,2,3;4,5", ",", ";"), [["1", "2", "3"], ["4", "5", NA]]),
    ("TEXTSPLIT", ("1,2;3", ",", ";", False, 0, "-"), [["1", "2"], ["3", "-"]]),
    ("TEXTSPLIT", ("a..b", "."), [["a", "", "b"]]),
    ("TEXTSPLIT", ("a..b.", ".", None, True), [["a", "b"]]),
    ("TEXTSPLIT", ("a;;b", None, ";", True), ["a", "b"]),
    ("TEXTSPLIT", ("aXbxc", "x", None, False, 1), [["a", "b", "c"]]),
    ("TEXTSPLIT", ("a-b.c", [["-", "."]]), [["a", "b", "c"]]),
    ("TEXTSPLIT", ("abc", ""), VALUE),
    ("TEXTSPLIT", ("abc", None), VALUE),
    ("TEXTSPLIT", ("", ","), CALC),
    ("TEXTSPLIT", (",", ",", None, True), CALC),
    ("REGEXTEST", ("alfalfa", "^a.*a$"), True),
    ("REGEXTEST", ("alfalfa", "^A"), False),
    ("REGEXTEST", ("alfalfa", "^A", 1), True),
    ("REGEXTEST", ("alfalfa", "a", 2), VALUE),
    ("REGEXTEST", ("한글", r"^\p{Hangul}+$"), True),
    ("REGEXTEST", ("abc", "("), VALUE),
    ("REGEXEXTRACT", ("DylanWilliams", "[A-Z][a-z]+", 1), ["Dylan", "Williams"]),
    ("REGEXEXTRACT", ("DylanWilliams", "([A-Z][a-z]+)([A-Z].*)", 2), [["Dylan", "Williams"]]),
    ("REGEXEXTRACT", ("DylanWilliams", "(x)?D", 2), [[""]]),
    ("REGEXEXTRACT", ("Sonia (378) 555-4195", r"\d{3}-\d{4}"), "555-4195"),
    ("REGEXEXTRACT", ("abc", "x"), NA),
    ("REGEXEXTRACT", ("abc", "a", 3), VALUE),
    ("REGEXREPLACE", ("SoniaBrown", "([A-Z][a-z]+)([A-Z][a-z]+)", "$2, $1"), "Brown, Sonia"),
    ("REGEXREPLACE", ("(378) 555-4195", "[0-9]+-", "***-"), "(378) ***-4195"),
    ("REGEXREPLACE", ("a1b2c3", r"\d", "#", -1), "a1b2c#"),
    ("REGEXREPLACE", ("a1b2c3", r"\d", "#", 2), "a1b#c3"),
    ("REGEXREPLACE", ("a1b2c3", r"\d", "#", 4), "a1b2c3"),
    ("REGEXREPLACE", ("ab", "(?<x>a)", "${x}${1}$$"), "aa$b"),
    ("REGEXREPLACE", ("ab", "a", "$1"), VALUE),
    ("REGEXREPLACE", ("a" * 300, "a", "b" * 300), VALUE),
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
    ("VALUE", (" Sept 2020 ",), 44075),
    ("VALUE", ("may-2020",), 43952),
    ("VALUE", ("mayor 2020",), VALUE),
    ("VALUE", ("a1",), VALUE),
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


@pytest.mark.parametrize(
    ("text", "pattern"),
    [
        ("a" * 30_000 + "b", "(a|a)*$"),
        ("a" * 1_000, "(?:a?){1000}a{1000}"),
        ("aaa", "((?:a{1000}){1000}){1000}"),
        ("aaa", "a{99999999999}"),
        ("aaa", "(?R)"),
        ("aaa", "(" * 5_000 + ")" * 5_000),
    ],
)
def test_a_hostile_pattern_is_given_up(text: str, pattern: str) -> None:
    assert [excel("REGEXTEST", text, pattern) for _ in range(50)] == [VALUE] * 50


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


@pytest.mark.parametrize(
    ("plain", "taken_apart"),
    [
        ("#,##0.00", '#,##0"".00'),
        ("#,##0", '#,#""#0'),
        ("#,###", '#,#""##'),
        ("#,##.0", '#,##"".0'),
        ("0", '#""0'),
        ("#", '#""#'),
        (".00", '""#"".00'),
        ("0.0%", '0"".0%'),
        ('"is "$#0.000 x', '"is "$#0"".000 x'),
        ("0.00;(#,##0.0);-", '0"".00;(#,##0"".0);""-'),
    ],
)
@given(
    st.floats(allow_nan=False, allow_infinity=False)
    | st.integers(-(10**6), 10**6).map(lambda eighths: eighths / 8)
)
@example(0.0)
@example(0.125)
@example(-0.004)
@example(0.995)
@example(999999.995)
@example(1e300)
def test_digits_in_one_place_are_those_one_by_one(
    plain: str, taken_apart: str, number: float
) -> None:
    assert formatted(number, plain) == formatted(number, taken_apart)


def test_a_fraction_is_none_of_the_digits_in_one_place() -> None:
    assert formatted(1.25, "0/4") == "5/4"
