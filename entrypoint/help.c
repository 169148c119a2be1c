/* See help.h. */
#include "help.h"

#include <stddef.h>
#include <string.h>

#include "arena.h"
#include "boot.h"
#include "config.h"
#include "err.h"
#include "log.h"
#include "scoped.h"
#include "versions.h"

#define COUNT(array) (sizeof(array) / sizeof *(array))

static const char usage[] =
	"usage: pg-entrypoint [OPTION...] [--] PROGRAM [ARGUMENT...]\n"
	"       pg-entrypoint [OPTION...] COMMAND [ARGUMENT...]\n"
	"\n"
	"Gets a PostgreSQL database into the state that an image needs, then becomes PROGRAM.\n"
	"The first word is a command only if it is one of these; one with a / in it, or behind --,\n"
	"is a program.\n";

static const char settings_page[] =
	"A setting is an option before the program (`--wait-timeout=30s`: the key with dashes), a\n"
	"variable (`ENTRYPOINT_WAIT_TIMEOUT`), or a line of the ini file (`wait_timeout = 30s`, before\n"
	"any section or in `[pg-entrypoint]`). The first of these counts, then the default. An option\n"
	"that is yes or no may stand alone (`--create-database`). Each variable but\n"
	"`ENTRYPOINT_CONFIG` also has the form `ENTRYPOINT_..._FILE`, the name of a file that holds\n"
	"the value. An empty variable is as not set.\n"
	"\n"
	"Durations: `500ms`, `30s`, `5m`, `24h`; a bare number is seconds. Lists: with commas or\n"
	"blanks. `ENTRYPOINT_VAR_NAME` gives a migration or a seed in SQL its variable `:'name'`, if\n"
	"`-- pg-entrypoint: vars name` stands at its top.\n"
	"\n";

/* They all stand behind one command. */
static const struct help_row restore_options[] = {
	{ "--plan", "what would be done, without doing it" },
	{ "--check", "is the backup whole? no server is asked" },
	{ "--list", "the same, and what is in it" },
	{ "--lint", "what a dump could do with your rights; no server is asked" },
	{ "--only=PARTS", "db, volume:NAME: nothing else of it" },
	{ "--trusted", "with the rights of admin_url although restore_as is set" },
	{ "--replace",
	  "what is not empty, database and volumes, by new ones: --confirm=\"REPLACE NAME\"" },
	{ "--no-safety-copy", "with it: the old ones are dropped at once" },
	{ "--pgdata[=DIR]", "the data directory of a stopped server, into an empty volume" },
	{ NULL, NULL },
};

static void
add_row(struct text *page, const struct help_row *row)
{
	text_print(page, "  %-17s %s\n", row->name, row->help);
}

static void
add_rows(struct text *page, const char *title, const struct help_row *row)
{
	text_print(page, "\n%s:\n", title);
	for (; row->name; row++)
		add_row(page, row);
}

static void
add_overview(struct text *page, const struct help_row *commands, const struct help_row *steps)
{
	text_add(page, usage);
	add_rows(page, "Commands", commands);
	add_rows(page, "Options of restore", restore_options);
	add_rows(page, "Steps of boot, in this order", steps);
	text_add(page, "\nExit codes:\n");
	for (const struct fault_row *row = fault_rows; row->help; row++) {
		if (row->fault == FAULT_SIGNAL)
			text_print(page, "  %s\n", row->help);
		else
			text_print(page, "  %-3d      %s\n", row->fault, row->help);
	}
	text_add(
		page,
		"\npg-entrypoint help settings: all options, variables and lines of the ini file.\n");
}

/* The command of that name, and those of two words that it begins. */
static void
add_command(struct text *page, const char *name, const struct help_row *command)
{
	const size_t length = strlen(name);

	for (; command->name; command++)
		if (strncmp(command->name, name, length) == 0 &&
		    (command->name[length] == '\0' || command->name[length] == ' '))
			add_row(page, command);
	if (page->length && strcmp(name, "restore") == 0)
		add_rows(page, "Options of restore", restore_options);
}

bool
help_run(const struct request *request, const struct help_row *commands,
         const struct help_row *steps, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text page = text_new(&arena);
	const char *const topic = *request->operands;

	if (!topic) {
		add_overview(&page, commands, steps);
	} else if (strcmp(topic, "settings") == 0) {
		text_add(&page, settings_page);
		config_describe(&page);
	} else {
		add_command(&page, topic, commands);
	}
	if (page.length)
		return log_answer(page.at, err);
	(void)err_set(err, FAULT_USAGE, "help knows no topic %s", topic); /* false below */
	return err_hint(
		err,
		"`help`, `help settings` or `help COMMAND`; for a program of that name: -- help");
}

static void
add_versions(struct text *page, bool as_json)
{
	for (size_t i = 0; i < COUNT(dependency_versions); i++) {
		const char *const *part = dependency_versions[i];

		if (!as_json) {
			text_print(page, "  %-12s %-24s %s\n", part[0], part[1], part[2]);
			continue;
		}
		text_add(page, i ? ",{\"name\":" : "{\"name\":");
		text_add_json(page, part[0]);
		text_add(page, ",\"version\":");
		text_add_json(page, part[1]);
		text_add(page, ",\"licence\":");
		text_add_json(page, part[2]);
		text_add_char(page, '}');
	}
}

bool
help_version(struct boot *boot, struct err *err)
{
	const struct request *request = boot->request;
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text page = text_new(&arena);

	text_add(&page, request->json ? "{\"version\":" : "pg-entrypoint ");
	if (request->json)
		text_add_json(&page, TOOL_VERSION);
	else
		text_add(&page, TOOL_VERSION "\n");
	if (request->all) {
		text_add(&page, request->json ? ",\"parts\":[" : "made of:\n");
		add_versions(&page, request->json);
		text_add(&page, request->json ? "]" : "");
	}
	text_add(&page, request->json ? "}\n" : "");
	return log_answer(page.at, err);
}
