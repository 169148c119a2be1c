/* See new.h. */
#include "new.h"

#include <ctype.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "arena.h"
#include "boot.h"
#include "config.h"
#include "err.h"
#include "format.h"
#include "ledger.h"
#include "log.h"
#include "migration.h"
#include "scoped.h"
#include "script.h"

#define DATE_DIGITS 8
#define TIMESTAMP_DIGITS 14
#define FIRST "0001"

/* One more, in as many digits, or one more of these. */
static const char *
counted_up(const char *digits, size_t count, struct arena *arena)
{
	char *next = arena_copy_n(arena, digits, count);
	size_t at = count;

	while (at && next[at - 1] == '9')
		next[--at] = '0';
	if (!at)
		return arena_join(arena, "1", next, "");
	next[at - 1]++;
	return next;
}

const char *
new_version(const char *newest, const char *now, struct arena *arena)
{
	const size_t digits = newest ? version_digits(newest) : 0;
	const char *current;

	if (!digits)
		return FIRST;
	if (!version_is_date(newest) && digits != TIMESTAMP_DIGITS)
		return counted_up(newest, digits, arena);
	current = arena_copy_n(arena, now, digits);
	/* The clock may be behind the one of whoever wrote the last. */
	if (strncmp(newest, current, digits) < 0)
		return current;
	return digits == DATE_DIGITS ? arena_copy_n(arena, newest, digits)
	                             : counted_up(newest, digits, arena);
}

const char *
new_name(const char *words, struct arena *arena)
{
	char *name = arena_copy(arena, words);
	bool has_letter = false;

	for (char *at = name; *at; at++) {
		const unsigned char c = (unsigned char)*at;

		if (c == ' ' || c == '-')
			*at = '_';
		else if (isalnum(c) || c == '_')
			*at = (char)tolower(c);
		else
			return NULL;
		has_letter |= isalnum((unsigned char)*at) != 0;
	}
	return has_letter ? name : NULL;
}

static const char *
wall_clock(struct arena *arena)
{
	char now[TIMESTAMP_DIGITS + 1] = "";
	const time_t seconds = time(NULL);
	struct tm parts;

	(void)strftime(now, sizeof now, "%Y%m%d%H%M%S", gmtime_r(&seconds, &parts));
	return arena_copy(arena, now);
}

/* The last of those with versions, whose files may be gone where a snapshot stands for them; NULL: there is none. */
static const char *
newest_of(const struct migrations *migrations)
{
	const char *newest = NULL;

	for (size_t i = 0; i < migrations->count; i++)
		if (!migrations->at[i].is_repeatable)
			newest = migrations->at[i].version;
	if (migrations->snapshot &&
	    (!newest || version_compare(newest, migrations->snapshot->snapshot) < 0))
		return migrations->snapshot->snapshot;
	return newest;
}

static bool
write_new(const char *path, const char *text, struct err *err)
{
	const size_t length = strlen(text);
	const int file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	bool was_written;

	if (file < 0)
		return err_errno(err, FAULT_CANNOT_WRITE, "%s", path);
	was_written = write(file, text, length) == (ssize_t)length;
	if (close(file) == 0 && was_written)
		return true;
	(void)err_errno(err, FAULT_CANNOT_WRITE, "%s", path);
	(void)unlink(path); /* half a file is none; the failure is told already */
	return false;
}

static bool
write_both(const char *folder, const char *stem, struct arena *arena, struct err *err)
{
	const char *up = arena_print(arena, "%s/%s.sql", folder, stem);
	const char *down = arena_print(arena, "%s/%s.down.sql", folder, stem);
	const char *forth = arena_print(
		arena,
		"-- %s: what it changes, and why\n"
		"-- One transaction; what cannot run in one (create index concurrently) may stand here "
		"too.\n\n",
		stem);
	const char *back = arena_print(arena,
	                               "-- Undoes %s.sql, for `pg-entrypoint migrate down`\n"
	                               "-- Delete this file if that cannot be undone.\n\n",
	                               stem);

	if (!write_new(up, forth, err))
		return false;
	if (!write_new(down, back, err)) {
		(void)unlink(up); /* ours, of just now; the failure is told already */
		return false;
	}
	return log_answer(arena_print(arena, "%s\n%s\n", up, down), err);
}

/* Of dates the whole name is the version: it must stand behind the newest, or no boot would take it. */
static bool
refuse_before(const char *stem, const char *newest, struct err *err)
{
	if (!newest || version_compare(newest, stem) < 0)
		return true;
	(void)err_set(err, FAULT_USAGE, "%s would come before %s, which is of the same day", stem,
	              newest);
	return err_hint(err, "give it a name that comes behind in the alphabet");
}

bool
new_run(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	const char *words = *boot->request->operands, *folder = boot->config->migrations_dir;
	const char *name, *stem, *newest;

	(void)log_step(boot->request->command);
	if (!words)
		return err_set(err, FAULT_USAGE, "new needs a name");
	name = new_name(words, &arena);
	if (!name) {
		(void)err_set(err, FAULT_USAGE, "\"%s\" is no name for a file", words);
		return err_hint(
			err, "letters, digits, _, - and blanks, and at least one letter or digit");
	}
	if (!folder) {
		(void)err_set(err, FAULT_NO_SOURCE, "there is no migrations_dir to write to");
		return err_hint(err, "make a folder and name it: --migrations-dir=FOLDER, or "
		                     "ENTRYPOINT_MIGRATIONS_DIR");
	}
	if (!migrations_read(&boot->migrations, boot->config, boot->arena, err))
		return false;
	if (boot->migrations->format->read_stem) {
		(void)err_set(err, FAULT_USAGE, "the files are those of %s: %s",
		              boot->migrations->format->name, boot->migrations->evidence);
		return err_hint(err, "write the next one as that tool does");
	}
	newest = newest_of(boot->migrations);
	stem = arena_join(&arena, new_version(newest, wall_clock(&arena), &arena), "_", name);
	return refuse_before(stem, newest, err) && write_both(folder, stem, &arena, err);
}
