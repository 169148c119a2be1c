/* An ini text: sections with keys and values, read with inih. The only file that knows inih. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct err;

/*
 * Told every `key = value` line, and with key and value NULL that a section begins (one without keys
 * is told too). Before the first section its name is "". False ends the reading; err must be set.
 */
typedef bool sections_line(void *to, const char *section, const char *key, const char *value,
                           size_t line, struct err *err);

/*
 * Nothing is cut: what inih could not hold whole (a name of 64 KiB, a line of 64 MiB), a line without
 * `=`, a continuation line are FAULT_CONFIG as "path:line: ...". A BOM and CRLF are read over.
 */
bool sections_read(const char *text, size_t length, const char *path, sections_line *line, void *to,
                   struct err *err);
