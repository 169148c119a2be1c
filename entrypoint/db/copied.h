/* A row of COPY ... TO STDOUT, text format (the server's commands/copyto.c). Inside of db.h. */
#pragma once

#include <stddef.h>

/* A value as it was; NULL: null. */
struct copied {
	char *at;
	size_t length;
};

/* Takes a row apart, in place: the values point into it. Returns how many there are; those above `most` are left out. */
size_t copied_take(char *row, size_t length, struct copied *values, size_t most);
