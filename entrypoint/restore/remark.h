/* What pg_dump says in its comments. Hints but for the mark at the end: anyone can write them. */
#pragma once

#include <stddef.h>

struct dump;

#define TOC_SIZE 200

/* A comment of a dump, one line or more: into what is known of it; toc: what the next statements are for. Pure. */
void remark_note(const char *comment, size_t length, struct dump *dump, char toc[TOC_SIZE]);
