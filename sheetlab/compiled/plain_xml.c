/* What most of a workbook's XML is like: plain rows of cells, and plain shared strings.

   Plain is what Excel and most programs write: cells with a formula, a value, or both, whose
   attributes are known, and strings that are one text. What is anything else is left to a parser of
   XML. Nothing is decided here that such a parser would decide otherwise. */

#include "reading.h"
#include <float.h>

#define MAX_NUMBER 63
/* The bytes of a character in UTF-8. */
#define MOST_BYTES 4
#define MAX_ATTRIBUTES 16

typedef struct {
    const unsigned char *begin, *at, *end;
    int64_t row, column;
    int64_t seen; /* cells, blank ones as well */
    int hides;    /* whether a row may be hidden */
    uint64_t points[2];
    Array cells, formulas;
} Reader;

/* ---------------------------------------------------------------- characters and tags */

static void
skip_blanks(Reader *reader)
{
    while (reader->at < reader->end && is_blank(*reader->at))
        reader->at++;
}

/* Whether a text comes next, which is passed over. */
static int
take(Reader *reader, const char *text)
{
    size_t length = strlen(text);
    if ((size_t)(reader->end - reader->at) < length || memcmp(reader->at, text, length) != 0)
        return 0;
    reader->at += length;
    return 1;
}

static int
says(Span span, const char *text)
{
    size_t length = strlen(text);
    return (size_t)(span.end - span.begin) == length && memcmp(span.begin, text, length) == 0;
}

/* The number that digits say, without leading zeros; -1 where that is none or too large. */
static int64_t
count_of(Span digits, int64_t most)
{
    int64_t number = 0;
    if (digits.begin == digits.end || (*digits.begin == '0' && digits.end - digits.begin > 1))
        return -1;
    for (const unsigned char *at = digits.begin; at < digits.end; at++) {
        if (!is_digit(*at))
            return -1;
        number = number * 10 + (*at - '0');
        if (number > most)
            return -1;
    }
    return number;
}

/* An attribute: 1 and its name and value, 0 where none follows, -1 where it is unusual. */
static int
attribute(Reader *reader, Span *name, Span *value)
{
    const unsigned char *at = reader->at, *end = reader->end;
    if (at == end || !is_blank(*at))
        return 0;
    while (at < end && is_blank(*at))
        at++;
    if (at < end && (*at == '>' || *at == '/')) {
        reader->at = at;
        return 0;
    }
    name->begin = at;
    while (at < end && (is_letter(*at) || is_digit(*at) || *at == ':' || *at == '_'))
        at++;
    name->end = at;
    if (name->begin == at || is_digit(*name->begin) || end - at < 2 || at[0] != '=' || at[1] != '"')
        return -1;
    at += 2;
    value->begin = at;
    while (at < end && *at != '"') {
        if (*at < 0x20 || *at >= 0x7f || *at == '<' || *at == '&')
            return -1;
        at++;
    }
    value->end = at;
    if (at == end)
        return -1;
    reader->at = at + 1;
    return 1;
}

/* The end of a tag: 1 where something is inside, 0 where it is empty, -1 where it is no end. */
static int
tag_end(Reader *reader)
{
    if (take(reader, ">"))
        return 1;
    return take(reader, "/>") ? 0 : -1;
}

/* Whether XML may hold a character. */
static int
is_character(uint32_t c)
{
    if (c < 0x20)
        return c == '\t' || c == '\n' || c == '\r';
    return c <= 0x10ffff && !(c >= 0xd800 && c <= 0xdfff) && c != 0xfffe && c != 0xffff;
}

static const struct {
    const char *name;
    unsigned char character;
} ENTITIES[] = {{"amp;", '&'}, {"lt;", '<'}, {"gt;", '>'}, {"quot;", '"'}, {"apos;", '\''}};

/* The character that an entity behind "&", or its number, stands for, which is passed over; 0 for
   any other. */
static uint32_t
entity(const unsigned char **at, const unsigned char *end)
{
    for (size_t i = 0; i < sizeof ENTITIES / sizeof ENTITIES[0]; i++) {
        size_t length = strlen(ENTITIES[i].name);
        if ((size_t)(end - *at) >= length && memcmp(*at, ENTITIES[i].name, length) == 0) {
            *at += length;
            return ENTITIES[i].character;
        }
    }
    if (end - *at < 2 || **at != '#')
        return 0;
    int is_hexadecimal = (*at)[1] == 'x';
    const unsigned char *first = *at + 1 + is_hexadecimal, *digit = first;
    uint32_t number = 0;
    for (; digit < end && *digit != ';'; digit++) {
        /* As many digits as any character has. */
        if (digit - first == (is_hexadecimal ? 6 : 7))
            return 0;
        if (is_digit(*digit))
            number = number * (is_hexadecimal ? 16 : 10) + (*digit - '0');
        else if (is_hexadecimal && (*digit | 0x20) >= 'a' && (*digit | 0x20) <= 'f')
            number = number * 16 + ((*digit | 0x20) - 'a' + 10);
        else
            return 0;
    }
    if (digit == end || digit == first || !is_character(number))
        return 0;
    *at = digit + 1;
    return number;
}

/* Write a character in UTF-8; how many bytes it has, which are fewer than those of its entity. */
static int
put(unsigned char *at, uint32_t character)
{
    if (character < 0x80) {
        *at = (unsigned char)character;
        return 1;
    }
    int more = character < 0x800 ? 1 : character < 0x10000 ? 2 : 3;
    for (int i = more; i > 0; i--) {
        at[i] = (unsigned char)(0x80 | (character & 0x3f));
        character >>= 6;
    }
    static const unsigned char MARKS[] = {0, 0xc0, 0xe0, 0xf0};
    at[0] = (unsigned char)(MARKS[more] | character);
    return more + 1;
}

/* The bytes of a character beyond ASCII in UTF-8, 0 where it is none that XML may hold. */
static int
bytes_of_character(const unsigned char *at, const unsigned char *end)
{
    int more = *at >= 0xf0 ? 3 : *at >= 0xe0 ? 2 : 1;
    if (*at < 0xc2 || *at > 0xf4 || end - at <= more)
        return 0;
    uint32_t character = *at & (0x3f >> more);
    for (int i = 1; i <= more; i++) {
        if ((at[i] & 0xc0) != 0x80)
            return 0;
        character = (character << 6) | (at[i] & 0x3f);
    }
    static const uint32_t LEAST[] = {0, 0x80, 0x800, 0x10000};
    return character < LEAST[more] || !is_character(character) ? 0 : more + 1;
}

/* The text up to the next tag; 0 where a parser of XML must look at it. */
static int
text(Reader *reader, Span *found)
{
    const unsigned char *at = reader->at, *end = reader->end;
    found->begin = at;
    for (;;) {
        while (at < end && !(CLASS[*at] & STOPS))
            at++;
        if (at == end || *at == '<')
            break;
        if (*at >= 0x80) {
            int size = bytes_of_character(at, end);
            if (!size)
                return 0;
            at += size;
        } else if (*at == '&') {
            at++;
            if (!entity(&at, end))
                return 0;
        } else if (*at == '>' && (at - found->begin < 2 || at[-1] != ']' || at[-2] != ']'))
            at++;
        else
            return 0;
    }
    found->end = reader->at = at;
    return at < end && found->end - found->begin <= INT32_MAX;
}

/* ---------------------------------------------------------------- numbers */

static const double POWERS[] = {1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* A decimal number: 1 where it is one and finite, 0 where it is not, -1 for an error of Python. */
int
number_of(Span said, double *number)
{
    const unsigned char *at = said.begin;
    uint64_t mantissa = 0;
    int64_t power = 0, exponent = 0;
    int digits = 0, significant = 0, negative = 0, below = 0;
    if (at < said.end && *at == '-') {
        negative = 1;
        at++;
    }
    for (; at < said.end && (is_digit(*at) || *at == '.'); at++) {
        if (*at == '.') {
            if (below)
                return 0;
            below = 1;
            continue;
        }
        digits++;
        significant += significant || *at != '0';
        if (significant <= 19)
            mantissa = mantissa * 10 + (*at - '0');
        power -= below;
    }
    if (!digits || said.end - said.begin > MAX_NUMBER)
        return 0;
    if (at < said.end && (*at == 'e' || *at == 'E')) {
        int minus = 0, any = 0;
        at++;
        if (at < said.end && (*at == '-' || *at == '+'))
            minus = *at++ == '-';
        for (; at < said.end && is_digit(*at); at++) {
            any = 1;
            if (exponent < 10000)
                exponent = exponent * 10 + (*at - '0');
        }
        if (!any)
            return 0;
        power += minus ? -exponent : exponent;
    }
    if (at != said.end)
        return 0;
#if FLT_EVAL_METHOD == 0
    /* Both are exact, so that what they give is rounded once. */
    if (significant <= 19 && mantissa <= (UINT64_C(1) << 53) && power >= -22 && power <= 22) {
        double exact = (double)mantissa;
        exact = power < 0 ? exact / POWERS[-power] : exact * POWERS[power];
        *number = negative ? -exact : exact;
        return 1;
    }
#endif
    char copy[MAX_NUMBER + 1];
    memcpy(copy, said.begin, said.end - said.begin);
    copy[said.end - said.begin] = 0;
    *number = PyOS_string_to_double(copy, NULL, NULL);
    if (*number == -1.0 && PyErr_Occurred()) {
        if (!PyErr_ExceptionMatches(PyExc_ValueError))
            return -1;
        PyErr_Clear();
        return 0;
    }
    return *number - *number == 0.0;
}

/* ---------------------------------------------------------------- formulas */

/* A formula as it was typed, in place of how XML writes it; its length, or -1 where that is odd. */
static int
unescaped(Span said, unsigned char *typed)
{
    int length = 0;
    for (const unsigned char *at = said.begin; at < said.end;) {
        if (length > MAX_FORMULA - MOST_BYTES)
            return -1;
        unsigned char c = *at++;
        if (c == '&')
            length += put(typed + length, entity(&at, said.end));
        else
            typed[length++] = c;
    }
    typed[length] = 0;
    return length;
}

/* A formula behind "<f": 1, 0 where it is empty, -1 where it is unusual, -2 for an error. */
static int
formula(Reader *reader)
{
    Span name, value, said = {NULL, NULL};
    int64_t group = -1;
    int shared = 0, more, seen = 0;
    while ((more = attribute(reader, &name, &value)) == 1) {
        int known;
        if (says(name, "t")) {
            known = 1;
            if (!(shared = says(value, "shared")) && !says(value, "normal"))
                return -1;
        } else if (says(name, "si")) {
            known = 2;
            if ((group = count_of(value, 999999999)) < 0)
                return -1;
        } else if (says(name, "ref"))
            known = 4;
        else if (says(name, "ca"))
            known = 8;
        else if (says(name, "aca"))
            known = 16;
        else
            return -1;
        if (seen & known)
            return -1;
        seen |= known;
    }
    int inside = more == 0 ? tag_end(reader) : -1;
    if (inside < 0)
        return -1;
    if (inside) {
        if (!text(reader, &said) || !take(reader, "</f>"))
            return -1;
    }
    if (shared && (group < 0 || !(seen & 2)))
        return -1;
    if (said.begin == said.end && !shared)
        return 0;
    Formula *formula = added(&reader->formulas);
    if (formula == NULL)
        return -2;
    formula->row = (int32_t)reader->row;
    formula->column = (uint16_t)reader->column;
    formula->group = (int32_t)group;
    if (said.begin == said.end) {
        formula->flags = SHARES;
        return 1;
    }
    formula->start = said.begin - reader->begin;
    formula->length = (int32_t)(said.end - said.begin);
    unsigned char typed[MAX_FORMULA + 1];
    int length = unescaped(said, typed);
    if (typed[0] == '=')
        return -1;
    if (length < 0)
        formula->flags = UNTOLD;
    else
        tell(reader->points, reader->row, reader->column, typed, (size_t)length, formula);
    if (shared)
        formula->flags |= SHARED;
    return 1;
}

/* ---------------------------------------------------------------- cells and rows */

static int
kind_of(Span said)
{
    static const struct {
        const char *name;
        int kind;
    } KINDS[] = {{"s", SHARED_STRING},  {"n", NUMBER},       {"str", STORED_TEXT},
                 {"b", STORED_TRUTH},   {"e", STORED_ERROR}, {"inlineStr", STORED_INLINE},
                 {"d", STORED_DATE}};
    for (size_t i = 0; i < sizeof KINDS / sizeof KINDS[0]; i++)
        if (says(said, KINDS[i].name))
            return KINDS[i].kind;
    return -1;
}

/* Keep a value of some kind as it is stored: 1, 0 where it is unusual, -1 for an error. */
static int
keep(Reader *reader, int kind, Span stored)
{
    double number = 0;
    if (kind == NUMBER) {
        int is_number = number_of(stored, &number);
        if (is_number < 0)
            return -1;
        if (!is_number)
            kind = STORED_NUMBER;
    } else if (kind == SHARED_STRING) {
        int64_t place = 0;
        if (stored.end - stored.begin > 9)
            return 0;
        for (const unsigned char *at = stored.begin; at < stored.end; at++) {
            if (!is_digit(*at))
                return 0;
            place = place * 10 + (*at - '0');
        }
        number = (double)place;
    }
    Cell *cell = added(&reader->cells);
    if (cell == NULL)
        return -1;
    cell->number = number;
    cell->start = stored.begin - reader->begin;
    cell->length = (int32_t)(stored.end - stored.begin);
    cell->row = (int32_t)reader->row;
    cell->column = (uint16_t)reader->column;
    cell->kind = (uint16_t)kind;
    return 1;
}

/* The column that a cell of the row says: 0 where that is none. */
static int64_t
column_of(Span ref, int64_t row)
{
    int64_t column = 0;
    const unsigned char *at = ref.begin;
    for (; at < ref.end && *at >= 'A' && *at <= 'Z'; at++) {
        column = column * 26 + (*at & 31);
        if (column > MAX_COLUMN)
            return 0;
    }
    return count_of((Span){at, ref.end}, MAX_ROW) == row ? column : 0;
}

/* A cell behind "<c": 1, 0 where it is unusual, -1 for an error. */
static int
cell(Reader *reader)
{
    Span name, value, stored = {NULL, NULL};
    int kind = NUMBER, more, seen = 0, has_value = 0;
    reader->seen++;
    reader->column++;
    while ((more = attribute(reader, &name, &value)) == 1) {
        int known;
        if (says(name, "r")) {
            known = 1;
            reader->column = column_of(value, reader->row);
        } else if (says(name, "s")) {
            known = 2;
            if (count_of(value, 999999999) < 0)
                return 0;
        } else if (says(name, "t")) {
            known = 4;
            if ((kind = kind_of(value)) < 0)
                return 0;
        } else
            return 0;
        if (seen & known)
            return 0;
        seen |= known;
    }
    if (more < 0 || reader->column < 1 || reader->column > MAX_COLUMN)
        return 0;
    int inside = tag_end(reader);
    if (inside <= 0)
        return inside == 0;
    int has_formula = 0;
    skip_blanks(reader);
    if (take(reader, "<f")) {
        has_formula = formula(reader);
        if (has_formula < 0)
            return has_formula == -2 ? -1 : 0;
        skip_blanks(reader);
    }
    if (kind == STORED_INLINE) {
        if (take(reader, "<is><t>") || take(reader, "<is><t xml:space=\"preserve\">")) {
            if (!text(reader, &stored) || !take(reader, "</t></is>"))
                return 0;
            has_value = 1;
        }
    } else if (take(reader, "<v>")) {
        if (!text(reader, &stored) || !take(reader, "</v>"))
            return 0;
        has_value = 1;
    } else if (take(reader, "<v/>")) {
        stored.begin = stored.end = reader->at;
        has_value = 1;
    }
    skip_blanks(reader);
    if (!take(reader, "</c>"))
        return 0;
    if (has_formula || !has_value)
        return 1;
    if (stored.begin == stored.end && kind != STORED_TEXT && kind != STORED_INLINE)
        return 1;
    return keep(reader, kind, stored);
}

/* A row behind "<row": 1, 0 where it is unusual, -1 for an error. */
static int
row(Reader *reader)
{
    Span name, value, names[MAX_ATTRIBUTES];
    int more, count = 0;
    reader->row++;
    reader->column = 0;
    while ((more = attribute(reader, &name, &value)) == 1) {
        size_t length = (size_t)(name.end - name.begin);
        if (count == MAX_ATTRIBUTES)
            return 0;
        for (int i = 0; i < count; i++)
            if ((size_t)(names[i].end - names[i].begin) == length &&
                memcmp(names[i].begin, name.begin, length) == 0)
                return 0;
        names[count++] = name;
        if (says(name, "r")) {
            reader->row = count_of(value, MAX_ROW);
        } else if (says(name, "hidden"))
            reader->hides |= !says(value, "0") && !says(value, "false");
        else if (length >= 5 && memcmp(name.begin, "xmlns", 5) == 0)
            return 0;
    }
    if (more < 0 || reader->row < 1 || reader->row > MAX_ROW)
        return 0;
    int inside = tag_end(reader);
    if (inside <= 0)
        return inside == 0;
    for (;;) {
        skip_blanks(reader);
        if (take(reader, "</row>"))
            return 1;
        if (!take(reader, "<c") || reader->at == reader->end)
            return 0;
        if (!is_blank(*reader->at) && *reader->at != '>' && *reader->at != '/')
            return 0;
        int read = cell(reader);
        if (read <= 0)
            return read;
    }
}

/* ---------------------------------------------------------------- rows and strings */

const char rows_doc[] = PyDoc_STR(
    "rows(xml, start, end, last_row, points)\n--\n\n"
    "The cells of the plain rows between two places of a sheet's XML, up to the first row that is not.\n\n"
    "Gives the constants and the formulas as bytes, the place of that row (`end` if there is none),\n"
    "the number of the last row before it, how many cells were seen, blank ones as well, and whether\n"
    "one of the rows may be hidden. `points` are two numbers below 2 ** 61 - 1, drawn once.");

PyObject *
rows(PyObject *module, PyObject *arguments)
{
    Py_buffer xml;
    Py_ssize_t start, end;
    long long last_row;
    unsigned long long first_point, second_point;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "y*nnL(KK)", &xml, &start, &end, &last_row, &first_point,
                          &second_point))
        return NULL;
    if (start < 0 || end > xml.len || start > end || last_row < 0 || last_row > MAX_ROW ||
        first_point >= PRIME || second_point >= PRIME) {
        PyBuffer_Release(&xml);
        PyErr_SetString(PyExc_ValueError, "no part of a sheet");
        return NULL;
    }
    PyObject *result = NULL;
    Reader state = {.begin = xml.buf}, *reader = &state;
    reader->at = reader->begin + start;
    reader->end = reader->begin + end;
    reader->row = last_row;
    reader->points[0] = first_point;
    reader->points[1] = second_point;
    reader->cells.size = sizeof(Cell);
    reader->formulas.size = sizeof(Formula);
    const unsigned char *stop = reader->at;
    for (;;) {
        skip_blanks(reader);
        stop = reader->at;
        if (reader->at == reader->end)
            break;
        size_t cells = reader->cells.count, formulas = reader->formulas.count;
        int64_t last = reader->row, seen = reader->seen;
        int hides = reader->hides;
        int read = take(reader, "<row") && reader->at < reader->end &&
                           (is_blank(*reader->at) || *reader->at == '>' || *reader->at == '/')
                       ? row(reader)
                       : 0;
        if (read < 0)
            goto done;
        if (!read) {
            reader->cells.count = cells;
            reader->formulas.count = formulas;
            reader->row = last;
            reader->seen = seen;
            reader->hides = hides;
            break;
        }
    }
    PyObject *cells = bytes_of(&reader->cells), *formulas = bytes_of(&reader->formulas);
    if (cells != NULL && formulas != NULL)
        result = Py_BuildValue("(OOnLLi)", cells, formulas, (Py_ssize_t)(stop - reader->begin),
                               (long long)reader->row, (long long)reader->seen, reader->hides);
    Py_XDECREF(cells);
    Py_XDECREF(formulas);
done:
    PyMem_Free(reader->cells.items);
    PyMem_Free(reader->formulas.items);
    PyBuffer_Release(&xml);
    return result;
}

const char strings_doc[] = PyDoc_STR(
    "strings(xml, start)\n--\n\n"
    "The shared strings from a place of their XML on, and the place behind them.\n\n"
    "In place of a string that is not plain stands where its element begins and ends.");

/* The text of a string, as it was typed. */
static PyObject *
string_of(Span said)
{
    Py_ssize_t length = said.end - said.begin;
    if (memchr(said.begin, '&', (size_t)length) == NULL)
        return PyUnicode_DecodeUTF8((const char *)said.begin, length, NULL);
    unsigned char *typed = PyMem_Malloc((size_t)length);
    if (typed == NULL)
        return PyErr_NoMemory();
    Py_ssize_t count = 0;
    for (const unsigned char *at = said.begin; at < said.end;) {
        unsigned char c = *at++;
        if (c == '&')
            count += put(typed + count, entity(&at, said.end));
        else
            typed[count++] = c;
    }
    PyObject *string = PyUnicode_DecodeUTF8((const char *)typed, count, NULL);
    PyMem_Free(typed);
    return string;
}

/* The place behind "</si>", NULL where there is none. */
static const unsigned char *
end_of_item(const unsigned char *at, const unsigned char *end)
{
    static const char CLOSES[] = "</si>";
    while ((at = memchr(at, '<', (size_t)(end - at))) != NULL && end - at >= 5) {
        if (memcmp(at, CLOSES, 5) == 0)
            return at + 5;
        at++;
    }
    return NULL;
}

PyObject *
strings(PyObject *module, PyObject *arguments)
{
    Py_buffer xml;
    Py_ssize_t start;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "y*n", &xml, &start))
        return NULL;
    PyObject *list = NULL, *result = NULL;
    if (start < 0 || start > xml.len) {
        PyErr_SetString(PyExc_ValueError, "no part of the XML");
        goto done;
    }
    if ((list = PyList_New(0)) == NULL)
        goto done;
    Reader reader = {.begin = xml.buf};
    reader.at = reader.begin + start;
    reader.end = reader.begin + xml.len;
    const unsigned char *stop;
    for (;;) {
        skip_blanks(&reader);
        stop = reader.at;
        if (!take(&reader, "<si>"))
            break;
        PyObject *string;
        Span said;
        if ((take(&reader, "<t>") || take(&reader, "<t xml:space=\"preserve\">")) &&
            text(&reader, &said) && take(&reader, "</t></si>"))
            string = string_of(said);
        else {
            const unsigned char *end = end_of_item(stop, reader.end);
            if (end == NULL)
                break;
            reader.at = end;
            string = Py_BuildValue("(nn)", (Py_ssize_t)(stop - reader.begin),
                                   (Py_ssize_t)(end - reader.begin));
        }
        if (string == NULL)
            goto done;
        int failed = PyList_Append(list, string);
        Py_DECREF(string);
        if (failed)
            goto done;
    }
    result = Py_BuildValue("(On)", list, (Py_ssize_t)(stop - reader.begin));
done:
    Py_XDECREF(list);
    PyBuffer_Release(&xml);
    return result;
}
