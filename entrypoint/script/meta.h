/* psql's meta-commands: the few that mean something without psql. All others are refused. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct err;
struct source;

struct meta {
	size_t end;       /* offset of the end of its line */
	const char *file; /* \i and \ir: what to read here; NULL: nothing is to be done */
	bool is_relative; /* \ir: to the file it stands in, not to the first */
};

/* Of the backslash at that offset. What is refused is FAULT_WRONG with file:line:column. */
bool meta_read(struct meta *meta, const struct source *source, size_t offset, struct arena *arena,
               struct err *err);

/* Has the backslash at that offset only blanks before it in its line? No checksum could have in it what is read elsewhere. */
bool meta_begins_line(const struct source *source, size_t offset);
