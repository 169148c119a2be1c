/*
 * Any bytes as CSV: read, and written again with every field in quotes, it is what a second, simpler
 * reader makes of it. And as a seed file, alone or with an .ini beside it.
 */
#include <stdint.h>
#include <string.h>

#include "arena.h"
#include "csv.h"
#include "err.h"
#include "must.h"
#include "scoped.h"
#include "script.h"
#include "sheet.h"

static const char beside_text[] = "[@table]\n"
				  "name = process_steps\n"
				  "key = job,step\n"
				  "job = travelers(job_number).id\n"
				  "part = parts(part_number,revision).id\n"
				  "state = new\n";

static void
write_field(struct text *again, const char *field)
{
	if (!field)
		return;
	text_add_char(again, '"');
	for (; *field; field++) {
		if (*field == '"')
			text_add_char(again, '"');
		text_add_char(again, *field);
	}
	text_add_char(again, '"');
}

static void
write_record(struct text *again, const struct csv *csv)
{
	for (size_t i = 0; i < csv->count; i++) {
		if (i > 0)
			text_add_char(again, ',');
		write_field(again, csv->fields[i]);
	}
	text_add_char(again, '\n');
}

/* Reads all records and writes them again; false when the text is refused. */
static bool
rewrite(const char *text, size_t length, struct text *again, struct arena *arena)
{
	struct csv csv = csv_new(text, length, "fuzz.csv", arena);
	struct err err = { 0 };
	bool at_end = false;
	size_t last = 0;

	while (csv_next(&csv, &at_end, &err)) {
		MUST("a record has a field", csv.count > 0);
		MUST("lines go on", csv.record_line > last && csv.line > csv.record_line);
		last = csv.record_line;
		write_record(again, &csv);
	}
	if (at_end) {
		MUST("the end is no failure", err.fault == FAULT_NONE);
		return true;
	}
	MUST("a wrong file is FAULT_WRONG", err.fault == FAULT_WRONG);
	MUST("and says where", strncmp(err.what, "fuzz.csv:", 9) == 0);
	return false;
}

/* The second reader: a byte at a time, writing as it goes. False: nothing can be right. */
static bool
rewrite_simply(const char *at, const char *end, struct text *again)
{
	bool is_inside = false, has_begun = false, has_ended = true;

	for (; at < end; at++) {
		has_ended = !is_inside && *at == '\n';
		if (is_inside && *at == '"' && at + 1 < end && at[1] == '"') {
			text_add(again, "\"\"");
			at++;
		} else if (*at == '"') {
			if (!has_begun)
				text_add_char(again, '"');
			has_begun = true;
			is_inside = !is_inside;
		} else if (!is_inside && *at == '\r') {
			if (at + 1 < end && at[1] != '\n')
				return false;
		} else if (!is_inside && (*at == ',' || *at == '\n')) {
			text_add(again, has_begun ? "\"" : "");
			text_add_char(again, *at);
			has_begun = false;
		} else {
			if (!has_begun)
				text_add_char(again, '"');
			has_begun = true;
			text_add_char(again, *at);
		}
	}
	text_add(again, has_begun ? "\"" : "");
	if (!has_ended)
		text_add_char(again, '\n');
	return !is_inside;
}

static void
check_sheet(const struct source *source, bool is_alone, struct arena *arena)
{
	const struct source beside = { .path = "common/10_process_steps.ini",
		                       .text = beside_text,
		                       .length = sizeof beside_text - 1 };
	struct sheet *sheet = NULL;
	struct err err = { 0 };

	if (!sheet_read_csv(&sheet, source, is_alone ? NULL : &beside, arena, &err)) {
		MUST("a failure has a fault", err.fault == FAULT_WRONG);
		MUST("and words", err.what[0]);
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
	const struct source source = { .path = "common/10_process_steps.csv",
		                       .text = text,
		                       .length = size };
	struct text read = text_new(&arena), simply = text_new(&arena);
	const size_t bom = size >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0 ? 3 : 0;
	bool is_read;

	if (source_first_wrong(text, size) != size)
		return 0; /* source_read has refused it */
	is_read = rewrite(text, size, &read, &arena);
	MUST("both can read it", is_read == rewrite_simply(text + bom, text + size, &simply));
	if (is_read)
		MUST("both read the same",
		     read.length == simply.length && memcmp(read.at, simply.at, read.length) == 0);
	check_sheet(&source, size % 2, &arena);
	return 0;
}
