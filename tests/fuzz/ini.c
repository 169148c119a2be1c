/*
 * Any bytes as an ini file: nothing is cut, no line is told that is not there, and what is refused
 * says where and why. And as a seed file.
 */
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "arena.h"
#include "err.h"
#include "must.h"
#include "scoped.h"
#include "script.h"
#include "sections.h"
#include "sheet.h"

struct told {
	const char *text;
	size_t length, lines; /* of the input */
	size_t last;          /* line that was told last */
	size_t count;
	size_t stop_at; /* the caller gives up then */
};

static void
must_stand_there(const struct told *told, const char *words)
{
	const size_t length = strlen(words);

	MUST("what is told stands in the text",
	     length == 0 || memmem(told->text, told->length, words, length));
}

static bool
hear(void *to, const char *section, const char *key, const char *value, size_t line,
     struct err *err)
{
	struct told *told = to;

	MUST("key and value come together", !key == !value);
	MUST("lines are those of the text", line > 0 && line <= told->lines);
	MUST("lines come in order", line >= told->last);
	told->last = line;
	must_stand_there(told, section);
	if (key) {
		must_stand_there(told, key);
		must_stand_there(told, value);
	}
	if (++told->count == told->stop_at)
		return err_set(err, FAULT_WRONG, "enough");
	return true;
}

static void
check_sections(const char *text, size_t size)
{
	struct told told = { .text = text, .length = size, .lines = 1 };
	struct err err = { 0 };

	for (size_t i = 0; i < size; i++)
		told.lines += text[i] == '\n';
	told.stop_at = size % 7 == 6 ? 2 : 0;
	if (sections_read(text, size, "fuzz.ini", hear, &told, &err)) {
		MUST("nothing is recorded when nothing failed", err.fault == FAULT_NONE);
	} else if (told.stop_at && told.count == told.stop_at) {
		MUST("what the listener recorded stands", strcmp(err.what, "enough") == 0);
	} else {
		MUST("a wrong file is FAULT_CONFIG", err.fault == FAULT_CONFIG);
		MUST("and says where", strncmp(err.what, "fuzz.ini:", 9) == 0);
	}
}

static void
check_sheet(const char *text, size_t size, struct arena *arena)
{
	const struct source source = { .path = "common/10_parts.ini",
		                       .text = text,
		                       .length = size };
	struct sheet *sheet = NULL;
	struct err err = { 0 };

	if (!sheet_read_ini(&sheet, &source, arena, &err)) {
		MUST("a failure has a fault", err.fault == FAULT_WRONG);
		MUST("and says where", strncmp(err.what, "common/10_parts.ini", 19) == 0);
		return;
	}
	for (size_t row = 0; row < sheet->row_count; row++)
		MUST("a row has a name", sheet_row_name(sheet, row, arena));
	for (size_t i = 0; i < sheet->reference_count; i++)
		MUST("a reference can be shown", reference_shown(sheet->references[i], arena));
}

int
LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const char *text = arena_copy_n(&arena, (const char *)bytes, size);

	check_sections(text, size);
	if (source_first_wrong(text, size) == size) /* else source_read has refused it */
		check_sheet(text, size, &arena);
	return 0;
}
