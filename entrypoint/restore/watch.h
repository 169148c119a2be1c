/* Which tables mind what is put into them before all rows are there: by a foreign key, or a trigger, that came with the table. */
#pragma once

#include <stdbool.h>

struct db;
struct err;

struct watch {
	enum {
		WATCH_UNKNOWN,
		WATCH_NONE,
		WATCH_SOME
	} state; /* unknown again behind what may make some */
};

/* Of all tables it is asked once, behind what makes them; of this one, as the dump writes it, only if there are such. */
bool watch_ask(struct watch *watch, struct db *db, const char *table, bool *is_watched,
               struct err *err);
