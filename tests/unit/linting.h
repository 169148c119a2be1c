/* What tests of the lint share. */
#pragma once

#define PG13 130000
#define PG18 180000

/* The rules that find something, each with its line:column, in a file that is a deployment of its own. */
static inline const char *
found_in(const char *text, int server_version)
{
	struct lint *lint = lint_new(server_version, &arena);
	struct script *script = arena_alloc(&arena, sizeof *script);
	struct text list = text_new(&arena);
	struct findings findings;

	*script = script_made(text);
	if (err.fault || !lint_read(lint, script, LINT_ALONE, &err))
		fail_msg("%s\n%s", err.what, text);
	findings = lint_judge(lint);
	for (size_t i = 0; i < findings.count; i++) {
		const struct finding *finding = &findings.at[i];
		const struct place place = place_at(finding->source, finding->offset);

		assert_null(strpbrk(finding->message, "{}"));
		assert_null(strpbrk(finding->hint, "{}"));
		text_print(&list, "%s%s:%zu:%zu", i ? " " : "", finding->rule, place.line,
		           place.column);
	}
	return list.at;
}
