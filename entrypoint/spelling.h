/* How far a word is from another one: for `did you mean`. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

#define SPELLING_LONGEST 63

/*
 * Letters to insert, delete, replace, or swap with their neighbour (optimal string alignment). Neither
 * may be longer than SPELLING_LONGEST.
 */
size_t spelling_distance(const char *from, const char *to);

/* May the one be meant where the other was written, which it is not? Words of any length; in a short one two letters make another word. */
bool spelling_is_near(const char *written, const char *meant);
