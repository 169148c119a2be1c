/* See remark.h. */
#include "remark.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "item.h"

/* Behind these words, or NULL where the line begins otherwise. */
static const char *
behind(const char *line, size_t length, const char *words)
{
	const size_t count = strlen(words);

	return length >= count && memcmp(line, words, count) == 0 ? line + count : NULL;
}

static void
note_word(const char *from, const char *end, char *to, size_t size)
{
	const size_t length = (size_t)(end - from) < size - 1 ? (size_t)(end - from) : size - 1;

	memcpy(to, from, length);
	to[length] = '\0';
}

/* Behind "; KEY: " and up to the next semicolon; NULL: it is not there. */
static const char *
find_value(const char *at, const char *end, const char *key, size_t *length)
{
	const char *value = memmem(at, (size_t)(end - at), key, strlen(key)), *value_end;

	if (!value)
		return NULL;
	value += strlen(key);
	value_end = memchr(value, ';', (size_t)(end - value));
	*length = (size_t)((value_end ? value_end : end) - value);
	return value;
}

/* -- Name: actor; Type: TABLE; Schema: public; Owner: postgres */
static void
note_name(const char *name, const char *end, struct label *label)
{
	static const char TYPE[] = "; Type: ";
	size_t length, schema_length;
	const char *type = find_value(name, end, TYPE, &length), *schema;

	if (!type)
		return;
	(void)snprintf(label->toc, TOC_SIZE, "%.*s (%.*s)",
	               (int)(type - name - (ptrdiff_t)(sizeof TYPE - 1)), name, (int)length, type);
	schema = find_value(type, end, "; Schema: ", &schema_length);
	(void)snprintf(label->schema, TOC_SIZE, "%.*s", schema ? (int)schema_length : 0,
	               schema ? schema : "");
}

static void
note_line(const char *line, size_t length, struct dump *dump, struct label *label)
{
	const char *const end = line + length;
	const char *rest;

	if ((rest = behind(line, length, "-- Name: ")) ||
	    (rest = behind(line, length, "-- Data for Name: "))) {
		note_name(rest, end, label);
	} else if ((rest = behind(line, length, "-- Dumped from database version "))) {
		note_word(rest, end, dump->server, sizeof dump->server);
	} else if ((rest = behind(line, length, "-- Dumped by pg_dump version "))) {
		note_word(rest, end, dump->tool, sizeof dump->tool);
	} else if ((rest = behind(line, length, "-- PostgreSQL database cluster dump"))) {
		dump->is_cluster = true;
		dump->is_whole = behind(rest, (size_t)(end - rest), " complete") != NULL;
	} else if (behind(line, length, "-- PostgreSQL database dump complete")) {
		dump->is_whole = !dump->is_cluster;
	}
}

void
remark_note(const char *comment, size_t length, struct dump *dump, struct label *label)
{
	const char *const end = comment + length;

	while (comment < end) {
		const char *newline = memchr(comment, '\n', (size_t)(end - comment));
		const char *line_end = newline ? newline : end;

		if (line_end > comment && line_end[-1] == '\r')
			line_end--;
		note_line(comment, (size_t)(line_end - comment), dump, label);
		comment = newline ? newline + 1 : end;
	}
}
