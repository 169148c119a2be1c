/* From a source that was proven (prove.h) into a spool (spool.h). */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct err;
struct spool;

/*
 * The file is what to open, the label what to call it. FAULT_WRONG: it has changed since it was proven. FAULT_CANNOT_WRITE. A signal
 * ends it.
 */
typedef bool extract_way(const struct spool *spool, const char *file, const char *label, size_t at,
                         struct err *err);

extract_way extract_codecs; /* what it holds with all compressions taken off */
extract_way extract_member; /* of a tar or zip the member of that number, from 1, as it is */
extract_way extract_parts;  /* of a tar or zip the files of an archive of pg_dump, into a folder */

/* As it is, of an open file to its end, which may be a pipe; tells every few seconds how far it is. */
bool extract_all(const struct spool *spool, int file, const char *label, struct err *err);
