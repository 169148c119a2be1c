/* See verify.h. */
#include "verify.h"

#include "arena.h"
#include "boot.h"
#include "config.h"
#include "err.h"
#include "fingerprint.h"
#include "log.h"
#include "migration.h"
#include "report.h"
#include "scoped.h"

static void
add_difference(struct text *page, const struct difference *difference, bool as_json)
{
	if (!as_json) {
		text_print(page, "%-12s %s %s\n", difference->state, difference->kind,
		           difference->name);
		return;
	}
	text_add(page, "{\"state\":");
	text_add_json(page, difference->state);
	text_add(page, ",\"kind\":");
	text_add_json(page, difference->kind);
	text_add(page, ",\"name\":");
	text_add_json(page, difference->name);
	text_add(page, "}");
}

static void
add_differences(struct text *page, const struct differences *differences, bool as_json)
{
	for (size_t i = 0; i < differences->count; i++) {
		text_add(page, as_json && i ? "," : "");
		add_difference(page, &differences->at[i], as_json);
	}
}

static bool
tell(const struct boot *boot, const struct differences *differences, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text page = text_new(&arena);
	const bool as_json = boot->request->json;

	text_add(&page, as_json ? "{\"migrations\":[" : "");
	report_add_migrations(&page, boot->migrations, true, as_json);
	text_add(&page, as_json ? "],\"objects\":[" : "");
	add_differences(&page, differences, as_json);
	if (as_json)
		text_print(&page, "],\"fingerprint\":%s}\n",
		           differences->is_known ? "true" : "false");
	else if (!page.length && differences->is_known)
		text_add(&page, "all agree\n");
	return log_answer(page.at, err);
}

static bool
refuse_unknown(struct err *err)
{
	(void)err_set(err, FAULT_WRONG, "no fingerprint of the schema is stored to compare with");
	return err_hint(err, "it is stored when migrations are applied, or now, by "
	                     "`pg-entrypoint migrate accept schema`");
}

bool
verify_run(struct boot *boot, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct differences differences;

	if (!report_learn(boot, err) || !fingerprint_compare(boot, &differences, &arena, err) ||
	    !tell(boot, &differences, err))
		return false;
	if (differences.was_other)
		log_warn("the fingerprint was stored on another major version of the server: only "
		         "what is added or gone is told");
	if (boot->facts.is_changing)
		log_warn("a run is changing the schema, or was cut off before it stored the "
		         "fingerprint, which is an old one: the next start stores it");
	else if (differences.count)
		log_info("the schema is not as the last migrations left it: write a migration that "
		         "says so, or `pg-entrypoint migrate accept schema`");
	if (report_has_drift(boot, true) || (differences.count && !boot->facts.is_changing))
		err->fault = FAULT_DRIFT;
	else if (!differences.is_known && (boot->facts.has_ledger || !boot->migrations->pending))
		return refuse_unknown(err);
	else
		err->fault = boot->migrations->pending || boot->facts.is_changing ? FAULT_PENDING
		                                                                  : FAULT_NONE;
	return err->fault == FAULT_NONE;
}
