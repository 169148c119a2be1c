/*
 * Drives what a restore in several transactions is made of, as a boot would, under the boot lock, for tests/e2e/33_journal.bats.
 * The commands are the operands, in their order: `begin`, `fenced SQL` (a transaction of its own), `finish`, `take-over` (and
 * wipe), `leftovers`, `words`.
 */
#include <stdlib.h>
#include <string.h>

#include "arena.h"
#include "attempt.h"
#include "boot.h"
#include "config.h"
#include "db.h"
#include "empty.h"
#include "err.h"
#include "lock.h"
#include "log.h"
#include "look.h"
#include "restore/restoration.h"
#include "restore/wipe.h"
#include "scoped.h"
#include "signals.h"
#include "target.h"

static struct arena arena;
static struct restoration restoration;

static bool
begin(struct boot *boot, char ***words, struct err *err)
{
	(void)words;
	return restoration_begin(boot, "some.sql", &restoration, &arena, err);
}

static bool
fenced(struct boot *boot, char ***words, struct err *err)
{
	return db_run(boot->db,
	              arena_print(&arena, "%s%s;\n%s;\ncommit", transaction_begin_sql(boot, &arena),
	                          restoration_fence_sql(boot, &restoration, &arena), *++*words),
	              err);
}

static bool
finish(struct boot *boot, char ***words, struct err *err)
{
	(void)words;
	return db_run(boot->db,
	              arena_print(&arena, "begin;\n%s;\n%s;\ncommit",
	                          restoration_fence_sql(boot, &restoration, &arena),
	                          restoration_finish_sql(boot, &restoration, &arena)),
	              err);
}

static bool
take_over(struct boot *boot, char ***words, struct err *err)
{
	size_t dropped;

	(void)words;
	if (!restoration_read(boot, &restoration, &arena, err))
		return false;
	if (!restoration.source) {
		log_info("no restore is under way");
		return true;
	}
	log_info("taking over the restore of %s", restoration.source);
	if (!restoration_take_over(boot, &restoration, NULL, &dropped, &arena, err))
		return false;
	log_info("%zu objects dropped, run %zu", dropped, restoration.run);
	return true;
}

static bool
leftovers(struct boot *boot, char ***words, struct err *err)
{
	const char *told, *kept;

	(void)words;
	if (!db_run(boot->db, transaction_begin_sql(boot, &arena), err) ||
	    !wipe_leftovers(boot, &told, &kept, &arena, err) || !db_run(boot->db, "commit", err))
		return false;
	log_info("left over: %s; kept: %s", told ? told : "nothing", kept ? kept : "nothing");
	return true;
}

static bool
words_of_it(struct boot *boot, char ***words, struct err *err)
{
	const char *told, *relation;

	(void)words;
	if (!empty_describe(boot->db, boot->config, &told, &arena, err) ||
	    !empty_find(boot->db, boot->config, &relation, &arena, err))
		return false;
	if (!told != !relation)
		return err_set(err, FAULT_BUG, "words and proof do not agree");
	log_info("%s%s", told ? "database is not empty: " : "database is empty", told ? told : "");
	return true;
}

static const struct {
	const char *name;
	bool (*run)(struct boot *boot, char ***words, struct err *err);
} deeds[] = {
	{ "begin", begin },         { "fenced", fenced },       { "finish", finish },
	{ "take-over", take_over }, { "leftovers", leftovers }, { "words", words_of_it },
};

static bool
run(struct boot *boot, char **words, struct err *err)
{
	for (; *words; words++) {
		size_t i = 0;

		while (strcmp(deeds[i].name, *words) != 0)
			if (++i == sizeof deeds / sizeof *deeds)
				return err_set(err, FAULT_USAGE, "what is %s?", *words);
		if (!deeds[i].run(boot, &words, err))
			return false;
	}
	return true;
}

int
main(int argc, char **argv)
{
	static const char *const commands[] = { "drive", NULL }, *const steps[] = { "wait", NULL };
	const struct vocabulary known = { commands, steps };
	struct config config = { 0 };
	struct request request = { 0 };
	struct target target = { 0 };
	struct err err = { 0 };
	struct boot boot = {
		.config = &config, .request = &request, .arena = &arena, .target = &target
	};
	char only[] = "--only=wait", drive[] = "drive", *line[] = { argv[0], only, drive, NULL };
	bool was_done;

	(void)argc;
	signals_open();
	was_done = config_read(&config, &request, line, &known, &arena, &err) &&
	           target_find(&target, config.url, config.url_from, &arena, &err) &&
	           wait_run(&boot, &err) && look_patiently(&boot, &err) && lock_take(&boot, &err) &&
	           run(&boot, argv + 1, &err);
	if (!was_done)
		log_fault(&err);
	look_forget(&boot);
	db_close(&boot.db);
	db_close(&boot.lock);
	arena_drop(&arena);
	return was_done ? FAULT_NONE : err.fault;
}
