/* See order.h. */
#include "order.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "../arena.h"
#include "../err.h"
#include "../log.h"
#include "../mapping.h"

#define STOP_TIMEOUT 10000

static const struct order usual = { .log_level = LOG_INFO, .stop_timeout = STOP_TIMEOUT };

static bool
read_number(const char *text, int base, uint64_t *number)
{
	char *end;

	*number = strtoull(text, &end, base);
	return *text && !*end;
}

static bool
read_blocked(struct order *order, const char *value, struct arena *arena)
{
	(void)arena; /* the form of all */
	return read_number(value, 16, &order->blocked);
}

static bool
read_target(struct order *order, const char *value, struct arena *arena)
{
	(void)arena; /* the form of all */
	order->to_group = strcmp(value, "group") == 0;
	return order->to_group;
}

static bool
read_log(struct order *order, const char *value, struct arena *arena)
{
	(void)arena; /* the form of all */
	order->logs_json = strcmp(value, "json") == 0;
	return order->logs_json;
}

static bool
read_log_level(struct order *order, const char *value, struct arena *arena)
{
	(void)arena; /* the form of all */
	uint64_t level;

	if (!read_number(value, 10, &level) || level > LOG_DEBUG)
		return false;
	order->log_level = (int)level;
	return true;
}

static bool
read_stop_timeout(struct order *order, const char *value, struct arena *arena)
{
	(void)arena; /* the form of all */
	uint64_t timeout;

	if (!read_number(value, 10, &timeout) || timeout > INT32_MAX)
		return false;
	order->stop_timeout = (int64_t)timeout;
	return true;
}

static bool
read_signals(struct order *order, const char *value, struct arena *arena)
{
	struct mapping *mapping = arena_alloc(arena, sizeof *mapping);

	order->signals = mapping;
	return mapping_read_signals(mapping, value) == NULL;
}

static bool
read_codes(struct order *order, const char *value, struct arena *arena)
{
	struct mapping *mapping = arena_alloc(arena, sizeof *mapping);

	order->codes = mapping;
	return mapping_read_codes(mapping, value) == NULL;
}

static const struct {
	const char *name;
	bool (*read)(struct order *order, const char *value, struct arena *arena);
} rows[] = {
	{ "blocked=", read_blocked },           { "signals_to=", read_target },
	{ "signal_map=", read_signals },        { "exit_map=", read_codes },
	{ "stop_timeout=", read_stop_timeout }, { "log=", read_log },
	{ "log_level=", read_log_level },
};

static bool
read_word(struct order *order, const char *word, struct arena *arena)
{
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const size_t length = strlen(rows[i].name);

		if (strncmp(word, rows[i].name, length) == 0)
			return rows[i].read(order, word + length, arena);
	}
	return false;
}

char **
order_read(struct order *order, char **words, struct arena *arena, struct err *err)
{
	*order = usual;
	(void)read_signals(order, "", arena); /* nothing is changed */
	(void)read_codes(order, "", arena);
	for (; *words && strcmp(*words, "--") != 0; words++)
		if (!read_word(order, *words, arena)) {
			(void)err_set(err, FAULT_USAGE, "%s: not understood", *words);
			return NULL;
		}
	if (!*words || !words[1]) {
		(void)err_set(err, FAULT_USAGE, "no program");
		return NULL;
	}
	return words + 1;
}

/* The words of an order grow here, and end with NULL. */
struct arguments {
	struct arena *arena;
	char **at;
	size_t count;
};

static void
add(struct arguments *arguments, char *word)
{
	arguments->at = arena_grow(arguments->arena, arguments->at, arguments->count,
	                           sizeof *arguments->at);
	arguments->at[arguments->count++] = word;
}

static void
add_mapping(struct arguments *arguments, const char *name, const struct mapping *mapping)
{
	struct text text = text_new(arguments->arena);

	mapping_write(mapping, &text);
	if (text.length)
		add(arguments, arena_join(arguments->arena, name, text.at, ""));
}

char **
order_write(const struct order *order, const char *title, char *const program[],
            struct arena *arena)
{
	struct arguments arguments = { .arena = arena };

	add(&arguments, arena_copy(arena, title));
	if (order->blocked != usual.blocked)
		add(&arguments, arena_print(arena, "blocked=%" PRIx64, order->blocked));
	if (order->to_group)
		add(&arguments, arena_copy(arena, "signals_to=group"));
	add_mapping(&arguments, "signal_map=", order->signals);
	add_mapping(&arguments, "exit_map=", order->codes);
	if (order->stop_timeout != usual.stop_timeout)
		add(&arguments, arena_print(arena, "stop_timeout=%" PRId64, order->stop_timeout));
	if (order->logs_json)
		add(&arguments, arena_copy(arena, "log=json"));
	if (order->log_level != usual.log_level)
		add(&arguments, arena_print(arena, "log_level=%d", order->log_level));
	add(&arguments, arena_copy(arena, "--"));
	for (; *program; program++)
		add(&arguments, *program);
	add(&arguments, NULL);
	return arguments.at;
}
