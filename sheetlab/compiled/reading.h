/* What the parts of the compiled module share: what they find, and how characters are told. */

#ifndef SHEETLAB_READING_H
#define SHEETLAB_READING_H

#define PY_SSIZE_T_CLEAN
#define Py_LIMITED_API 0x030B0000
#include <Python.h>
#include <stdint.h>
#include <string.h>

#define MAX_ROW 1048576
#define MAX_COLUMN 16384
/* Longer formulas are none to the engine. */
#define MAX_FORMULA 32768

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

void *added(Array *array);
PyObject *bytes_of(const Array *array);

/* What a character is, by its byte; in UTF-8, what is no ASCII belongs to words. */
enum { DIGIT = 1, LETTER = 2, BLANK = 4, IN_WORD = 8, STOPS = 16 };

extern unsigned char CLASS[256];

static inline int
is_digit(unsigned char c)
{
    return CLASS[c] & DIGIT;
}

static inline int
is_letter(unsigned char c)
{
    return CLASS[c] & LETTER;
}

static inline int
is_blank(unsigned char c)
{
    return CLASS[c] & BLANK;
}

static inline int
in_word(unsigned char c)
{
    return CLASS[c] & IN_WORD;
}

/* A part of a text. */
typedef struct {
    const unsigned char *begin, *end;
} Span;

int number_of(Span said, double *number);

/* Formulas are told apart by polynomials at two points of the field of this size. */
#define PRIME ((UINT64_C(1) << 61) - 1)

void tell(const uint64_t points[2], int64_t row, int64_t column, const unsigned char *said,
          size_t length, Formula *formula);

/* The functions of the module. */
extern const char rows_doc[], strings_doc[], constants_doc[], alike_doc[], rectangles_doc[],
    postfix_doc[];
PyObject *rows(PyObject *module, PyObject *arguments);
PyObject *strings(PyObject *module, PyObject *arguments);
PyObject *constants(PyObject *module, PyObject *arguments);
PyObject *alike(PyObject *module, PyObject *arguments);
PyObject *rectangles(PyObject *module, PyObject *arguments);
PyObject *postfix(PyObject *module, PyObject *arguments);

#endif
