/*
 * Where a tool whose migrations are no SQL has brought the database: Alembic, Django, Prisma, Rails. Their files cannot be
 * run here, so their history is taken as a whole, as the point that our migrations start from.
 */
#pragma once

#include <stdbool.h>

struct arena;
struct boot;
struct err;

/* TOOL:POINT, or NULL where there is none; words say what it means. Two of them, or one half done: FAULT_WRONG. */
bool standing_find(struct boot *boot, const char **standing, const char **words,
                   struct arena *arena, struct err *err);

/* The tables that are looked for, and those of the tools whose files are read (format.h). */
const char *standing_tables(struct arena *arena);
