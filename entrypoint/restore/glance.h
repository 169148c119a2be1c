/* Whether a backup is whole, as far as a look at its two ends can tell: far less than a proof, but done in no time. */
#pragma once

/*
 * "yes": a plain dump with its end mark; "?": its ends tell nothing; else what is wrong, such as "cut off". folder: an open
 * descriptor.
 */
const char *glance_words(int folder, const char *name);
