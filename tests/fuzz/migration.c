/*
 * Any bytes as a migration: read, marked, split. What is accepted must stand in the file where it is
 * said to stand, and what is refused must say why.
 */
#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "arena.h"
#include "err.h"
#include "must.h"
#include "scoped.h"
#include "script.h"

static bool
refused(const struct err *err)
{
	MUST("a failure has a fault", err->fault != FAULT_NONE && err->fault != FAULT_BUG);
	MUST("a failure has words", err->what[0] != '\0');
	return false;
}

static bool
some_value(const char *name, bool may_be_missing, const char **value, struct arena *arena,
           struct err *err)
{
	(void)arena;
	(void)err;
	*value = may_be_missing && strlen(name) % 2 ? NULL : "it's a \\ value";
	return true;
}

static void
check_place(const struct place *place, struct err *err)
{
	MUST("lines and columns count from 1", place->line > 0 && place->column > 0);
	MUST("a line holds no newline", !memchr(place->text, '\n', place->length));
	err_clear(err);
	(void)err_set(err, FAULT_WRONG, "something");
	MUST("to blame is to fail", !place_blame(place, err));
}

/* Nothing is left out at either end. */
static void
check_edges(const struct source *source, size_t begin, size_t end)
{
	MUST("a statement begins with its first word",
	     begin == 0 || !isalnum((unsigned char)source->text[begin - 1]));
	end += strspn(source->text + end, " \t\n\r\f\v");
	MUST("a statement ends with its last word",
	     end == source->length || strchr(";\\", source->text[end]));
}

static void
check_statement(const struct statement *statement, struct err *err)
{
	const struct source *source = statement->source;
	const size_t length = strlen(statement->sql);
	struct place place;

	MUST("a statement begins in its file", statement->offset <= source->length);
	if (statement->splices->replaced == 0) {
		MUST("a statement is what stands there",
		     length <= source->length - statement->offset &&
		             memcmp(source->text + statement->offset, statement->sql, length) == 0);
		check_edges(source, statement->offset, statement->offset + length);
	}
	if (statement->kind == STATEMENT_COPY)
		MUST("the data of COPY stands in its file",
		     statement->data >= source->text && statement->data + statement->data_length <=
		                                                source->text + source->length);
	for (size_t position = 1; position <= length + 2; position += 1 + length / 3) {
		place = place_in_statement(statement, position);
		check_place(&place, err);
	}
}

static bool
split(const struct script *script, struct arena *arena, struct err *err)
{
	const struct source *source = &script->source;
	struct batch batch = { 0 };
	struct place place;

	if (!script_split(&batch, script, some_value, arena, err))
		return refused(err);
	for (size_t i = 0; i < batch.count; i++)
		check_statement(&batch.statements[i], err);
	if (batch.whole) {
		MUST("sent whole, all offsets stay", strlen(batch.whole) == source->length);
		MUST("what must stand alone is not sent whole", !batch.has_alone);
		for (size_t i = 0; i < batch.count; i++)
			MUST("sent whole, all statements stay",
			     memcmp(batch.whole + batch.statements[i].offset,
			            batch.statements[i].sql, strlen(batch.statements[i].sql)) == 0);
		place = place_in_source(source, 1 + source->length / 2);
		check_place(&place, err);
	}
	return true;
}

static bool
read_and_split(int file, const char *name, struct arena *arena, struct err *err)
{
	struct source source;
	struct script script;
	char path[64];

	(void)snprintf(path, sizeof path, "/proc/self/fd/%d", file);
	if (!source_read(&source, -1, path, name, arena, err))
		return refused(err);
	MUST("all that was read is text", strlen(source.text) == source.length);
	if (!script_read(&script, &source, name, arena, err))
		return refused(err);
	MUST("a checksum is SHA-256", strlen(script.checksum) == CHECKSUM_SIZE - 1);
	return split(&script, arena, err);
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(descriptor_close) int file = memfd_create("fuzz", MFD_CLOEXEC);
	struct err err = { 0 };

	if (file < 0 || write(file, bytes, size) != (ssize_t)size)
		abort();
	(void)read_and_split(file, "0001_fuzz.sql", &arena, &err); /* refused() has looked at it */
	return 0;
}
