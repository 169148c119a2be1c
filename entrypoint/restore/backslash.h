/* psql's meta-commands in a dump: those that pg_dump and pg_dumpall write. None is ever carried out. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct err;

#define RESTRICT_SIZE 256

/*
 * The line that begins with a backslash, without its end. key: of the \restrict that stands, "" if none; kept up. *database: of
 * \connect, in the arena; NULL: nothing is to be done. FAULT_WRONG without the place: any other command, or what a restricted
 * dump cannot hold (CVE-2025-8714: then someone else has written it). Pure.
 */
bool backslash_read(const char *line, size_t length, char key[RESTRICT_SIZE], const char **database,
                    struct arena *arena, struct err *err);
