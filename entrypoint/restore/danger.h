/* What a dump that someone else has written could do with the rights of the session that restores it. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct boot;
struct err;
struct item;
struct supply;
struct text;

/* In words, of one statement; NULL: nothing that a look at it could tell. Pure. */
const char *danger_of(const struct item *item);

/* Adds a line for each, and counts them. */
bool danger_find(const struct supply *supply, struct boot *boot, struct text *page, size_t *count,
                 struct err *err);
