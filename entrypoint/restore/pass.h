/* One pass over a dump that was planned: each item of the database that is meant, with what is done with it. */
#pragma once

#include <stdbool.h>

struct arena;
struct boot;
struct err;
struct item;
struct items;
struct pass;
struct plan;
struct reader;
struct ruling;

/* Takes what is not dropped. The data of COPY are the taker's. */
typedef bool pass_take(void *to, struct items *items, const struct item *item,
                       const struct ruling *ruling, struct err *err);

/* NULL: it cannot be read. Plan and boot must live on. Owner: pass_close. */
struct pass *pass_open(struct boot *boot, const struct plan *plan, struct arena *arena,
                       struct err *err);
void pass_close(struct pass **pass);

/* What to call the dump where lines are counted. */
const char *pass_label(const struct pass *pass);

/* The dump as a script. */
struct reader *pass_reader(struct pass *pass);

/* To its end, and that it is whole. FAULT_WRONG: it is not, or it has changed since it was planned. */
bool pass_run(struct pass *pass, pass_take *take, void *to, struct err *err);
