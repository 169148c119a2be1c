/* Inside of crew.h: the rows of one table on their way, in one session or several. */
#pragma once

#include <stdbool.h>

struct crew;
struct err;
struct lane;

/* The session has taken its share. FAULT_WRONG: the server counts other rows than were sent. */
bool haul_end(struct crew *crew, struct lane *lane, struct err *err);
