/* The module `sheetlab.compiled._reading`. */

#include "reading.h"

void *
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

PyObject *
bytes_of(const Array *array)
{
    /* Without items there may be no address to copy them from. */
    return PyBytes_FromStringAndSize(array->count ? array->items : "",
                                     (Py_ssize_t)(array->count * array->size));
}

unsigned char CLASS[256];

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

static PyMethodDef METHODS[] = {
    {"rows", rows, METH_VARARGS, rows_doc},
    {"strings", strings, METH_VARARGS, strings_doc},
    {"constants", constants, METH_VARARGS, constants_doc},
    {"alike", alike, METH_VARARGS, alike_doc},
    {"rectangles", rectangles, METH_VARARGS, rectangles_doc},
    {"postfix", postfix, METH_VARARGS, postfix_doc},
    {NULL, NULL, 0, NULL},
};

static PyModuleDef_Slot SLOTS[] = {{0, NULL}};

static struct PyModuleDef MODULE = {
    PyModuleDef_HEAD_INIT,
    .m_name = "_reading",
    .m_doc = "Plain XML of workbooks, read; formulas, parsed, and those filled from each other, told.",
    .m_size = 0,
    .m_methods = METHODS,
    .m_slots = SLOTS,
};

PyMODINIT_FUNC
PyInit__reading(void)
{
    make_classes();
    return PyModuleDef_Init(&MODULE);
}
