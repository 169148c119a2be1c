/* What tests of script_split share: splitting a text, and what is expected of it. */
#pragma once

static inline bool
give(const char *name, bool may_be_missing, const char **value, struct arena *into, struct err *why)
{
	(void)into;
	(void)why;
	if (strcmp(name, "backslash") == 0)
		*value = "a\\b'c";
	else
		*value = may_be_missing ? NULL : "it's";
	return true;
}

static struct script script;

static inline struct batch
split(const char *text)
{
	struct batch batch = { 0 };

	script = script_made(text);
	if (err.fault || !script_split(&batch, &script, give, &arena, &err))
		fail_msg("%s\n%s", err.what, text);
	return batch;
}

/* The statements of a text, one behind the other, each in brackets. */
static inline const char *
all_of(const struct batch *batch)
{
	struct text text = text_new(&arena);

	for (size_t i = 0; i < batch->count; i++)
		text_print(&text, "[%s]", batch->statements[i].sql);
	return text.at;
}

static inline void
assert_split(const char *text, const char *expected)
{
	const struct batch batch = split(text);

	assert_string_equal(all_of(&batch), expected);
	for (size_t i = 0; i < batch.count; i++) {
		const struct statement *statement = &batch.statements[i];

		assert_memory_equal(statement->source->text + statement->offset, statement->sql,
		                    strlen(statement->sql));
		assert_int_equal(statement->splices->replaced, 0);
	}
}

static inline void
assert_refused(const char *text, const char *what)
{
	struct batch batch = { .count = 77 };

	script = script_made(text);
	if (!err.fault && script_split(&batch, &script, give, &arena, &err))
		fail_msg("not refused: %s", text);
	assert_int_equal(err.fault, FAULT_WRONG);
	if (strncmp(err.what, what, strlen(what)) != 0)
		fail_msg("%s\n%s", err.what, what);
	assert_int_equal(batch.count, 77);
}
