/* A row of COPY ... TO STDOUT, text format (the server's commands/copyto.c). Inside of db.h. */
#pragma once

#include <stddef.h>

/*
 * Takes a NUL-terminated row apart, in place: the values are C strings within it, NULL for null. Returns how many
 * there are; those above `most` are left out.
 */
size_t copied_take(char *row, char **values, size_t most);
