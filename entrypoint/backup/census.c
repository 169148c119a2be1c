/* See census.h. */
#include "../restore/headway.h"

#include "../restore/filled.h"
#include "census.h"

#include <unistd.h>

#include "../arena.h"
#include "../err.h"
#include "../restore/copy.h"
#include "../restore/item.h"
#include "../restore/reader.h"
#include "../scoped.h"
#include "../signals.h"

/* What a COPY is followed by. */
static bool
count(struct fillings *fillings, struct items *items, const struct item *item, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text table = text_new(&arena);
	const char *bytes;
	size_t length, line;

	(void)copy_is_text(item, &table); /* pg_dump writes no other form */
	do {
		if (!signals_check(err) || !items_data(items, &bytes, &length, &line, err))
			return false;
	} while (length);
	fillings_note(fillings, table.at)->rows += items_rows(items);
	return true;
}

static bool
count_all(struct fillings *fillings, struct items *items, struct err *err)
{
	struct item item;

	do {
		if (!signals_check(err) || !items_next(items, &item, err) ||
		    (item.kind == ITEM_COPY && !count(fillings, items, &item, err)))
			return false;
	} while (item.kind != ITEM_END);
	return true;
}

bool
census_take(struct fillings *fillings, int file, const char *path, int64_t total, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	SCOPED(reader_close) struct reader *reader = NULL;
	SCOPED(items_close) struct items *items = NULL;

	if (lseek(file, 0, SEEK_SET) != 0)
		return err_errno(err, FAULT_CANNOT_WRITE, "%s", path);
	if (!reader_open(&reader, file, path, &arena, err))
		return false;
	items = items_open(reader, path, &arena);
	if (!count_all(fillings, items, err))
		return false;
	if (reader_given(reader) != total)
		return err_set(err, FAULT_WRONG,
		               "%s: holds %lld bytes, not the %lld that were written", path,
		               (long long)reader_given(reader), (long long)total);
	return items_dump(items)->is_whole ||
	       err_set(err, FAULT_WRONG, "%s: does not end as a dump ends", path);
}
