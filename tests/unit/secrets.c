/* No secret is printed, and known ones draw a warning in production. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "arena.h"
#include "config.h"
#include "log.h"
#include "scoped.h"
#include "secrets.h"

static struct arena arena;
static int file = -1;

static int
open_file(void **state)
{
	char name[] = "/tmp/secrets-test-XXXXXX";

	(void)state;
	file = mkstemp(name);
	return file >= 0 && unlink(name) == 0 ? 0 : -1;
}

static int
begin(void **state)
{
	(void)state;
	log_open(LOG_WARN, false);
	return clearenv();
}

static int
end(void **state)
{
	(void)state;
	arena_drop(&arena);
	return 0;
}

/* What is printed when all secrets are noted and then `text`. */
static const char *
heard(const struct config *config, const char *text)
{
	static char printed[4096];
	SCOPED(descriptor_close) int before = dup(STDERR_FILENO);
	ssize_t length;

	assert_true(before >= 0 && ftruncate(file, 0) == 0 && lseek(file, 0, SEEK_SET) == 0);
	assert_true(dup2(file, STDERR_FILENO) >= 0);
	secrets_note(config, &arena);
	if (text)
		log_warn("%s", text);
	assert_true(dup2(before, STDERR_FILENO) >= 0);
	length = pread(file, printed, sizeof printed - 1, 0);
	assert_true(length >= 0);
	printed[length] = '\0';
	return printed;
}

static void
a_url_is_blanked_only_if_it_may_hold_a_secret(void **state)
{
	static const struct {
		const char *url;
		bool is_shown;
	} rows[] = {
		{ "postgresql://u@shown.example:5432/d", true },
		{ "postgresql://shown.example/d?sslmode=require", true },
		{ "host=shown.example user=u", true },
		{ "postgresql://u:blanked1@h/d", false },
		{ "postgresql://u@h/d?password=blanked2", false },
		{ "postgresql://u@h/d?sslpassword=blanked3", false },
		{ "postgresql://u@h/d?oauth_client_secret=blanked4", false },
		{ "postgresql://u@h/d?pasword=blanked5", false },
		{ "postgresql://blanked6@x@h/d", false },
		{ "mysql://u:blanked7@h/d", false },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const struct config config = { .url = rows[i].url,
			                       .url_from = "ENTRYPOINT_URL",
			                       .environment = "prod" };

		assert_int_equal(strstr(heard(&config, rows[i].url), rows[i].url) != NULL,
		                 rows[i].is_shown);
	}
}

static void
every_secret_is_blanked(void **state)
{
	static const char text[] = "url-Pass@1/x url-Pass%401/x admin-pass@ database-pass pg-pass "
				   "post-pass db-pass script-value";
	const struct config config = {
		.url = "postgresql://u:url-Pass%401/x@h/d",
		.url_from = "ENTRYPOINT_URL",
		.admin_url = "host=h password=admin-pass@",
		.admin_url_from = "ENTRYPOINT_ADMIN_URL",
		.environment = "prod",
	};

	(void)state;
	assert_int_equal(setenv("DATABASE_URL", "jdbc:postgresql://h/d?password=database-pass", 1),
	                 0);
	assert_int_equal(setenv("PGPASSWORD", "pg-pass", 1), 0);
	assert_int_equal(setenv("POSTGRES_PASSWORD", "post-pass", 1), 0);
	assert_int_equal(setenv("DB_PASSWORD", "db-pass", 1), 0);
	assert_int_equal(setenv("ENTRYPOINT_VAR_X_TOKEN", "script-value", 1), 0);
	assert_string_equal(heard(&config, text),
	                    "pg-entrypoint: warning: *** *** *** *** *** *** *** ***\n");
	assert_string_equal(heard(&config, config.url), "pg-entrypoint: warning: ***\n");
}

static void
words_of_the_command_line(void **state)
{
	static const char *const words[] = { "pg-entrypoint",
		                             "postgresql://u:word-one@h/d",
		                             "--url=jdbc:postgresql://h/d?password=word-two",
		                             "X=postgres://u:word/three@h:port/d",
		                             "--only=host=h password=word-four",
		                             "password=word-five",
		                             "http://u:word-six@h/",
		                             "http://shown:8080/a@b",
		                             "app_password=shown1",
		                             "postgresql://shown2@h/d" };
	const struct config config = { .environment = "prod" };

	(void)state;
	for (size_t i = 0; i < sizeof words / sizeof *words; i++)
		secrets_note_words((char *[]){ arena_copy(&arena, words[i]), NULL }, &arena);
	assert_string_equal(heard(&config,
	                          "word-one word-two word/three word-four word-five word-six"),
	                    "pg-entrypoint: warning: *** *** *** *** *** ***\n");
	assert_string_equal(heard(&config, "8080/a shown1 postgresql://shown2@h/d"),
	                    "pg-entrypoint: warning: 8080/a shown1 postgresql://shown2@h/d\n");
	/* Cut, it is no longer the whole that was noted. */
	assert_string_equal(heard(&config, "postgres://u:word/three@h"),
	                    "pg-entrypoint: warning: postgres://u:***@h\n");
}

static void
known_passwords_draw_a_warning_in_production(void **state)
{
	static const char *const known[] = {
		"nexus_password",
		"change_in_production",
		"x-Change_In_Production!",
		"changeme",
		"CHANGEME123",
		"change_me",
		"password",
		"Postgres",
		"secret",
		"example",
	};
	static const char *const good[] = { "passwords", "mypostgres", "secret1",
		                            "nexus_password2" };
	struct config config = { .environment = "prod" };

	(void)state;
	for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
		assert_int_equal(setenv("DB_PASSWORD", known[i], 1), 0);
		config.environment = "prod";
		assert_string_equal(
			heard(&config, NULL),
			"pg-entrypoint: warning: DB_PASSWORD: the password is a default or "
			"a placeholder that everybody knows\n");
		config.environment = "dev";
		assert_string_equal(heard(&config, NULL), "");
	}
	config.environment = "prod";
	for (size_t i = 0; i < sizeof good / sizeof *good; i++) {
		assert_int_equal(setenv("DB_PASSWORD", good[i], 1), 0);
		assert_string_equal(heard(&config, NULL), "");
	}
}

static void
the_warning_names_where_it_stands(void **state)
{
	const struct config config = {
		.url = "postgresql://u:nexus%5Fpassword@h/d",
		.url_from = "/etc/pg-entrypoint.ini:3",
		.environment = "prod",
	};
	const char *said;

	(void)state;
	assert_int_equal(setenv("ENTRYPOINT_VAR_APP_PASSWORD", "changeme", 1), 0);
	assert_int_equal(setenv("PGPASSWORD", "secret", 1), 0);
	said = heard(&config, NULL);
	assert_non_null(strstr(said, "/etc/pg-entrypoint.ini:3: the password is"));
	assert_non_null(strstr(said, "ENTRYPOINT_VAR_APP_PASSWORD: the password is"));
	assert_non_null(strstr(said, "PGPASSWORD: the password is"));
	assert_null(strstr(said, "nexus"));
	assert_null(strstr(said, "changeme"));
}

/* It is an error where it is needed, not here. */
static void
what_is_plainly_none_stays_readable(void **state)
{
	static const struct {
		const char *name, *value;
		bool is_file, is_hidden;
	} rows[] = {
		{ "OWNER", "postgres", false, false },
		{ "DEBUG", "false", false, false },
		{ "PORT", "8080", false, false },
		{ "BUCKET", "media.eu-west_1", false, false },
		{ "OWNER", "postgres", true, true },
		{ "APP_PASSWORD", "postgres", false, true },
		{ "App_Pw", "orders", false, true },
		{ "DEPLOY_KEY", "false", false, true },
		{ "OWNER", "Postgres", false, true },
		{ "OWNER", "a b", false, true },
		{ "OWNER", "0123456789abcdef", false, false },
		{ "OWNER", "0123456789abcdef0", false, true },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		const char *name = arena_join(&arena, "ENTRYPOINT_VAR_", rows[i].name, "");
		const char *source = rows[i].is_file ? arena_join(&arena, name, "_FILE", "") : name;

		assert_int_equal(config_hides(name, rows[i].value, source), rows[i].is_hidden);
	}
}

static void
what_cannot_be_read_is_passed_over(void **state)
{
	const struct config config = { .url = "mysql://u:misplaced-pass@h/d",
		                       .url_from = "URL",
		                       .environment = "prod" };

	(void)state;
	assert_int_equal(setenv("PGPASSWORD_FILE", "/nowhere", 1), 0);
	assert_int_equal(setenv("ENTRYPOINT_VAR_X_FILE", "/nowhere", 1), 0);
	assert_int_equal(setenv("DATABASE_URL", "x", 1), 0);
	assert_int_equal(setenv("DATABASE_URL_FILE", "y", 1), 0);
	assert_string_equal(heard(&config, NULL), "");
	assert_string_equal(heard(&config, config.url), "pg-entrypoint: warning: ***\n");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, begin, end)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_url_is_blanked_only_if_it_may_hold_a_secret),
		TEST(every_secret_is_blanked),
		TEST(words_of_the_command_line),
		TEST(known_passwords_draw_a_warning_in_production),
		TEST(the_warning_names_where_it_stands),
		TEST(what_is_plainly_none_stays_readable),
		TEST(what_cannot_be_read_is_passed_over),
	};

	return cmocka_run_group_tests(tests, open_file, NULL);
}
