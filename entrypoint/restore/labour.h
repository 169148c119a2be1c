/* Inside of crew.h: what is done with tables that are full. */
#pragma once

#include <stdbool.h>

struct crew;
struct err;
struct lane;

/* Begins what may be begun beside rows: a session that has none of them has something to do, if there is anything. */
bool labour_employ(struct crew *crew, struct err *err);

/* What the session was at is done. */
void labour_end(struct crew *crew, struct lane *lane);

/* It has failed; true: and it goes on, for it may fail, or is tried again. */
bool labour_failed(struct crew *crew, struct lane *lane, struct err *err);
