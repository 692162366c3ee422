/* What most of a workbook's XML is like: plain rows of cells, and plain shared strings.

   Plain is what Excel and most programs write: cells with a formula, a value, or both, whose
   attributes are known, and strings that are one text. What is anything else is left to a parser of
   XML. Nothing is decided here that such a parser would decide otherwise.

   Formulas are also told apart: cells whose formulas are filled from each other have the same number,
   which adds up what a formula says and how far away its addresses lie, by polynomials at two
   random points of the field of 2^61 - 1 (Carter and Wegman, "Universal classes of hash functions",
   1979). */

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <float.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define MAX_ROW 1048576
#define MAX_COLUMN 16384
/* Longer formulas are none to the engine. */
#define MAX_FORMULA 32768
#define MAX_NUMBER 63

/* What a cell holds; `engine/reading/plain_rows.py` has the same numbers. */
enum {
    NUMBER,        /* a number, parsed */
    SHARED_STRING, /* a text of the workbook, by its place there */
    STORED_NUMBER, /* what should be a number, as it is written */
    STORED_TEXT,   /* the text of a formula (t="str"), as it is written */
    STORED_TRUTH,
    STORED_ERROR,
    STORED_INLINE, /* a text of its own, as it is written */
    STORED_DATE,
};

/* What is known of a formula. */
enum {
    UNTOLD = 1,    /* from what it is filled cannot be told */
    BRACKETS = 2,  /* it has [ ], whose meaning may depend on the cell */
    SHARES = 4,    /* it shares the formula of its group */
    SHARED = 8,    /* it is the formula of its group */
};

typedef struct {
    double number;
    int64_t start; /* of what is stored, in the XML */
    int32_t length;
    int32_t row;
    uint16_t column;
    uint16_t kind;
    uint32_t unused;
} Cell;

typedef struct {
    int64_t number;
    int64_t start;
    int32_t length;
    int32_t row;
    uint16_t column;
    uint16_t flags;
    int32_t group;
} Formula;

typedef struct {
    char *items;
    size_t size, count, room;
} Array;

typedef struct {
    const unsigned char *begin, *at, *end;
    int64_t row, column;
    int64_t seen; /* cells, blank ones as well */
    int hides;    /* whether a row may be hidden */
    uint64_t points[2];
    Array cells, formulas;
} Reader;

/* ---------------------------------------------------------------- arrays that grow */

static void *
added(Array *array)
{
    if (array->count == array->room) {
        size_t room = array->room ? array->room * 2 : 256;
        char *items = PyMem_Realloc(array->items, room * array->size);
        if (items == NULL) {
            PyErr_NoMemory();
            return NULL;
        }
        array->items = items;
        array->room = room;
    }
    void *item = array->items + array->count++ * array->size;
    memset(item, 0, array->size);
    return item;
}

static PyObject *
bytes_of(const Array *array)
{
    /* Without items there may be no address to copy them from. */
    return PyBytes_FromStringAndSize(array->count ? array->items : "",
                                     (Py_ssize_t)(array->count * array->size));
}

/* ---------------------------------------------------------------- characters */

/* What a character is, by its byte; in UTF-8, what is no ASCII belongs to words. */
enum { DIGIT = 1, LETTER = 2, BLANK = 4, IN_WORD = 8, STOPS = 16 };

static unsigned char CLASS[256];

static void
make_classes(void)
{
    for (int c = 0; c < 256; c++) {
        int letter = (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
        int digit = c >= '0' && c <= '9';
        int other = c == '$' || c == '_' || c == '.' || c == '?' || c == '\\' || c >= 0x80;
        /* In a text of XML these mean something, or may not stand. */
        int stops = c >= 0x80 || c == '<' || c == '>' || c == '&' ||
                    (c < 0x20 && c != '\t' && c != '\n');
        CLASS[c] = (unsigned char)((digit ? DIGIT : 0) | (letter ? LETTER : 0) |
                                   (letter || digit || other ? IN_WORD : 0) |
                                   (c == ' ' || c == '\n' || c == '\t' || c == '\r' ? BLANK : 0) |
                                   (stops ? STOPS : 0));
    }
}

static int
is_digit(unsigned char c)
{
    return CLASS[c] & DIGIT;
}

static int
is_blank(unsigned char c)
{
    return CLASS[c] & BLANK;
}

static int
is_letter(unsigned char c)
{
    return CLASS[c] & LETTER;
}

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

typedef struct {
    const unsigned char *begin, *end;
} Span;

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

static const struct {
    const char *name;
    unsigned char character;
} ENTITIES[] = {{"amp;", '&'}, {"lt;", '<'}, {"gt;", '>'}, {"quot;", '"'}, {"apos;", '\''}};

/* The character that an entity behind "&" stands for, which is passed over; 0 for any other. */
static unsigned char
entity(const unsigned char **at, const unsigned char *end)
{
    for (size_t i = 0; i < sizeof ENTITIES / sizeof ENTITIES[0]; i++) {
        size_t length = strlen(ENTITIES[i].name);
        if ((size_t)(end - *at) >= length && memcmp(*at, ENTITIES[i].name, length) == 0) {
            *at += length;
            return ENTITIES[i].character;
        }
    }
    return 0;
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
    int is_surrogate = character >= 0xd800 && character <= 0xdfff;
    if (character < LEAST[more] || is_surrogate || character > 0x10ffff ||
        character == 0xfffe || character == 0xffff)
        return 0;
    return more + 1;
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
static int
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

static int
in_word(unsigned char c)
{
    return CLASS[c] & IN_WORD;
}

/* A formula as it was typed, in place of how XML writes it; its length, or -1 where that is odd. */
static int
unescaped(Span said, unsigned char *typed)
{
    int length = 0;
    for (const unsigned char *at = said.begin; at < said.end;) {
        if (length >= MAX_FORMULA)
            return -1;
        unsigned char c = *at++;
        typed[length++] = c == '&' ? entity(&at, said.end) : c;
    }
    typed[length] = 0;
    return length;
}

#define PRIME ((UINT64_C(1) << 61) - 1)

#if defined(__SIZEOF_INT128__)
static uint64_t
product(uint64_t a, uint64_t b)
{
    unsigned __int128 full = (unsigned __int128)a * b;
    uint64_t sum = (uint64_t)(full & PRIME) + (uint64_t)(full >> 61);
    return sum >= PRIME ? sum - PRIME : sum;
}
#else
static uint64_t
product(uint64_t a, uint64_t b)
{
    uint64_t a1 = a >> 32, a0 = a & 0xffffffff, b1 = b >> 32, b0 = b & 0xffffffff;
    uint64_t low = a0 * b0, middle = a1 * b0, other = a0 * b1;
    uint64_t carry = (low >> 32) + (middle & 0xffffffff) + (other & 0xffffffff);
    uint64_t high = a1 * b1 + (middle >> 32) + (other >> 32) + (carry >> 32);
    low = (low & 0xffffffff) | (carry << 32);
    uint64_t sum = (low & PRIME) + ((low >> 61) | (high << 3));
    sum = (sum & PRIME) + (sum >> 61);
    return sum >= PRIME ? sum - PRIME : sum;
}
#endif

/* Values of fewer than 60 bits, added up one after the other. */
typedef struct {
    uint64_t sums[2];
    const uint64_t *points;
    uint64_t letters; /* characters that are not added yet, and how many */
    int waiting;
} Sum;

static void
add(Sum *sum, uint64_t value)
{
    for (int i = 0; i < 2; i++) {
        uint64_t next = product(sum->sums[i], sum->points[i]) + value;
        sum->sums[i] = next >= PRIME ? next - PRIME : next;
    }
}

static void
add_waiting(Sum *sum)
{
    if (sum->waiting)
        add(sum, ((uint64_t)sum->waiting << 56) | sum->letters);
    sum->letters = 0;
    sum->waiting = 0;
}

static void
add_character(Sum *sum, unsigned char c)
{
    sum->letters = (sum->letters << 8) | c;
    if (++sum->waiting == 7)
        add_waiting(sum);
}

/* The way to a row or column, or the row or column where that does not move with the cell. */
static uint64_t
axis(int fixed, int64_t number, int64_t own)
{
    return fixed ? (uint64_t)number : (uint64_t)(number - own + 3 * MAX_ROW);
}

enum { NO_ADDRESS, CELL, WHOLE_COLUMN, WHOLE_ROW };

typedef struct {
    int form, odd;
    int column_mark, row_mark;
    int64_t column, row;
} Word;

/* What a word between two places is, and whether that could be doubted. */
static Word
word_of(const unsigned char *begin, const unsigned char *end, unsigned char before)
{
    Word word = {0};
    const unsigned char *at = begin;
    int lower = 0, letters = 0, digits = 0, zero = 0;
    unsigned char after = *end;
    int spans = before == ':' || after == ':';
    if (*at == '$') {
        word.column_mark = 1;
        at++;
    }
    for (; letters < 3 && is_letter(*at); letters++, at++) {
        lower |= *at >= 'a';
        word.column = word.column * 26 + (*at & 31);
    }
    if (letters && *at == '$') {
        word.row_mark = 1;
        at++;
    }
    zero = *at == '0';
    for (; digits < 7 && is_digit(*at); digits++, at++)
        word.row = word.row * 10 + (*at - '0');
    if (at == end && after != '(' && after != '!' && word.column <= MAX_COLUMN &&
        word.row <= MAX_ROW) {
        if (letters && digits)
            word.form = CELL;
        else if (letters && !word.row_mark && spans)
            word.form = WHOLE_COLUMN;
        else if (!letters && digits && spans) {
            /* In "$5:$9" the mark before the digits was taken for that of a column. */
            word.form = WHOLE_ROW;
            word.row_mark = word.column_mark;
        }
    }
    word.odd = word.form ? lower || (digits && zero) : spans;
    return word;
}

/* Tell the number of a formula in the cell of the reader, and what is known of it. */
static void
tell(const Reader *reader, const unsigned char *begin, size_t length, Formula *formula)
{
    const unsigned char *at = begin, *end = begin + length;
    Sum sum = {{1, 1}, reader->points, 0, 0};
    uint16_t flags = 0;
    int joined = NO_ADDRESS; /* the form of what ':' follows */
    while (at < end) {
        unsigned char c = *at;
        if (c == '"' || c == '\'') {
            do
                add_character(&sum, *at++);
            while (at < end && *at != c);
            if (at == end)
                flags |= UNTOLD;
            else
                add_character(&sum, *at++);
            joined = NO_ADDRESS;
        } else if (c == '[') {
            int depth = 0;
            flags |= BRACKETS;
            do {
                depth += (*at == '[') - (*at == ']');
                if (*at == '"' || *at == '\'')
                    flags |= UNTOLD;
                add_character(&sum, *at++);
            } while (at < end && depth);
            if (depth)
                flags |= UNTOLD;
            joined = NO_ADDRESS;
        } else if (in_word(c)) {
            const unsigned char *start = at;
            while (at < end && in_word(*at))
                at++;
            unsigned char before = start > begin ? start[-1] : 0;
            Word word = word_of(start, at, before);
            if (word.odd || (before == ':' && word.form != joined))
                flags |= UNTOLD;
            joined = NO_ADDRESS;
            if (word.form) {
                uint64_t column = axis(word.column_mark, word.column, reader->column);
                uint64_t row = axis(word.row_mark, word.row, reader->row);
                add_waiting(&sum);
                /* More than the number of characters that wait tells it from these. */
                add(&sum, ((uint64_t)(8 + word.form) << 56) |
                              (word.form == WHOLE_ROW ? 0 : column << 24) |
                              (word.form == WHOLE_COLUMN ? 0 : row));
                if (*at == ':')
                    joined = word.form;
            } else
                while (start < at)
                    add_character(&sum, *start++);
        } else {
            if (c == ']' || c == 0)
                flags |= UNTOLD;
            if (c == ':' && joined && !(at + 1 < end && in_word(at[1])))
                flags |= UNTOLD;
            if (c != ':')
                joined = NO_ADDRESS;
            add_character(&sum, c);
            at++;
        }
    }
    add_waiting(&sum);
    formula->number = (int64_t)((sum.sums[0] ^ (sum.sums[1] << 2)) & INT64_MAX);
    formula->flags = flags;
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
        if (said.begin < said.end && *said.begin == '=')
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
    if (length < 0)
        formula->flags = UNTOLD;
    else
        tell(reader, typed, (size_t)length, formula);
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
    Span name, value;
    int more, has_number = 0;
    reader->row++;
    reader->column = 0;
    while ((more = attribute(reader, &name, &value)) == 1) {
        size_t length = (size_t)(name.end - name.begin);
        if (says(name, "r")) {
            if (has_number)
                return 0;
            has_number = 1;
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

/* ---------------------------------------------------------------- the module */

PyDoc_STRVAR(rows_doc,
"rows(xml, start, end, last_row, points)\n--\n\n"
"The cells of the plain rows between two places of a sheet's XML, up to the first row that is not.\n\n"
"Gives the constants and the formulas as bytes, the place of that row (`end` if there is none),\n"
"the number of the last row before it, how many cells were seen, blank ones as well, and whether\n"
"one of the rows may be hidden. `points` are two numbers below 2 ** 61 - 1, drawn once.");

static PyObject *
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

PyDoc_STRVAR(strings_doc,
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
    char *typed = PyMem_Malloc((size_t)length);
    if (typed == NULL)
        return PyErr_NoMemory();
    Py_ssize_t count = 0;
    for (const unsigned char *at = said.begin; at < said.end;) {
        unsigned char c = *at++;
        typed[count++] = (char)(c == '&' ? entity(&at, said.end) : c);
    }
    PyObject *string = PyUnicode_DecodeUTF8(typed, count, NULL);
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

static PyObject *
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

PyDoc_STRVAR(alike_doc,
"alike(formulas, points)\n--\n\n"
"What `rows` tells of formulas, for a list of (column, row, formula without its =).");

static PyObject *
alike(PyObject *module, PyObject *arguments)
{
    PyObject *list, *result = NULL;
    unsigned long long first_point, second_point;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "O!(KK)", &PyList_Type, &list, &first_point, &second_point))
        return NULL;
    if (first_point >= PRIME || second_point >= PRIME) {
        PyErr_SetString(PyExc_ValueError, "no points");
        return NULL;
    }
    Reader state = {.points = {first_point, second_point}}, *reader = &state;
    reader->formulas.size = sizeof(Formula);
    for (Py_ssize_t place = 0; place < PyList_Size(list); place++) {
        int column, row;
        const char *said;
        Py_ssize_t length;
        if (!PyArg_ParseTuple(PyList_GetItem(list, place), "iis#", &column, &row, &said, &length))
            goto done;
        Formula *formula = added(&reader->formulas);
        if (formula == NULL)
            goto done;
        reader->column = column;
        reader->row = row;
        tell(reader, (const unsigned char *)said, (size_t)length, formula);
        formula->start = place;
        formula->row = row;
        formula->column = (uint16_t)column;
    }
    result = bytes_of(&reader->formulas);
done:
    PyMem_Free(reader->formulas.items);
    return result;
}

/* ---------------------------------------------------------------- formulas filled down and right */

/* A rectangle of formulas that are filled from each other: its first and its last formula. */
typedef struct {
    int32_t first, last; /* their places among the formulas */
    int32_t rows, columns;
} Rectangle;

typedef struct {
    const Formula *formula;
    Rectangle rectangle;
} Stretch;

static int
by_column_and_row(const void *one, const void *other)
{
    const Formula *a = *(const Formula *const *)one, *b = *(const Formula *const *)other;
    if (a->column != b->column)
        return a->column < b->column ? -1 : 1;
    if (a->row != b->row)
        return a->row < b->row ? -1 : 1;
    return a < b ? -1 : a > b;
}

#define COMPARE(a, b)                                                                             \
    if ((a) != (b))                                                                               \
        return (a) < (b) ? -1 : 1

static int
for_joining(const void *one, const void *other)
{
    const Stretch *a = one, *b = other;
    COMPARE(a->formula->row, b->formula->row);
    COMPARE(a->rectangle.rows, b->rectangle.rows);
    COMPARE(a->formula->number, b->formula->number);
    COMPARE(a->formula->column, b->formula->column);
    return a->formula < b->formula ? -1 : a->formula > b->formula;
}

static int
from_top_left(const void *one, const void *other)
{
    const Stretch *a = one, *b = other;
    COMPARE(a->formula->row, b->formula->row);
    COMPARE(a->formula->column, b->formula->column);
    return a->formula < b->formula ? -1 : a->formula > b->formula;
}

/* Sort formulas by column and row; those of a sheet mostly come row by row. */
static void
sort_by_column(const Formula *formulas, size_t count, const Formula **sorted, size_t *begins)
{
    int rising = 1;
    for (size_t i = 1; i < count && rising; i++)
        rising = formulas[i].row >= formulas[i - 1].row;
    if (!rising) {
        for (size_t i = 0; i < count; i++)
            sorted[i] = formulas + i;
        qsort(sorted, count, sizeof *sorted, by_column_and_row);
        return;
    }
    for (size_t i = 0; i < count; i++)
        begins[formulas[i].column + 1]++;
    for (size_t i = 1; i <= UINT16_MAX; i++)
        begins[i] += begins[i - 1];
    for (size_t i = 0; i < count; i++)
        sorted[begins[formulas[i].column]++] = formulas + i;
}

PyDoc_STRVAR(rectangles_doc,
"rectangles(formulas)\n--\n\n"
"The rectangles of formulas, as `rows` and `alike` tell them, that are filled from each other.\n\n"
"For each, from the top and the left: the places of its first and last formula, its rows and\n"
"columns.");

static PyObject *
rectangles(PyObject *module, PyObject *arguments)
{
    Py_buffer given;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "y*", &given))
        return NULL;
    const Formula *formulas = given.buf;
    size_t count = (size_t)given.len / sizeof(Formula);
    PyObject *result = NULL;
    const Formula **sorted = PyMem_Calloc(count + 1, sizeof *sorted);
    size_t *begins = PyMem_Calloc(UINT16_MAX + 2, sizeof *begins);
    Array stretches = {.size = sizeof(Stretch)}, found = {.size = sizeof(Rectangle)};
    if (sorted == NULL || begins == NULL) {
        PyErr_NoMemory();
        goto done;
    }
    sort_by_column(formulas, count, sorted, begins);
    for (size_t i = 0; i < count;) {
        size_t end = i + 1;
        while (end < count && !((sorted[end]->flags | sorted[i]->flags) & UNTOLD) &&
               sorted[end]->number == sorted[i]->number &&
               sorted[end]->column == sorted[i]->column &&
               sorted[end]->row == sorted[end - 1]->row + 1)
            end++;
        Stretch *stretch = added(&stretches);
        if (stretch == NULL)
            goto done;
        stretch->formula = sorted[i];
        stretch->rectangle = (Rectangle){(int32_t)(sorted[i] - formulas),
                                         (int32_t)(sorted[end - 1] - formulas), (int32_t)(end - i), 1};
        i = end;
    }
    Stretch *all = (Stretch *)stretches.items;
    size_t kept = 0;
    if (stretches.count)
        qsort(all, stretches.count, sizeof *all, for_joining);
    for (size_t i = 0; i < stretches.count; i++) {
        Stretch *left = kept ? all + kept - 1 : NULL;
        const Formula *formula = all[i].formula;
        /* What [ ] mean may depend on the column. */
        if (left != NULL && !((formula->flags | left->formula->flags) & (UNTOLD | BRACKETS)) &&
            formula->number == left->formula->number && formula->row == left->formula->row &&
            all[i].rectangle.rows == left->rectangle.rows &&
            formula->column == left->formula->column + left->rectangle.columns) {
            left->rectangle.columns++;
            left->rectangle.last = all[i].rectangle.last;
        } else
            all[kept++] = all[i];
    }
    if (kept)
        qsort(all, kept, sizeof *all, from_top_left);
    for (size_t i = 0; i < kept; i++) {
        Rectangle *rectangle = added(&found);
        if (rectangle == NULL)
            goto done;
        *rectangle = all[i].rectangle;
    }
    result = bytes_of(&found);
done:
    PyMem_Free(sorted);
    PyMem_Free(begins);
    PyMem_Free(stretches.items);
    PyMem_Free(found.items);
    PyBuffer_Release(&given);
    return result;
}

static PyMethodDef METHODS[] = {
    {"rows", rows, METH_VARARGS, rows_doc},
    {"strings", strings, METH_VARARGS, strings_doc},
    {"alike", alike, METH_VARARGS, alike_doc},
    {"rectangles", rectangles, METH_VARARGS, rectangles_doc},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot SLOTS[] = {{0, NULL}};

static struct PyModuleDef MODULE = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_plain_xml",
    .m_doc = "Plain rows of worksheets and plain shared strings, read from XML.",
    .m_size = 0,
    .m_methods = METHODS,
    .m_slots = SLOTS,
};

PyMODINIT_FUNC
PyInit__plain_xml(void)
{
    make_classes();
    return PyModuleDef_Init(&MODULE);
}
