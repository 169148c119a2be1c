/* See options.h. */
#include "options.h"

#include <string.h>

#include "../arena.h"
#include "../config.h"
#include "../err.h"
#include "../spelling.h"
#include "setting.h"

/* Options that are no settings: each only for the commands, of one word or two, that know what to do with it. */
static const struct flag {
	const char *name;
	bool has_value;   /* a text, else yes or no */
	bool is_optional; /* the text may be missing, which is "" then: it stands behind a = only */
	size_t at;        /* in struct request */
	const char *const commands[9];
} flags[] = {
	{ "json",
	  false,
	  false,
	  offsetof(struct request, json),
	  { "plan", "status", "migrate status", "migrate lint", "migrate rehearse",
	    "migrate verify", "version", "health", NULL } },
	{ "diff", false, false, offsetof(struct request, diff), { "seed", NULL } },
	{ "all", false, false, offsetof(struct request, all), { "version", NULL } },
	{ "check",
	  false,
	  false,
	  offsetof(struct request, check),
	  { "migrate adopt", "restore", NULL } },
	{ "list",
	  false,
	  false,
	  offsetof(struct request, list),
	  { "restore", "migrate lint", NULL } },
	{ "server-version",
	  true,
	  false,
	  offsetof(struct request, server_version),
	  { "migrate lint", NULL } },
	{ "confirm",
	  true,
	  false,
	  offsetof(struct request, confirm),
	  { "migrate down", "migrate redo", "reset", "restore", NULL } },
	{ "trusted", false, false, offsetof(struct request, trusted), { "restore", NULL } },
	{ "replace", false, false, offsetof(struct request, replace), { "restore", NULL } },
	{ "no-safety-copy",
	  false,
	  false,
	  offsetof(struct request, no_safety_copy),
	  { "restore", NULL } },
	{ "pgdata", true, true, offsetof(struct request, pgdata), { "restore", NULL } },
	{ "plan", false, false, offsetof(struct request, plan), { "restore", NULL } },
	{ "lint", false, false, offsetof(struct request, lint), { "restore", NULL } },
	{ "only", true, false, offsetof(struct request, parts), { "restore", "backup", NULL } },
	{ "http", true, false, offsetof(struct request, http), { "health", NULL } },
	{ "tcp", true, false, offsetof(struct request, tcp), { "health", NULL } },
};

#define OTHERS_OPTIONS "the options of a program stand behind its name; `help settings` lists ours"
#define FLAG_COUNT (sizeof flags / sizeof *flags)

struct line {
	struct request *request;
	struct given *given;
	const struct vocabulary *vocabulary;
	char **at; /* the word that is read */
	size_t operands;
	const char *about; /* what --help stood behind; NULL: nothing */
	struct arena *arena;
	struct err *err;
};

static bool
is_among(const char *const *words, const char *word)
{
	while (*words && strcmp(*words, word) != 0)
		words++;
	return *words;
}

/* One word; a name of two is none that a word could be. */
static bool
is_command(const struct line *line, const char *word)
{
	return !strchr(word, ' ') && is_among(line->vocabulary->commands, word);
}

static void *
flag_member(struct request *request, const struct flag *flag)
{
	return (char *)request + flag->at;
}

static bool
flag_is_set(const struct request *request, const struct flag *flag)
{
	const void *member = (const char *)request + flag->at;

	return flag->has_value ? *(const char *const *)member != NULL : *(const bool *)member;
}

static void
replace(char *text, char old, char new)
{
	for (; *text; text++)
		if (*text == old)
			*text = new;
}

/* What stands behind a = is not quoted: it may be a password. */
static bool
unknown(const struct line *line, const char *name, size_t length)
{
	char *const key = arena_copy_n(line->arena, name, length);
	const char *near;
	char *meant;

	(void)err_set(line->err, FAULT_USAGE, "unknown option --%s",
	              key); /* false is returned below */
	if (strcmp(key, "dry-run") == 0)
		return err_hint(line->err, "`plan` says what would be done, without doing it");
	for (size_t i = 0; i < FLAG_COUNT; i++)
		if (strlen(key) <= SPELLING_LONGEST && spelling_distance(key, flags[i].name) == 1)
			return err_hint(line->err, "did you mean --%s?", flags[i].name);
	replace(key, '-', '_');
	near = setting_near(key);
	if (!near)
		return err_hint(line->err, OTHERS_OPTIONS);
	meant = arena_copy(line->arena, near);
	replace(meant, '_', '-');
	return err_hint(line->err, "did you mean --%s?", meant);
}

/* --key value, --key=value; with alone also --key by itself. */
static bool
read_value(struct line *line, struct given *given, const char *equals, const char *alone)
{
	const size_t length = equals ? (size_t)(equals - *line->at) : strlen(*line->at);

	given->source = arena_copy_n(line->arena, *line->at, length);
	if (equals)
		given->value = equals + 1;
	else if (alone)
		given->value = alone;
	else if (line->at[1] && strncmp(line->at[1], "--", 2) != 0)
		given->value = *++line->at;
	else
		return err_set(line->err, FAULT_USAGE, "%s needs a value", given->source);
	if (!*given->value)
		return err_set(line->err, FAULT_USAGE, "%s: the value is empty", given->source);
	return true;
}

static bool
read_flag(struct line *line, const struct flag *flag, const char *equals)
{
	void *member = flag_member(line->request, flag);
	struct given given;

	if (!flag->has_value) {
		*(bool *)member = true;
		return true;
	}
	if (flag_is_set(line->request, flag)) {
		(void)err_set(line->err, FAULT_USAGE, "--%s is there twice", flag->name);
		return strcmp(flag->name, "only") == 0 ? err_hint(line->err, "--only=ONE,OTHER")
		                                       : false;
	}
	if (flag->is_optional && !equals) {
		*(const char **)member = "";
		return true;
	}
	if (!read_value(line, &given, equals, NULL))
		return false;
	*(const char **)member = given.value;
	return true;
}

static bool
flag_is(const struct flag *flag, const char *name, const char *equals)
{
	const size_t length = equals && flag->has_value ? (size_t)(equals - name) : strlen(name);

	return strlen(flag->name) == length && strncmp(flag->name, name, length) == 0;
}

/* One that has the name of a setting counts only behind its command. */
static bool
is_for_command(const struct line *line, const struct flag *flag)
{
	return line->request->command && is_among(flag->commands, line->request->command);
}

/* Sets *is_done at --help and --version: nothing else matters then. */
static bool
read_option(struct line *line, bool *is_done)
{
	const char *const name = *line->at + 2;
	const char *const equals = strchr(name, '=');
	const size_t length = equals ? (size_t)(equals - name) : strlen(name);
	size_t index;

	*is_done = strcmp(*line->at, "-h") == 0 || strcmp(*line->at, "--help") == 0 ||
	           strcmp(*line->at, "--version") == 0;
	if (*is_done) {
		/* COMMAND --help: as help COMMAND. */
		line->about = line->request->command;
		line->request->command = strcmp(name, "version") == 0 ? "version" : "help";
		return true;
	}
	if ((*line->at)[1] != '-') {
		(void)err_set(line->err, FAULT_USAGE, "unknown option -%c", (*line->at)[1]);
		return err_hint(line->err, OTHERS_OPTIONS);
	}
	index = setting_find(name, length);
	for (size_t i = 0; i < FLAG_COUNT; i++)
		if (flag_is(&flags[i], name, equals) &&
		    (index == settings_count || is_for_command(line, &flags[i])))
			return read_flag(line, &flags[i], equals);
	if (index == settings_count)
		return unknown(line, name, length);
	return read_value(line, &line->given[index], equals,
	                  settings[index].kind == KIND_FLAG && !settings[index].choices ? "yes"
	                                                                                : NULL);
}

static bool
is_boot(const struct line *line)
{
	return line->request->command && strcmp(line->request->command, "boot") == 0;
}

/* Puts the word behind the operands found so far, which lie at the front of the vector. */
static void
add_operand(struct line *line, char *word)
{
	line->request->operands[line->operands++] = word;
	line->request->operands[line->operands] = NULL;
}

/* Until the first word of a program, which is not ours any more: line->at is left on it. */
static bool
read_words(struct line *line, bool *is_done)
{
	struct request *const request = line->request;

	for (; *line->at && !*is_done; line->at++) {
		const char *const word = *line->at;

		if (strcmp(word, "--") == 0) {
			line->at++;
			return true;
		}
		if (word[0] == '-' && word[1]) {
			if (!read_option(line, is_done))
				return false;
		} else if (!request->command && is_command(line, word)) {
			request->command = word;
		} else if (!request->command || is_boot(line)) {
			return true;
		} else {
			add_operand(line, *line->at);
		}
	}
	return true;
}

/* With its verb, where there is a command of these two words. */
static const char *
full_name(const struct line *line)
{
	const char *const command = line->request->command, *const verb = *line->request->operands;
	const char *const both = verb ? arena_join(line->arena, command, " ", verb) : command;

	return is_among(line->vocabulary->commands, both) ? both : command;
}

/* `migrate adopt, migrate up` */
static const char *
listed(const char *const *words, struct arena *arena)
{
	struct text list = text_new(arena);

	for (; *words; words++)
		text_print(&list, "%s%s", list.length ? ", " : "", *words);
	return list.at;
}

static bool
check_flags(const struct line *line)
{
	const char *const name = full_name(line);

	for (size_t i = 0; i < FLAG_COUNT; i++) {
		const char *const *const takers = flags[i].commands;

		if (!flag_is_set(line->request, &flags[i]) || is_among(takers, name))
			continue;
		(void)err_set(line->err, FAULT_USAGE, "%s takes no --%s", name,
		              flags[i].name); /* returned below */
		return err_hint(line->err, "--%s is for: %s%s", flags[i].name,
		                listed(takers, line->arena),
		                strcmp(flags[i].name, "json") == 0 ? "; --log=json: the log as JSON"
		                                                   : "");
	}
	return true;
}

bool
options_read(struct request *request, struct given *given, char **argv,
             const struct vocabulary *vocabulary, struct arena *arena, struct err *err)
{
	struct line line = { request, given, vocabulary, argv, 0, NULL, arena, err };
	bool is_done = false;
	size_t count = 0;

	while (argv[count])
		count++;
	*request = (struct request){ 0 };
	request->operands = arena_alloc(arena, (count + 2) * sizeof *request->operands);
	line.at += *argv ? 1 : 0; /* argv[0] is our own name */
	if (!read_words(&line, &is_done))
		return false;
	if (is_done) {
		request->operands[0] = strcmp(request->command, "help") == 0 && line.about
		                             ? arena_copy(arena, line.about)
		                             : NULL;
		request->operands[1] = NULL;
		return true;
	}
	if (!request->command)
		request->command = "boot";
	while (*line.at)
		add_operand(&line, *line.at++);
	return check_flags(&line);
}
