/*
 * A planned dump into an empty database with several sessions, in many transactions: a journal and a fence (restoration.h) see to it that
 * a run that is cut off is found, and undone by the next. What the dump has before its rows is committed first; rows go to any session;
 * what is behind them is done in the order that they mind (roster.h), the rest as it stands in the dump.
 */
#pragma once

#include <stdbool.h>

struct arena;
struct boot;
struct err;
struct fillings;
struct plan;
struct restoration;

/* The restoration is under way, and the database as it was when it began. Where it fails, all that was made is there still. */
bool spread_run(struct boot *boot, const struct plan *plan, const struct restoration *restoration,
                struct fillings *fillings, struct arena *arena, struct err *err);
