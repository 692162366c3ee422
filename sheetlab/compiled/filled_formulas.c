/* Which formulas are filled from each other, and the rectangles that they fill.

   Cells whose formulas are filled from each other have the same number, which adds up what a formula
   says and how far away its addresses lie, by polynomials at two random points of the field of
   2^61 - 1 (Carter and Wegman, "Universal classes of hash functions", 1979). */

#include "reading.h"
#include <stdlib.h>

/* ---------------------------------------------------------------- the numbers of formulas */

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

/* Tell the number of a formula that some cell says, and what is known of it. What stands behind the
   formula must be readable, and belong to no word. */
void
tell(const uint64_t points[2], int64_t row, int64_t column, const unsigned char *said,
     size_t length, Formula *formula)
{
    const unsigned char *at = said, *end = said + length;
    Sum sum = {{1, 1}, points, 0, 0};
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
            unsigned char before = start > said ? start[-1] : 0;
            Word word = word_of(start, at, before);
            if (word.odd || (before == ':' && word.form != joined))
                flags |= UNTOLD;
            joined = NO_ADDRESS;
            if (word.form) {
                uint64_t across = axis(word.column_mark, word.column, column);
                uint64_t down = axis(word.row_mark, word.row, row);
                add_waiting(&sum);
                /* More than the number of characters that wait tells it from these. */
                add(&sum, ((uint64_t)(8 + word.form) << 56) |
                              (word.form == WHOLE_ROW ? 0 : across << 24) |
                              (word.form == WHOLE_COLUMN ? 0 : down));
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

const char alike_doc[] = PyDoc_STR(
    "alike(formulas, points)\n--\n\n"
    "What `rows` tells of formulas, for a list of (column, row, formula without its =).");

PyObject *
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
    const uint64_t points[2] = {first_point, second_point};
    Array found = {.size = sizeof(Formula)};
    for (Py_ssize_t place = 0; place < PyList_Size(list); place++) {
        int column, row;
        const char *said;
        Py_ssize_t length;
        if (!PyArg_ParseTuple(PyList_GetItem(list, place), "iis#", &column, &row, &said, &length))
            goto done;
        Formula *formula = added(&found);
        if (formula == NULL)
            goto done;
        tell(points, row, column, (const unsigned char *)said, (size_t)length, formula);
        formula->start = place;
        formula->row = row;
        formula->column = (uint16_t)column;
    }
    result = bytes_of(&found);
done:
    PyMem_Free(found.items);
    return result;
}

/* ---------------------------------------------------------------- rectangles */

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

/* Formulas sorted by column and row, those of a sheet mostly come row by row; NULL for an error. */
static const Formula **
by_columns(const Formula *formulas, size_t count)
{
    const Formula **sorted = PyMem_Calloc(count + 1, sizeof *sorted);
    int rising = 1;
    size_t last = 0;
    for (size_t i = 0; i < count; i++) {
        rising &= i == 0 || formulas[i].row >= formulas[i - 1].row;
        last = formulas[i].column > last ? formulas[i].column : last;
    }
    size_t *begins = PyMem_Calloc(last + 2, sizeof *begins);
    if (sorted == NULL || begins == NULL) {
        PyMem_Free(sorted);
        PyMem_Free(begins);
        PyErr_NoMemory();
        return NULL;
    }
    if (rising) {
        for (size_t i = 0; i < count; i++)
            begins[formulas[i].column + 1]++;
        for (size_t i = 1; i <= last; i++)
            begins[i] += begins[i - 1];
        for (size_t i = 0; i < count; i++)
            sorted[begins[formulas[i].column]++] = formulas + i;
    } else {
        for (size_t i = 0; i < count; i++)
            sorted[i] = formulas + i;
        qsort(sorted, count, sizeof *sorted, by_column_and_row);
    }
    PyMem_Free(begins);
    return sorted;
}

/* A tuple of some numbers; NULL for an error. */
static PyObject *
tuple_of(const long long *numbers, size_t count)
{
    PyObject *tuple = PyTuple_New((Py_ssize_t)count);
    for (size_t i = 0; tuple != NULL && i < count; i++) {
        PyObject *number = PyLong_FromLongLong(numbers[i]);
        if (number == NULL || PyTuple_SetItem(tuple, (Py_ssize_t)i, number))
            Py_CLEAR(tuple);
    }
    return tuple;
}

const char rectangles_doc[] = PyDoc_STR(
    "rectangles(formulas)\n--\n\n"
    "The rectangles of formulas, as `rows` and `alike` tell them, that are filled from each other.\n\n"
    "For each, from the top and the left: the places of its first and last formula, its rows and\n"
    "columns, and of the first formula number, start, length, row, column and flags.");

PyObject *
rectangles(PyObject *module, PyObject *arguments)
{
    Py_buffer given;
    (void)module;
    if (!PyArg_ParseTuple(arguments, "y*", &given))
        return NULL;
    const Formula *formulas = given.buf;
    size_t count = (size_t)given.len / sizeof(Formula);
    PyObject *result = NULL;
    const Formula **sorted = by_columns(formulas, count);
    Array stretches = {.size = sizeof(Stretch)};
    if (sorted == NULL)
        goto done;
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
    result = PyList_New((Py_ssize_t)kept);
    for (size_t i = 0; result != NULL && i < kept; i++) {
        Rectangle rectangle = all[i].rectangle;
        const Formula *first = all[i].formula;
        long long told[] = {rectangle.first, rectangle.last, rectangle.rows,   rectangle.columns,
                            first->number,   first->start,   first->length, first->row,
                            first->column,   first->flags};
        PyObject *tuple = tuple_of(told, sizeof told / sizeof told[0]);
        if (tuple == NULL || PyList_SetItem(result, (Py_ssize_t)i, tuple))
            Py_CLEAR(result);
    }
done:
    PyMem_Free(sorted);
    PyMem_Free(stretches.items);
    PyBuffer_Release(&given);
    return result;
}
