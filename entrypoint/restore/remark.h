/* What pg_dump says in its comments. Hints but for the mark at the end: anyone can write them. */
#pragma once

#include <stddef.h>

struct dump;

#define TOC_SIZE 200

/* What the next statements are for: "actor (TABLE)", and the schema that it lies in; "": nothing says so. */
struct label {
	char toc[TOC_SIZE], schema[TOC_SIZE];
};

/* A comment of a dump, one line or more: into what is known of it, and of what follows. Pure. */
void remark_note(const char *comment, size_t length, struct dump *dump, struct label *label);
