/* The sections of a file: what is applied, and what takes it back. */
#pragma once

#include <stdbool.h>
#include <stddef.h>

struct arena;
struct err;
struct format;
struct source;

/* What a line is, if it is a comment that is meant for the tool. */
struct heading {
	enum { HEADING_NONE, HEADING_UP, HEADING_DOWN } section;
	bool no_transaction; /* of this section; without one, of all */
	const char *refusal; /* it asks for what is not done here, or NULL */
};

/* Pure. */
struct heading heading_dbmate(const char *line, size_t length);
struct heading heading_goose(const char *line, size_t length);
struct heading heading_node_pg_migrate(const char *line, size_t length);

/*
 * The sections, each a text of the same lines and offsets as the file, in which all but the section is blank, cut off
 * behind its last line.
 */
struct parts {
	struct source *up;
	struct source *down; /* NULL: none */
	bool up_alone, down_alone;
	const char *refusal; /* or NULL */
	size_t refused_at;   /* offset */
};

/* A file that has not what its format demands is FAULT_WRONG with file and line. */
bool parts_read(struct parts *parts, const struct format *format, const struct source *source,
                struct arena *arena, struct err *err);
