/* A dump in plain SQL: is it whole, and what is in it? */
#pragma once

#include <stdbool.h>
#include <stdint.h>

struct arena;
struct err;
struct found;
struct reader;

/*
 * Reads it to its end, item by item (item.h): the mark that pg_dump, or pg_dumpall, writes last, and no statement behind it; each
 * statement and all data of COPY with their end; \restrict and \unrestrict with one key, and no other meta-command than pg_dump
 * writes. FAULT_WRONG. Sets what found says of its origin, and lists what is in it.
 */
bool plain_prove(struct found *found, struct reader *reader, const char *path, struct arena *arena,
                 struct err *err);
