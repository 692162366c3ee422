/* The constants of plain rows, column by column. */

#include "reading.h"
#include <math.h>

/* The shared strings of a workbook, which are asked for when there is a first. */
typedef struct {
    PyObject *ask, *list;
} Texts;

/* A new reference; NULL for an error. */
static PyObject *
shared_string(Texts *texts, double place)
{
    if (texts->list == NULL && (texts->list = PyObject_CallNoArgs(texts->ask)) == NULL)
        return NULL;
    if (!PyList_Check(texts->list)) {
        PyErr_SetString(PyExc_TypeError, "no list of texts");
        return NULL;
    }
    if (!(place >= 0 && place < (double)PyList_Size(texts->list))) {
        PyErr_Format(PyExc_IndexError, "%lld", (long long)place);
        return NULL;
    }
    PyObject *text = PyList_GetItem(texts->list, (Py_ssize_t)place);
    Py_XINCREF(text);
    return text;
}

/* Put the values of some cells that are texts of the workbook at their places of a list, and how
   others are stored at the end of another; -1 for an error. */
static int
add_others(const Cell *const *cells, size_t count, Texts *texts, PyObject *values, PyObject *stored)
{
    for (size_t i = 0; i < count; i++) {
        const Cell *cell = cells[i];
        PyObject *value = Py_None;
        if (cell->kind == SHARED_STRING)
            value = shared_string(texts, cell->number);
        else
            Py_INCREF(value);
        if (value == NULL || PyList_SetItem(values, (Py_ssize_t)i, value))
            return -1;
        if (cell->kind == NUMBER || cell->kind == SHARED_STRING)
            continue;
        PyObject *told = Py_BuildValue("(niLi)", (Py_ssize_t)i, (int)cell->kind,
                                       (long long)cell->start, (int)cell->length);
        int failed = told == NULL || PyList_Append(stored, told);
        Py_XDECREF(told);
        if (failed)
            return -1;
    }
    return 0;
}

/* What is told of the constants of a column, as `constants` gives it; NULL for an error. */
static PyObject *
column_of(const Cell *const *cells, size_t count, size_t begin, Texts *texts)
{
    int follow = 1, others = 0;
    for (size_t i = 0; i < count; i++) {
        follow &= cells[i]->row == cells[0]->row + (int64_t)i;
        others |= cells[i]->kind != NUMBER;
    }
    PyObject *values = NULL, *stored = NULL, *told = NULL;
    if (others) {
        values = PyList_New((Py_ssize_t)count);
        stored = PyList_New(0);
        if (values == NULL || stored == NULL || add_others(cells, count, texts, values, stored))
            goto done;
    }
    told = Py_BuildValue("(iinniOO)", (int)cells[0]->column, (int)cells[0]->row, (Py_ssize_t)begin,
                         (Py_ssize_t)(begin + count), follow, others ? values : Py_None,
                         others ? stored : Py_None);
done:
    Py_XDECREF(values);
    Py_XDECREF(stored);
    return told;
}

/* Cells sorted by column, in each as they come, and where each column begins, up to one beyond the
   last; -1 for an error. */
static int
by_columns(const Cell *cells, size_t count, const Cell ***sorted, size_t **begins, size_t *last)
{
    *last = 0;
    for (size_t i = 0; i < count; i++)
        *last = cells[i].column > *last ? cells[i].column : *last;
    *sorted = PyMem_Calloc(count + 1, sizeof **sorted);
    *begins = PyMem_Calloc(*last + 3, sizeof **begins);
    if (*sorted == NULL || *begins == NULL) {
        PyErr_NoMemory();
        return -1;
    }
    /* Each column begins where the one two places before has put its last. */
    for (size_t i = 0; i < count; i++)
        (*begins)[cells[i].column + 2]++;
    for (size_t column = 1; column < *last + 3; column++)
        (*begins)[column] += (*begins)[column - 1];
    for (size_t i = 0; i < count; i++)
        (*sorted)[(*begins)[cells[i].column + 1]++] = cells + i;
    return 0;
}

const char constants_doc[] = PyDoc_STR(
    "constants(cells, texts)\n--\n\n"
    "The constants that `rows` tells of, column by column; `texts` gives the shared strings as a list.\n\n"
    "Gives all numbers, NaN for all else, as a bytearray, all rows as bytes of 32-bit integers, and\n"
    "for each column a tuple: its number, its first row, from where to where its cells are among all,\n"
    "whether each stands below the one before, and where it has other values than numbers a list of\n"
    "the texts, and a list of (place among these, kind, start, length) for those that are stored.");

PyObject *
constants(PyObject *module, PyObject *arguments)
{
    Py_buffer given;
    Texts texts = {NULL, NULL};
    (void)module;
    if (!PyArg_ParseTuple(arguments, "y*O", &given, &texts.ask))
        return NULL;
    const Cell **sorted = NULL;
    size_t *begins = NULL, last, count = (size_t)given.len / sizeof(Cell);
    PyObject *numbers = NULL, *rows = NULL, *columns = NULL, *result = NULL;
    if (by_columns(given.buf, count, &sorted, &begins, &last))
        goto done;
    numbers = PyByteArray_FromStringAndSize(NULL, (Py_ssize_t)(count * sizeof(double)));
    rows = PyBytes_FromStringAndSize(NULL, (Py_ssize_t)(count * sizeof(int32_t)));
    columns = PyList_New(0);
    if (numbers == NULL || rows == NULL || columns == NULL)
        goto done;
    char *of_numbers = PyByteArray_AsString(numbers), *of_rows = PyBytes_AsString(rows);
    for (size_t i = 0; i < count; i++) {
        double number = sorted[i]->kind == NUMBER ? sorted[i]->number : NAN;
        memcpy(of_numbers + i * sizeof number, &number, sizeof number);
        memcpy(of_rows + i * sizeof sorted[i]->row, &sorted[i]->row, sizeof sorted[i]->row);
    }
    for (size_t column = 0; column <= last; column++) {
        size_t begin = begins[column], end = begins[column + 1];
        if (begin == end)
            continue;
        PyObject *told = column_of(sorted + begin, end - begin, begin, &texts);
        int failed = told == NULL || PyList_Append(columns, told);
        Py_XDECREF(told);
        if (failed)
            goto done;
    }
    result = Py_BuildValue("(OOO)", numbers, rows, columns);
done:
    PyMem_Free(sorted);
    PyMem_Free(begins);
    Py_XDECREF(texts.list);
    Py_XDECREF(numbers);
    Py_XDECREF(rows);
    Py_XDECREF(columns);
    PyBuffer_Release(&given);
    return result;
}
