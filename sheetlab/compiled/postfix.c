/* Formulas in postfix order: operands first, then what joins them.

   Only what most formulas consist of is known here: numbers, texts, truth values, areas by
   themselves, operators and functions. Of a formula with anything else nothing is told, and
   `engine/syntax/parser.py` reads it, whose grammar this is. */

#include "reading.h"

#define MAX_DEPTH 128
/* An area is sought among so many that its formula has already. */
#define LAST_AREAS 16

/* The kinds of nodes; `engine/syntax/postfix.py` has the same numbers. */
enum { NUMBER_NODE, TEXT_NODE, TRUTH_NODE, MISSING_NODE, AREA_NODE, UNARY_NODE, BINARY_NODE, CALL_NODE };
enum { NEGATIVE, POSITIVE, PERCENT };
enum { TOP_ABSOLUTE = 1, LEFT_ABSOLUTE = 2, BOTTOM_ABSOLUTE = 4, RIGHT_ABSOLUTE = 8 };
/* How tightly operators bind; see the parser. */
enum { BINDS_PERCENT = 60, BINDS_NEGATION = 70 };

typedef struct {
    int32_t kind;
    int32_t value;  /* the place of what it says, or which operator it is */
    int32_t count;  /* of arguments; 1 for an operator that goes on a chain */
    int32_t size;   /* nodes of all that it consists of */
    int32_t height; /* 0 without operands, else one more than the highest of them */
} Node;

typedef struct {
    int32_t sheet; /* -1 for the formula's own */
    int32_t absolute;
    int32_t top, left, bottom, right;
} Area;

typedef struct {
    Array nodes, numbers, areas;
    PyObject *texts;
    /* Names as they are spelled, and their places. */
    PyObject *functions, *sheets;
    const unsigned char *at, *end;
    int64_t row, column;
    size_t first_area; /* of this formula */
    int depth;
} Parser;

/* What parses something returns one of these. */
enum { FAILED = -1, NOT_TOLD, TOLD };

static int expression(Parser *parser, int power);

static Node *
node_at(Parser *parser, size_t place)
{
    return (Node *)(void *)parser->nodes.items + place;
}

static int
add_node(Parser *parser, int32_t kind, int32_t value, int32_t count, int32_t operands)
{
    size_t end = parser->nodes.count;
    Node node = {kind, value, count, 1, 0};
    for (size_t place = end; operands > 0; operands--) {
        const Node *operand = node_at(parser, place - 1);
        node.size += operand->size;
        if (operand->height >= node.height)
            node.height = operand->height + 1;
        place -= (size_t)operand->size;
    }
    Node *added_node = added(&parser->nodes);
    if (added_node == NULL)
        return FAILED;
    *added_node = node;
    return TOLD;
}

/* The character at a place, or 0 behind the last. */
static unsigned char
seen(const Parser *parser, const unsigned char *at)
{
    return at < parser->end ? *at : 0;
}

static void
skip_blanks(Parser *parser)
{
    while (parser->at < parser->end && is_blank(*parser->at))
        parser->at++;
}

static int
in_name(unsigned char c)
{
    return is_letter(c) || is_digit(c) || c == '_' || c == '.';
}

/* Whether with this character behind it a text is no number, area or truth value by itself. */
static int
goes_on(unsigned char c)
{
    return in_name(c) || c >= 0x80 || c == '(' || c == '!' || c == '[';
}

/* The place of a name among those that were met. */
static int
place_of(PyObject *names, const unsigned char *begin, const unsigned char *end, int32_t *place)
{
    PyObject *name = PyUnicode_FromStringAndSize((const char *)begin, end - begin), *known;
    int result = FAILED;
    if (name == NULL)
        return FAILED;
    known = PyDict_GetItemWithError(names, name);
    if (known != NULL) {
        *place = (int32_t)PyLong_AsLong(known);
        result = TOLD;
    } else if (!PyErr_Occurred()) {
        *place = (int32_t)PyDict_Size(names);
        known = PyLong_FromLong(*place);
        if (known != NULL && PyDict_SetItem(names, name, known) == 0)
            result = TOLD;
        Py_XDECREF(known);
    }
    Py_DECREF(name);
    return result;
}

/* ---------------------------------------------------------------- operands */

static int
number(Parser *parser)
{
    const unsigned char *at = parser->at;
    Span said = {at, at};
    double value;
    while (is_digit(seen(parser, at)))
        at++;
    if (seen(parser, at) == '.')
        for (at++; is_digit(seen(parser, at));)
            at++;
    if (seen(parser, at) == 'e' || seen(parser, at) == 'E') {
        at++;
        if (seen(parser, at) == '+' || seen(parser, at) == '-')
            at++;
        while (is_digit(seen(parser, at)))
            at++;
    }
    said.end = at;
    if (goes_on(seen(parser, at)) || seen(parser, at) == ':' || seen(parser, at) == '$')
        return NOT_TOLD;
    int found = number_of(said, &value);
    if (found != TOLD)
        return found;
    double *kept = added(&parser->numbers);
    if (kept == NULL)
        return FAILED;
    *kept = value;
    parser->at = at;
    return add_node(parser, NUMBER_NODE, (int32_t)(parser->numbers.count - 1), 0, 0);
}

static int
text(Parser *parser)
{
    const unsigned char *begin = ++parser->at, *at = begin;
    int quotes = 0;
    for (;; at++) {
        if (at == parser->end)
            return NOT_TOLD;
        if (*at != '"')
            continue;
        if (seen(parser, at + 1) != '"')
            break;
        at++;
        quotes++;
    }
    size_t length = (size_t)(at - begin);
    PyObject *said = NULL;
    if (!quotes)
        said = PyUnicode_FromStringAndSize((const char *)begin, (Py_ssize_t)length);
    else {
        char *copy = PyMem_Malloc(length), *to = copy;
        if (copy == NULL) {
            PyErr_NoMemory();
            return FAILED;
        }
        for (const unsigned char *from = begin; from < at; from++) {
            *to++ = (char)*from;
            from += *from == '"';
        }
        said = PyUnicode_FromStringAndSize(copy, to - copy);
        PyMem_Free(copy);
    }
    if (said == NULL)
        return FAILED;
    int failed = PyList_Append(parser->texts, said);
    Py_DECREF(said);
    if (failed)
        return FAILED;
    parser->at = at + 1;
    return add_node(parser, TEXT_NODE, (int32_t)(PyList_Size(parser->texts) - 1), 0, 0);
}

/* A corner of an area, or a whole column. */
typedef struct {
    int64_t row, column; /* the row is 0 for a whole column */
    int row_mark, column_mark;
} Corner;

/* Read a corner; 0 where there is none. */
static int
corner(const Parser *parser, const unsigned char **from, Corner *found)
{
    const unsigned char *at = *from;
    int letters = 0, digits = 0;
    *found = (Corner){0};
    if (seen(parser, at) == '$') {
        found->column_mark = 1;
        at++;
    }
    for (; is_letter(seen(parser, at)) && letters < 4; letters++, at++)
        found->column = found->column * 26 + (*at & 31);
    if (letters < 1 || letters > 3 || found->column > MAX_COLUMN)
        return 0;
    if (seen(parser, at) == '$') {
        found->row_mark = 1;
        at++;
    }
    for (; is_digit(seen(parser, at)) && digits < 8; digits++, at++)
        found->row = found->row * 10 + (*at - '0');
    if (digits > 7 || found->row > MAX_ROW || (digits ? found->row < 1 : found->row_mark))
        return 0;
    *from = at;
    return 1;
}

static void
in_order(int64_t *first, int *first_mark, int64_t *last, int *last_mark)
{
    if (*first < *last || (*first == *last && *first_mark <= *last_mark))
        return;
    int64_t number = *first;
    int mark = *first_mark;
    *first = *last;
    *first_mark = *last_mark;
    *last = number;
    *last_mark = mark;
}

static int
area(Parser *parser, int32_t sheet)
{
    const unsigned char *at = parser->at;
    Corner first, last;
    if (!corner(parser, &at, &first))
        return NOT_TOLD;
    last = first;
    if (seen(parser, at) == ':') {
        at++;
        if (!corner(parser, &at, &last) || !first.row != !last.row)
            return NOT_TOLD;
    } else if (!first.row)
        return NOT_TOLD;
    if (goes_on(seen(parser, at)) || seen(parser, at) == '$')
        return NOT_TOLD;
    if (!first.row) {
        first.row = 1;
        last.row = MAX_ROW;
        first.row_mark = last.row_mark = 1;
    }
    in_order(&first.row, &first.row_mark, &last.row, &last.row_mark);
    in_order(&first.column, &first.column_mark, &last.column, &last.column_mark);
    Area found = {
        .sheet = sheet,
        .absolute = first.row_mark * TOP_ABSOLUTE | first.column_mark * LEFT_ABSOLUTE |
                    last.row_mark * BOTTOM_ABSOLUTE | last.column_mark * RIGHT_ABSOLUTE,
        .top = (int32_t)(first.row - (first.row_mark ? 0 : parser->row)),
        .left = (int32_t)(first.column - (first.column_mark ? 0 : parser->column)),
        .bottom = (int32_t)(last.row - (last.row_mark ? 0 : parser->row)),
        .right = (int32_t)(last.column - (last.column_mark ? 0 : parser->column)),
    };
    size_t count = parser->areas.count, place = count;
    size_t earliest = count > parser->first_area + LAST_AREAS ? count - LAST_AREAS : parser->first_area;
    const Area *areas = (const Area *)(const void *)parser->areas.items;
    while (place > earliest && memcmp(&areas[place - 1], &found, sizeof(Area)) != 0)
        place--;
    if (place > earliest)
        place--;
    else {
        Area *kept = added(&parser->areas);
        if (kept == NULL)
            return FAILED;
        *kept = found;
        place = count;
    }
    parser->at = at;
    return add_node(parser, AREA_NODE, (int32_t)place, 0, 0);
}

/* The arguments of a function, whose parenthesis is open. */
static int
call(Parser *parser, int32_t function)
{
    int32_t count = 0;
    for (unsigned char c = 0; c != ')';) {
        skip_blanks(parser);
        c = seen(parser, parser->at);
        int found = TOLD;
        if (c == ',' || c == ')') {
            if (c == ',' || count) {
                found = add_node(parser, MISSING_NODE, 0, 0, 0);
                count++;
            }
        } else {
            found = expression(parser, 0);
            count++;
        }
        if (found != TOLD)
            return found;
        c = seen(parser, parser->at);
        if (c != ',' && c != ')')
            return NOT_TOLD;
        parser->at++;
    }
    return add_node(parser, CALL_NODE, function, count, count);
}

static int
is_word(const unsigned char *begin, const unsigned char *end, const char *word)
{
    for (; begin < end && *word; begin++, word++)
        if ((*begin & ~0x20) != *word)
            return 0;
    return begin == end && !*word;
}

/* What begins with a letter, or with a sheet: an area, a function, a truth value. */
static int
named(Parser *parser)
{
    const unsigned char *begin = parser->at, *at = begin;
    int32_t place;
    int foreign = 0;
    if (*at == '\'') {
        for (at++;; at++) {
            if (at == parser->end)
                return NOT_TOLD;
            if (*at == '\'' && seen(parser, ++at) != '\'')
                break;
        }
        if (seen(parser, at) != '!')
            return NOT_TOLD;
    } else {
        int found = area(parser, -1);
        if (found != NOT_TOLD)
            return found;
        for (; in_name(seen(parser, at)) || seen(parser, at) >= 0x80; at++)
            foreign |= *at >= 0x80;
        if (at == begin)
            return NOT_TOLD;
    }
    int found;
    switch (seen(parser, at)) {
    case '!':
        found = place_of(parser->sheets, begin, at + 1, &place);
        if (found != TOLD)
            return found;
        parser->at = at + 1;
        return area(parser, place);
    case '(':
        if (foreign || *begin == '.')
            return NOT_TOLD;
        found = place_of(parser->functions, begin, at, &place);
        if (found != TOLD)
            return found;
        parser->at = at + 1;
        return call(parser, place);
    case '[':
    case ':':
    case '?':
    case '\\':
    case '$':
        return NOT_TOLD;
    }
    int truth = is_word(begin, at, "TRUE");
    if (!truth && !is_word(begin, at, "FALSE"))
        return NOT_TOLD;
    parser->at = at;
    return add_node(parser, TRUTH_NODE, truth, 0, 0);
}

static int
operand(Parser *parser)
{
    skip_blanks(parser);
    unsigned char c = seen(parser, parser->at);
    int found;
    if (is_digit(c) || (c == '.' && is_digit(seen(parser, parser->at + 1))))
        return number(parser);
    switch (c) {
    case 0:
        return NOT_TOLD;
    case '"':
        return text(parser);
    case '(':
        parser->at++;
        found = expression(parser, 0);
        if (found == TOLD && seen(parser, parser->at) != ')')
            found = NOT_TOLD;
        parser->at++;
        return found;
    case '-':
    case '+':
        parser->at++;
        found = expression(parser, BINDS_NEGATION);
        return found == TOLD ? add_node(parser, UNARY_NODE, c == '-' ? NEGATIVE : POSITIVE, 0, 1)
                             : found;
    }
    return is_letter(c) || c == '$' || c == '_' || c == '\'' || c >= 0x80 ? named(parser)
                                                                          : NOT_TOLD;
}

/* ---------------------------------------------------------------- operators */

/* Which binary operator stands here and how tightly it binds; the length of its text, or 0. */
static int
operator(const Parser *parser, int32_t *which, int *binds)
{
    static const char SINGLE[] = "=<>&+-*/^";
    static const int32_t WHICH[] = {0, 2, 3, 6, 7, 8, 9, 10, 11};
    static const int BINDS[] = {10, 10, 10, 20, 30, 30, 40, 40, 50};
    unsigned char c = seen(parser, parser->at);
    const char *found = c ? strchr(SINGLE, c) : NULL;
    if (found == NULL)
        return 0;
    *which = WHICH[found - SINGLE];
    *binds = BINDS[found - SINGLE];
    unsigned char next = seen(parser, parser->at + 1);
    if (c == '<' && next == '>')
        *which = 1;
    else if ((c == '<' || c == '>') && next == '=')
        *which = c == '<' ? 4 : 5;
    else
        return 1;
    return 2;
}

/* What stands here, up to an operator that binds no tighter than `power`. */
static int
expression(Parser *parser, int power)
{
    if (++parser->depth > MAX_DEPTH)
        return NOT_TOLD;
    int depth = parser->depth;
    int found = operand(parser);
    while (found == TOLD) {
        int32_t which, next;
        int binds, after, length;
        skip_blanks(parser);
        unsigned char c = seen(parser, parser->at);
        if (c == 0 || c == ')' || c == ',') {
            if (c == 0 && parser->at < parser->end)
                found = NOT_TOLD;
            break;
        }
        if (c == '%') {
            if (power >= BINDS_PERCENT)
                break;
            parser->at++;
            found = add_node(parser, UNARY_NODE, PERCENT, 0, 1);
        } else if ((length = operator(parser, &which, &binds)) != 0) {
            if (binds <= power)
                break;
            for (int32_t goes_on = 0; found == TOLD; goes_on = 1) {
                parser->at += length;
                found = expression(parser, binds);
                if (found == TOLD)
                    found = add_node(parser, BINARY_NODE, which, goes_on, 2);
                length = operator(parser, &next, &after);
                if (!length || after != binds)
                    break;
                which = next;
            }
        } else
            found = NOT_TOLD;
        if (++parser->depth > MAX_DEPTH)
            return NOT_TOLD;
    }
    parser->depth = depth - 1;
    return found;
}

/* ---------------------------------------------------------------- formulas */

const char postfix_doc[] = PyDoc_STR(
    "postfix(formulas)\n--\n\n"
    "Formulas in postfix order, for a list of (row, column, formula).\n\n"
    "Gives, as `engine/syntax/postfix.py` tells, nodes, where those of each formula begin and the\n"
    "last one's end, numbers, areas, where those of each formula begin and end, texts, and the\n"
    "names of functions and of sheets with their places. What is not told has no nodes.");

PyObject *
postfix(PyObject *module, PyObject *arguments)
{
    PyObject *list, *result = NULL;
    Array node_starts = {.size = sizeof(int64_t)}, area_starts = {.size = sizeof(int64_t)};
    Parser parser = {
        .nodes = {.size = sizeof(Node)},
        .numbers = {.size = sizeof(double)},
        .areas = {.size = sizeof(Area)},
    };
    (void)module;
    if (!PyArg_ParseTuple(arguments, "O!", &PyList_Type, &list))
        return NULL;
    parser.texts = PyList_New(0);
    parser.functions = PyDict_New();
    parser.sheets = PyDict_New();
    if (parser.texts == NULL || parser.functions == NULL || parser.sheets == NULL)
        goto done;
    for (Py_ssize_t place = 0;; place++) {
        int64_t *node_start = added(&node_starts), *area_start = added(&area_starts);
        if (node_start == NULL || area_start == NULL)
            goto done;
        *node_start = (int64_t)parser.nodes.count;
        *area_start = (int64_t)parser.areas.count;
        if (place >= PyList_Size(list))
            break;
        int row, column;
        const char *said;
        Py_ssize_t length, texts = PyList_Size(parser.texts);
        size_t nodes = parser.nodes.count, numbers = parser.numbers.count;
        if (!PyArg_ParseTuple(PyList_GetItem(list, place), "iis#", &row, &column, &said, &length))
            goto done;
        /* Places are numbers of 31 bits. */
        if (length > MAX_FORMULA || nodes > INT32_MAX - 2 * MAX_FORMULA)
            continue;
        parser.first_area = parser.areas.count;
        parser.depth = 0;
        parser.row = row;
        parser.column = column;
        parser.at = (const unsigned char *)said;
        parser.end = parser.at + length;
        parser.at += length && said[0] == '=';
        int found = expression(&parser, 0);
        if (found == TOLD && parser.at < parser.end)
            found = NOT_TOLD;
        if (found == FAILED)
            goto done;
        if (found == NOT_TOLD) {
            parser.nodes.count = nodes;
            parser.numbers.count = numbers;
            parser.areas.count = parser.first_area;
            if (PyList_SetSlice(parser.texts, texts, PyList_Size(parser.texts), NULL))
                goto done;
        }
    }
    PyObject *parts[] = {
        bytes_of(&parser.nodes),   bytes_of(&node_starts), bytes_of(&parser.numbers),
        bytes_of(&parser.areas),   bytes_of(&area_starts), Py_NewRef(parser.texts),
        Py_NewRef(parser.functions), Py_NewRef(parser.sheets),
    };
    result = PyTuple_New(sizeof parts / sizeof *parts);
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        if (result == NULL || parts[i] == NULL) {
            Py_CLEAR(result);
            Py_XDECREF(parts[i]);
        } else
            PyTuple_SetItem(result, (Py_ssize_t)i, parts[i]);
    }
done:
    PyMem_Free(parser.nodes.items);
    PyMem_Free(parser.numbers.items);
    PyMem_Free(parser.areas.items);
    PyMem_Free(node_starts.items);
    PyMem_Free(area_starts.items);
    Py_XDECREF(parser.texts);
    Py_XDECREF(parser.functions);
    Py_XDECREF(parser.sheets);
    return result;
}
