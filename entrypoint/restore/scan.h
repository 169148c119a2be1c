/* What one pass over the text of a dump tells, sixteen bytes at a time: most of a dump is looked at in no other way. Pure. */
#pragma once

#include <stddef.h>

/* Newlines in it. */
size_t scan_lines(const char *bytes, size_t length);

/* The first NUL byte; NULL: there is none. */
const char *scan_zero(const char *bytes, size_t length);

/*
 * Counts newlines up to the first with a backslash behind it, which is counted too, and returns what stands behind that newline; NULL:
 * there is none, and all were counted.
 */
const char *scan_backslash(const char *bytes, size_t length, size_t *lines);
