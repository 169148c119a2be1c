/* How far a word is from another one: for `did you mean`. */
#pragma once

#include <stddef.h>

#define SPELLING_LONGEST 63

/*
 * Letters to insert, delete, replace, or swap with their neighbour (optimal string alignment). Neither
 * may be longer than SPELLING_LONGEST.
 */
size_t spelling_distance(const char *from, const char *to);
