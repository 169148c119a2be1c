/* Volumes: what one is taken for, which archive is whose, what of an archive is meant, and the words of the setting and of --only. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/types.h>
#include <time.h>

#include <cmocka.h>

#include "arena.h"
#include "config.h"
#include "config/setting.h"
#include "err.h"
#include "restore/container.h"
#include "restore/selection.h"
#include "restore/shipment.h"
#include "stream.h"
#include "volume.h"
#include "volume/survey.h"

#include "stream/members.h"

static struct arena arena;
static struct err err;

static int
end(void **state)
{
	(void)state;
	arena_drop(&arena);
	err_clear(&err);
	return 0;
}

static void
what_one_is_taken_for(void **state)
{
	static const struct {
		struct volume_seen seen;
		enum volume_state state;
	} rows[] = {
		{ { false, false, false, false, false }, VOLUME_NEW },
		{ { false, true, false, false, false }, VOLUME_KNOWN },
		{ { false, true, true, false, false }, VOLUME_BEGUN },
		{ { false, false, true, false, false }, VOLUME_BEGUN },
		{ { false, false, true, true, false }, VOLUME_READY },
		{ { true, false, false, true, false }, VOLUME_READY },
		{ { true, true, true, false, false }, VOLUME_FULL },
		{ { true, true, false, true, true }, VOLUME_READY },
		{ { true, false, false, false, false }, VOLUME_FULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(volume_judge(&rows[i].seen), rows[i].state);
}

static struct volume_settings
set(const char *value)
{
	const struct given given = { value, "f.ini:1" };
	struct volume_settings volumes = { 0 };

	err_clear(&err);
	(void)setting_store_volumes(NULL, &given, &volumes, &arena, &err); /* err tells */
	return volumes;
}

static void
the_setting(void **state)
{
	static const char *const wrong[][2] = {
		{ "media", "f.ini:1: media is none of name:/path and name:/path:critical" },
		{ "media:app", "f.ini:1: media:app is none of name:/path and name:/path:critical" },
		{ ":/app", "f.ini:1: :/app has a name that is not of letters, digits, _ and -" },
		{ "a.b:/app",
		  "f.ini:1: a.b:/app has a name that is not of letters, digits, _ and -" },
		{ "db:/app", "f.ini:1: db:/app has the name of the database" },
		{ "a:/", "f.ini:1: a:/ is all of the container" },
		{ "a:///:critical", "f.ini:1: a:///:critical is all of the container" },
		{ "a:/x b:/x/y", "f.ini:1: b:/x/y lies in another, or another in it" },
		{ "b:/x/y a:/x/", "f.ini:1: a:/x/ lies in another, or another in it" },
		{ "a:/x a:/y", "f.ini:1: a:/y is there twice, by its name or by its path" },
		{ "a:/x,b:/x/", "f.ini:1: b:/x/ is there twice, by its name or by its path" },
	};
	struct volume_settings volumes = set(" media:/app/media/:critical,\n static:/app/a:b ");

	(void)state;
	assert_int_equal(volumes.count, 2);
	assert_string_equal(volumes.at[0].name, "media");
	assert_string_equal(volumes.at[0].path, "/app/media");
	assert_true(volumes.at[0].is_critical);
	assert_string_equal(volumes.at[1].path, "/app/a:b");
	assert_false(volumes.at[1].is_critical);
	assert_int_equal(set("").count, 0);
	assert_int_equal(err.fault, FAULT_NONE);
	for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
		assert_int_equal(set(wrong[i][0]).count, 0);
		assert_int_equal(err.fault, FAULT_CONFIG);
		assert_string_equal(err.what, wrong[i][1]);
	}
}

static void
whose_an_archive_is(void **state)
{
	const struct volume_settings volumes = set("media:/m media_small:/s files-2:/f");
	static const struct {
		const char *name;
		size_t owner;
	} rows[] = {
		{ "media_backup_20260101.tar.gz", 0 }, { "./Media.tar", 0 },
		{ "a/nexus-media-2026-01-01.tgz", 0 }, { "media_small_backup_20260101.tar.gz", 1 },
		{ "files-2_backup.tar", 2 },           { "multimedia_backup.tar", SIZE_MAX },
		{ "media2_backup.tar", SIZE_MAX },     { "media/photos.tar", SIZE_MAX },
		{ "db_backup.sql", SIZE_MAX },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_int_equal(shipment_owner(rows[i].name, &volumes), rows[i].owner);
}

/* Of an archive with these names, folders with a slash at their end: the folder that is meant. */
static const char *
below(const char *const *names)
{
	static const char *const wanted[2] = { "media", "uploads" };
	struct survey survey = survey_new();

	for (; *names; names++) {
		const size_t length = strlen(*names);
		const bool is_folder = length == 0 || (*names)[length - 1] == '/';
		const struct member member = { .name = *names,
			                       .kind = is_folder ? MEMBER_FOLDER : MEMBER_FILE,
			                       .size = 5 };

		survey_add(&survey, &member,
		           arena_copy_n(&arena, *names, length - (is_folder && length)), wanted,
		           &arena);
	}
	return survey.has_others ? "" : survey.below;
}

static void
what_of_an_archive_is_meant(void **state)
{
	static const struct {
		const char *names[6], *below;
	} rows[] = {
		{ { "media/", "media/a", "media/b/", "media/b/c", NULL }, "media" },
		{ { "", "app/", "app/uploads/", "app/uploads/a", NULL }, "app/uploads" },
		{ { "media/a", "app/", NULL }, "" },
		{ { "app/media/a", "app/", "app/media/b", NULL }, "app/media" },
		{ { "", "a", "media/", "media/b", NULL }, "" },
		{ { "media/a", "b", NULL }, "" },
		{ { "other/", "app/", "app/media/a", NULL }, "" },
		{ { "photos/", "photos/a", NULL }, "" },
		{ { "media", NULL }, "" },
		{ { "media/media/a", "media/b", NULL }, "media" },
		{ { "mediathek/a", NULL }, "" },
		{ { NULL }, "" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		assert_string_equal(below(rows[i].names), rows[i].below);
}

static void
what_it_takes_of_a_disk(void **state)
{
	static const char *const names[2] = { "m", "m" };
	const struct member file = { .kind = MEMBER_FILE, .size = 4097 };
	const struct member folder = { .kind = MEMBER_FOLDER };
	struct survey survey = survey_new();

	(void)state;
	survey_add(&survey, &folder, "d", names, &arena);
	survey_add(&survey, &file, "d/f", names, &arena);
	assert_int_equal(survey.files, 1);
	assert_int_equal(survey.folders, 1);
	assert_int_equal(survey.bytes, 4097);
	assert_int_equal(survey.room, 4 * 4096);
}

static void
which_parts_are_meant(void **state)
{
	struct volume_setting at[] = { { "media", "/m", false }, { "static", "/s", false } };
	const struct config config = { .volumes = { at, 2 } };
	struct selection selection;

	(void)state;
	assert_true(selection_read(&selection, NULL, &config, &arena, &err));
	assert_true(selection.has_database && selection_has(&selection, "media"));
	assert_true(selection_has_any(&selection, &config.volumes));
	assert_true(selection_read(&selection, "db", &config, &arena, &err));
	assert_true(selection.has_database);
	assert_false(selection_has(&selection, "media"));
	assert_false(selection_has_any(&selection, &config.volumes));
	assert_true(selection_read(&selection, " volume:static, db", &config, &arena, &err));
	assert_true(selection.has_database && selection_has(&selection, "static"));
	assert_false(selection_has(&selection, "media"));
	assert_true(selection_read(&selection, "volume:media", &config, &arena, &err));
	assert_false(selection.has_database);
	assert_true(selection_has(&selection, "media"));
	assert_false(selection_read(&selection, "volume:med", &config, &arena, &err));
	assert_int_equal(err.fault, FAULT_USAGE);
	assert_string_equal(err.what, "--only: \"volume:med\" is no part of a backup");
	assert_string_equal(err.hint, "there are: db, volume:media, volume:static");
	assert_false(selection_read(&selection, "media", &config, &arena, &err));
}

static void
what_is_a_bomb(void **state)
{
	(void)state;
	assert_false(container_is_bomb(1000000000, 1));
	assert_true(container_is_bomb(1000000001, 1999999));
	assert_false(container_is_bomb(1000000001, 2000001));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_teardown(what_one_is_taken_for, end),
		cmocka_unit_test_teardown(the_setting, end),
		cmocka_unit_test_teardown(whose_an_archive_is, end),
		cmocka_unit_test_teardown(what_of_an_archive_is_meant, end),
		cmocka_unit_test_teardown(what_it_takes_of_a_disk, end),
		cmocka_unit_test_teardown(which_parts_are_meant, end),
		cmocka_unit_test_teardown(what_is_a_bomb, end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
