/* One thing for each of many, on several threads where that pays: every start reads all the files there are. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct err;

/*
 * Does the i-th. It may run on another thread: it writes only to what is the i-th's own, to the arena and to err,
 * and neither logs nor changes anything global.
 */
typedef bool parallel_one(void *of, size_t i, struct arena *arena, struct err *err);

/*
 * Does all of 0 to count - 1. What they allocate ends up in the arena. Of several failures the one of the lowest i is
 * told, as if they had been done in turn; those behind it may have been done or not. No thread is left when it returns.
 */
bool parallel_all(size_t count, parallel_one *one, void *of, struct arena *arena, struct err *err);
