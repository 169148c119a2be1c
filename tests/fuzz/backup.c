/*
 * Any bytes as a backup: compressed, plain, an archive, a tar or a zip of these. What is said of them must not depend on the pieces
 * in which they come; what is refused must say why; what is accepted was read to its end, and has an end.
 */
#include <stdint.h>
#include <string.h>

#include "arena.h"
#include "err.h"
#include "must.h"
#include "scoped.h"

#include "restore/kind.h"

#include "restore/content.h"
#include "restore/prove.h"
#include "restore/reader.h"

struct source {
	const char *bytes;
	size_t length, at, piece;
};

static bool
pull(void *from, const char **bytes, size_t *length, struct err *err)
{
	struct source *source = from;
	const size_t left = source->length - source->at;

	(void)err;
	*bytes = source->bytes + source->at;
	*length = left < source->piece ? left : source->piece;
	source->at += *length;
	return true;
}

static bool
prove(const uint8_t *bytes, size_t size, size_t piece, enum kind *kind, struct arena *arena)
{
	struct source source = { (const char *)bytes, size, 0, piece };
	SCOPED(reader_close) struct reader *reader = NULL;
	struct err err = { 0 };
	struct found found = { .kind = KIND_BINARY };
	const bool is_whole = reader_open_on(&reader, pull, &source, "fuzz", arena, &err) &&
	                      content_prove(&found, reader, "fuzz", 0, arena, &err);

	*kind = found.kind;
	if (!is_whole) {
		MUST("a failure is of the backup", err.fault == FAULT_WRONG);
		MUST("a failure has words", *err.what);
		return false;
	}
	MUST("success is no failure", err.fault == FAULT_NONE);
	MUST("it was read to its end", source.at == size && reader_taken(reader) == (int64_t)size);
	MUST("it is a backup", kind_is_dump(*kind) || *kind == KIND_BUNDLE ||
	                               *kind == KIND_VOLUME || *kind == KIND_PGDATA);
	MUST("the list consists of lines",
	     found.list->length == 0 || found.list->at[found.list->length - 1] == '\n');
	return true;
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	enum kind whole_kind, pieces_kind;
	const bool is_whole = prove(bytes, size, size + 1, &whole_kind, &arena);
	const bool again = prove(bytes, size, 1 + size % 61, &pieces_kind, &arena);

	MUST("pieces do not matter", is_whole == again && whole_kind == pieces_kind);
	/* A plain dump ends with an empty line, a tar with more zeros than it needs. */
	if (is_whole && whole_kind == KIND_CUSTOM)
		MUST("what lacks its last byte is not whole",
		     !prove(bytes, size - 1, size, &pieces_kind, &arena));
	return 0;
}
