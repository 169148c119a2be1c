/* What cannot be right behind a pooler, which gives each transaction another session, and each session to others. */
#pragma once

#include <stdbool.h>

struct arena;
struct batch;
struct boot;
struct err;

/*
 * Of a file outside a transaction: FAULT_CONFIG, with the place, when it relies on its session, or when what it does outside
 * a transaction would run under timeouts that cannot be set there. True where there is no pooler.
 */
bool pooled_check(struct boot *boot, const struct batch *batch, struct err *err);

/*
 * SQL that takes away what the batch may have left in the session, beside settings: temporary tables, prepared statements,
 * session locks, LISTEN, cursors. May be sent within a transaction; "" where there is nothing of the kind. Pure.
 */
const char *pooled_clean_sql(const struct batch *batch, struct arena *arena);
