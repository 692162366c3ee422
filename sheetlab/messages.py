"""What the engine and the files tell of, as codes, and its sentences in both languages.

Those who find something say what happened: a code, and fields as they are. The sentence is looked
up where it is shown. In a sentence each field stands in braces, as `str.format` reads them.
"""

from collections.abc import Mapping
from typing import Literal

from sheetlab.text import Language, Text, user_language

# What goes wrong.
Code = Literal[
    # A file that cannot be read.
    "no_worksheet",
    "missing_part",
    "damaged_part",
    "damaged_sheet",
    "too_many_cells",
    # A workbook that is calculated otherwise than its author may expect.
    "other_workbook",
    "unknown_function",
    "unknown_function_of_name",
    "over_limit",
    "iterating_too_long",
    "no_formula",
    "no_formula_shown",
    "cycle",
    "cycle_shown",
    "more_formulas",
    # A key or value that was given.
    "no_headings",
    "formulas_too_long",
    "no_sheet",
    "no_key",
    "name_without_cells",
    "several_areas",
    "too_many_asked",
    "too_many_swept",
    "wrong_shape",
    "wrong_shape_of_areas",
    "holds_formula",
    "no_constant",
    "uneven_inputs",
    # Why a text is no formula.
    "formula_too_long",
    "not_understood",
    "nested_too_deeply",
    "ends_too_early",
    "unexpected_text",
    "no_array_of_constants",
    "uneven_rows",
    "too_large_by_names",
    "name_of_itself",
    # Why a part or a sheet is damaged.
    "not_in_encoding",
    "invalid_xml",
    "too_many_nodes",
    "two_relations",
    "two_sheets",
    "no_sheet_of_number",
    "no_count",
    "no_sheet_data",
    "too_many_elements",
    "array_formulas_too_large",
    "shared_formulas_too_long",
    "no_shared_formula",
    "no_value",
    "no_entity",
    "no_row",
    "too_many_columns",
    "no_cell",
    "no_range",
    "outside_of_sheet",
    "cell_in_other_row",
    "cell_twice",
]

# What is told of a book: by `explain`, and in a notebook.
Phrase = Literal[
    "sheet",
    "name",
    "range",
    "size",
    "more",
    "formula",
    "program",
    "calculated",
    "no_formula_fills",
    "more_blocks",
    "as_no_formula",
    "as_array_formula",
    "as_dynamic",
    "as_columns",
    "as_batch",
    "as_cells",
    "as_forest",
    "as_values",
    "as_column_after_column",
    "by_loop",
    "loop",
    "down",
    "up",
    "right",
    "left",
    "same_in_all_cells",
]

SENTENCES: Mapping[Code | Phrase, Text] = {
    "no_worksheet": Text(
        "{path}: holds no worksheet; add one in Excel and save it anew.",
        "{path}: 워크시트가 없습니다. Excel에서 추가하여 다시 저장하십시오.",
    ),
    "missing_part": Text(
        "{path} lacks its part {part}; open it in Excel and save it anew.",
        "{path}에 {part} 부분이 없습니다. Excel에서 열어 다시 저장하십시오.",
    ),
    "damaged_part": Text(
        "{path}: the part {part} is damaged ({why}); open it in Excel and save it anew.",
        "{path}: {part} 부분이 손상되었습니다({why}). Excel에서 열어 다시 저장하십시오.",
    ),
    "damaged_sheet": Text(
        "{path}, {sheet}: is damaged ({why}); open it in Excel and save it anew.",
        "{path}, {sheet}: 손상되었습니다({why}). Excel에서 열어 다시 저장하십시오.",
    ),
    "too_many_cells": Text(
        "{path}, {sheet}: has, with the sheets before it, more than {most:,} cells; give a"
        " smaller workbook, or raise the limit cells.",
        "{path}, {sheet}: 앞의 시트까지 셀이 {most:,}개가 넘습니다. 더 작은 통합 문서를 주거나"
        " 한도 cells를 늘리십시오.",
    ),
    "other_workbook": Text(
        "{path}, {cell}: {formula} reads another workbook, whose last known values are used;"
        " open both in Excel and save to renew them.",
        "{path}, {cell}: {formula} 수식이 다른 통합 문서를 읽으므로 마지막으로 저장된 값을"
        " 씁니다. 값을 새로 고치려면 Excel에서 함께 열어 저장하십시오.",
    ),
    "unknown_function": Text(
        "{path}, {cell}: the function {function} is not known here, so the cell shows #NAME?;"
        " write it without that function.",
        "{path}, {cell}: {function} 함수를 알지 못해 셀에 #NAME? 오류가 나옵니다."
        " 이 함수 없이 수식을 쓰십시오.",
    ),
    "unknown_function_of_name": Text(
        "{path}: the function {function} is not known here, so the cell shows #NAME?;"
        " write it without that function.",
        "{path}: {function} 함수를 알지 못해 셀에 #NAME? 오류가 나옵니다."
        " 이 함수 없이 수식을 쓰십시오.",
    ),
    "over_limit": Text(
        "{path}, {cell}: the formula takes more than the limit {limit} allows, so that it and its"
        " like show #NUM!; make it smaller, or raise the limit.",
        "{path}, {cell}: 수식이 {limit} 한도를 넘어 이런 셀에 #NUM! 오류가 나옵니다."
        " 수식을 줄이거나 한도를 늘리십시오.",
    ),
    "iterating_too_long": Text(
        "{path}, {cell}: iterating the cycle takes too long, so its cells show #NUM!;"
        " allow fewer iterations in Excel's options.",
        "{path}, {cell}: 순환을 반복해 계산하는 데 너무 오래 걸려 셀에 #NUM! 오류가"
        " 나옵니다. Excel 옵션에서 반복 횟수를 줄이십시오.",
    ),
    "no_formula": Text(
        "{path}, {cell}: {formula} is no valid formula ({why}); mend it.",
        "{path}, {cell}: {formula} 수식이 올바르지 않습니다({why}). 수식을 고치십시오.",
    ),
    "no_formula_shown": Text(
        "{path}, {cell}: {formula} is no valid formula ({why}), so its cells show #NAME?; mend it.",
        "{path}, {cell}: {formula} 수식이 올바르지 않아({why}) 셀에 #NAME? 오류가 나옵니다."
        " 수식을 고치십시오.",
    ),
    "cycle": Text(
        "{path}, {cell}: the cell refers back to itself ({way}); change one of these formulas.",
        "{path}, {cell}: 셀이 돌고 돌아 자신을 참조합니다({way}). 이 가운데 한 수식을 고치십시오.",
    ),
    "cycle_shown": Text(
        "{path}, {cell}: the cell refers back to itself ({way}), so these cells show #REF!;"
        " change one of these formulas.",
        "{path}, {cell}: 셀이 돌고 돌아 자신을 참조하여({way}) 이 셀들에 #REF! 오류가"
        " 나옵니다. 이 가운데 한 수식을 고치십시오.",
    ),
    "more_formulas": Text(
        "{path}: more formulas than these {count} cannot be calculated; mend them first.",
        "{path}: 계산할 수 없는 수식이 이 {count}개 말고도 더 있습니다. 이것부터 고치십시오.",
    ),
    "no_headings": Text(
        "{path}: header={header!r} does not give {key} a heading for each of its {columns}"
        " column(s); give a number of rows that it has, or a range as wide.",
        "{path}: header={header!r} 설정으로는 {key}의 {columns}개 열에 제목을 줄 수 없습니다."
        " 범위 안의 행 수나 너비가 같은 범위를 주십시오.",
    ),
    "formulas_too_long": Text(
        "{path}: the formulas, each with its text, come to more than {most:,} characters; read"
        " the values only.",
        "{path}: 수식을 모두 글로 적으면 {most:,}자가 넘습니다. 값만 읽으십시오.",
    ),
    "no_sheet": Text(
        "{path}: there is no sheet '{sheet}'; the sheets are {sheets}.",
        "{path}: '{sheet}' 시트가 없습니다. 시트는 {sheets}입니다.",
    ),
    "no_key": Text(
        "{path}: '{key}' is neither a defined name nor a range such as {sheet}!A1:B2; the names"
        " are {names}.",
        "{path}: '{key}' 키는 정의된 이름도 {sheet}!A1:B2 같은 범위도 아닙니다. 이름은"
        " {names}입니다.",
    ),
    "name_without_cells": Text(
        "{path}: the name '{key}' stands for {meaning}, not for cells; give a range.",
        "{path}: '{key}' 이름은 셀이 아니라 {meaning} 수식을 뜻합니다. 범위를 주십시오.",
    ),
    "several_areas": Text(
        "{path}: '{key}' stands for {count} areas; give one range.",
        "{path}: '{key}' 이름은 영역 {count}개를 뜻합니다. 범위 하나를 주십시오.",
    ),
    "too_many_asked": Text(
        "{path}: {key} has {count:,} cells, and the limit cells is {most:,}; ask for fewer, or"
        " raise the limit.",
        "{path}: {key}의 셀은 {count:,}개인데 한도 cells는 {most:,}입니다. 더 작은 범위를 쓰거나"
        " 한도를 늘리십시오.",
    ),
    "too_many_swept": Text(
        "{path}: {key} has {count:,} × {scenarios:,} cells, and the limit cells is {most:,}; ask"
        " for fewer, or raise the limit.",
        "{path}: {key}의 셀은 {count:,} × {scenarios:,}개인데 한도 cells는 {most:,}입니다."
        " 더 작은 범위를 쓰거나 한도를 늘리십시오.",
    ),
    "wrong_shape": Text(
        "{key} has {rows} row(s) and {columns} column(s), but the values given have the shape"
        " {shape}; give one value, or as many as there are cells.",
        "{key} 범위는 {rows}행 {columns}열인데 주어진 값의 모양은 {shape}입니다. 값을 하나만"
        " 주거나 셀 수만큼 주십시오.",
    ),
    "wrong_shape_of_areas": Text(
        "{key} has {count} cells in {areas} areas, but the values given have the shape {shape};"
        " give one value, or as many as there are cells.",
        "{key} 범위는 영역 {areas}개의 셀 {count}개인데 주어진 값의 모양은 {shape}입니다."
        " 값을 하나만 주거나 셀 수만큼 주십시오.",
    ),
    "holds_formula": Text(
        "{path}, {cell}: holds the formula {formula}, so it cannot be set; set one of the cells"
        " that it reads.",
        "{path}, {cell}: {formula} 수식이 있어서 바꿀 수 없습니다. 수식이 읽는 셀을 바꾸십시오.",
    ),
    "no_constant": Text(
        "{key}: {value} cannot stand in a cell; give a finite number, a text, TRUE or FALSE.",
        "{key}: {value} 값은 셀에 넣을 수 없습니다. 유한한 수, 글, TRUE나 FALSE를 주십시오.",
    ),
    "uneven_inputs": Text(
        "A sweep needs the same number of values, at least one, for each input ({counts}).",
        "여러 값을 차례로 넣으려면 입력마다 값의 개수가 같고 하나 이상이어야 합니다({counts}).",
    ),
    "formula_too_long": Text("it has more than {most:,} characters", "{most:,}자가 넘음"),
    "not_understood": Text("a part of it is not understood", "이해할 수 없는 부분이 있음"),
    "nested_too_deeply": Text("it is nested too deeply", "너무 깊이 겹쳐 있음"),
    "ends_too_early": Text("it ends too early", "끝나기 전에 끊김"),
    "unexpected_text": Text("'{text}' stands in it", "'{text}' 부분의 자리가 잘못됨"),
    "no_array_of_constants": Text(
        "an array in braces holds more than constants",
        "중괄호로 묶은 배열에 상수가 아닌 것이 있음",
    ),
    "uneven_rows": Text(
        "the rows of an array in braces differ in length",
        "중괄호로 묶은 배열의 행마다 길이가 다름",
    ),
    "too_large_by_names": Text(
        "it becomes too large by what its names stand for", "이름을 모두 풀면 너무 커짐"
    ),
    "name_of_itself": Text("the name {name} refers to itself", "{name} 이름이 자신을 참조함"),
    "not_in_encoding": Text("it is not in {encoding}", "{encoding} 인코딩이 아님"),
    "invalid_xml": Text("{said}", "XML 오류, {said}"),
    "too_many_nodes": Text(
        "it has more than {most:,} elements and attributes", "요소와 속성이 {most:,}개가 넘음"
    ),
    "two_relations": Text("two relations lead to it", "두 관계가 이 부분을 가리킴"),
    "two_sheets": Text("two sheets are {part}", "두 시트가 모두 {part} 부분을 가리킴"),
    "no_sheet_of_number": Text("there is no sheet {text!r}", "{text!r}번 시트가 없음"),
    "no_count": Text("{text!r} is no count", "{text!r} 값은 개수가 아님"),
    "no_sheet_data": Text("it has no sheetData", "sheetData가 없음"),
    "too_many_elements": Text(
        "it has more than {most:,} elements that cannot be read by columns",
        "열 단위로 읽을 수 없는 요소가 {most:,}개가 넘음",
    ),
    "array_formulas_too_large": Text(
        "array formulas fill more than {most:,} cells", "배열 수식의 셀이 {most:,}개가 넘음"
    ),
    "shared_formulas_too_long": Text(
        "its shared formulas are too long for as many cells",
        "여러 셀이 공유하는 수식이 셀 수에 비해 너무 김",
    ),
    "no_shared_formula": Text(
        "the formula {index!r} that row {row} shares is not there",
        "{row}행에서 공유하는 {index!r} 수식이 없음",
    ),
    "no_value": Text("the value {text!r} cannot be read", "{text!r} 값을 읽을 수 없음"),
    "no_entity": Text("&{name}; stands for nothing", "&{name}; 표기에 뜻이 없음"),
    "no_row": Text("there is no row {row}", "{row}행은 있을 수 없음"),
    "too_many_columns": Text(
        "row {row} has more than {most:,} columns", "{row}행의 열이 {most:,}개가 넘음"
    ),
    "no_cell": Text("{ref!r} is no cell", "{ref!r} 주소의 셀은 있을 수 없음"),
    "no_range": Text("{text!r} is no range of cells", "{text!r} 표기는 셀의 범위가 아님"),
    "outside_of_sheet": Text("{text} lies outside of a sheet", "{text} 자리는 시트를 벗어남"),
    "cell_in_other_row": Text("the cell {cell} stands in row {row}", "{cell} 셀이 {row}행에 있음"),
    "cell_twice": Text("the cell {cell} is there twice", "{cell} 셀이 두 번 나옴"),
    "sheet": Text("sheet", "시트"),
    "name": Text("name", "이름"),
    "range": Text("range", "범위"),
    "size": Text("rows × columns", "행 × 열"),
    "more": Text("and {count} more", "그 밖에 {count}개"),
    "formula": Text("formula", "수식"),
    "program": Text("program", "프로그램"),
    "calculated": Text("calculated", "계산"),
    "no_formula_fills": Text("no formula fills these cells", "이 셀에는 수식이 없습니다"),
    "more_blocks": Text("and {count} more blocks", "그 밖에 블록 {count}개"),
    "as_no_formula": Text("not at all, since it is no formula", "수식이 아니어서 계산하지 않음"),
    "as_array_formula": Text(
        "as an array formula, by the interpreter", "배열 수식으로, 인터프리터가 한 번에"
    ),
    "as_dynamic": Text(
        "cell by cell, by the interpreter, since its text does not tell what it reads",
        "무엇을 읽는지 수식만으로 알 수 없어 인터프리터가 셀 하나씩",
    ),
    "as_columns": Text("as columns, all cells at once", "열로, 모든 셀을 한꺼번에"),
    "as_batch": Text(
        "as columns, at once with other cells that hold this formula",
        "열로, 같은 수식이 있는 다른 셀들과 한꺼번에",
    ),
    "as_forest": Text(
        "as columns, at once with other cells, whatever formulas these hold",
        "열로, 어떤 수식이 있든 다른 셀들과 한꺼번에",
    ),
    "as_cells": Text("cell by cell, by the interpreter", "인터프리터가 셀 하나씩"),
    "as_values": Text(
        "in the order of a loop, since not all of its values are finite numbers",
        "모든 값이 유한한 수가 아니어서 반복문의 순서대로 셀 하나씩",
    ),
    "as_column_after_column": Text(
        "column after column, each at once", "열 하나씩, 열 안의 셀은 한꺼번에"
    ),
    "by_loop": Text("by loop {numbers}", "반복문 {numbers}"),
    "loop": Text("loop {number}, {way}: {blocks}", "반복문 {number}, {way}: {blocks}"),
    "down": Text("down the rows", "행을 따라 아래로"),
    "up": Text("up the rows", "행을 따라 위로"),
    "right": Text("across the columns, to the right", "열을 따라 오른쪽으로"),
    "left": Text("across the columns, to the left", "열을 따라 왼쪽으로"),
    "same_in_all_cells": Text("the same in all cells", "모든 셀에서 같음"),
}


class Message:
    """What happened, as a code with fields; `str(message)` is its sentence for the user.

    A field that is a `Text` or a `Message` is told in the language of the sentence.
    """

    __slots__ = ("code", "fields")

    def __init__(self, code: Code | Phrase, **fields: object) -> None:
        self.code = code
        self.fields: Mapping[str, object] = fields

    def to(self, language: Language) -> str:
        """The sentence in `language`."""
        fields = {
            name: value.to(language) if isinstance(value, Text | Message) else value
            for name, value in self.fields.items()
        }
        return SENTENCES[self.code].to(language).format(**fields)

    def text(self) -> Text:
        """The sentence in both languages."""
        return Text(self.to("en"), self.to("ko"))

    def __str__(self) -> str:
        return self.to(user_language())
