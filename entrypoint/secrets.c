/* See secrets.h. */
#include "secrets.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>
#include <strings.h>

#include "arena.h"
#include "config.h"
#include "err.h"
#include "log.h"
#include "target.h"

/* What documents, samples and templates have where a password should stand. */
static const char *const defaults[] = { "nexus_password", "password", "postgres", "secret",
	                                "example" };
static const char *const placeholders[] = { "change_in_production", "changeme", "change_me" };

#define COUNT(array) (sizeof(array) / sizeof *(array))

static void
note_password(const struct config *config, const char *password, const char *source)
{
	bool is_default = false;

	if (!password)
		return;
	log_secret(password);
	for (size_t i = 0; i < COUNT(defaults); i++)
		is_default = is_default || strcasecmp(defaults[i], password) == 0;
	for (size_t i = 0; i < COUNT(placeholders); i++)
		is_default = is_default || strcasestr(password, placeholders[i]);
	if (is_default && strcmp(config->environment, "prod") == 0)
		log_warn("%s: the password is a default or a placeholder that everybody knows",
		         source);
}

static void
note_url(const struct config *config, const char *url, const char *source, struct arena *arena)
{
	struct target target;
	struct err unused = { 0 };

	/* What it holds is noted there. */
	if (url && target_parse(&target, url, source, arena, &unused))
		note_password(config, target_value(&target, "password"), source);
}

void
secrets_note(const struct config *config, struct arena *arena)
{
	static const char *const passwords[] = { "POSTGRES_PASSWORD", "DB_PASSWORD", "PGPASSWORD" };
	const struct names scripts = config_script_variables(arena);
	const char *value, *source;
	struct err unused = { 0 };

	note_url(config, config->url, config->url_from, arena);
	note_url(config, config->admin_url, config->admin_url_from, arena);
	note_url(config, config->restore_as, "restore_as", arena);
	if (config_variable("DATABASE_URL", &value, &source, arena, &unused))
		note_url(config, value, source, arena);
	for (size_t i = 0; i < COUNT(passwords); i++)
		if (config_variable(passwords[i], &value, &source, arena, &unused))
			note_password(config, value, source);
	for (size_t i = 0; i < scripts.count; i++)
		if (config_variable(scripts.at[i], &value, &source, arena, &unused) && value &&
		    config_hides(scripts.at[i], value, source))
			note_password(config, value, source);
}

/* Where a connection string would begin in `--name=...`, `NAME=postgresql://...`. */
static const char *
value_of(const char *word, const char *colon)
{
	const char *const equals = strchr(word, '=');

	if (!colon)
		return *word == '-' && equals ? equals + 1 : word;
	while (colon > word && (isalnum((unsigned char)colon[-1]) || strchr("+:_", colon[-1])))
		colon--;
	return colon;
}

/* What may be a password between :// and @, whether or not the URL is one. */
static void
note_user_part(const char *at, bool is_raw, struct arena *arena)
{
	/* In ours it may hold a raw / ? #. */
	const size_t length = is_raw ? strlen(at) : strcspn(at, "/?#");
	const char *const end = memrchr(at, '@', length);
	const char *const colon = end ? memchr(at, ':', (size_t)(end - at)) : NULL;

	if (colon)
		log_secret(arena_copy_n(arena, colon + 1, (size_t)(end - colon) - 1));
}

/* host=db password=... */
static bool
has_keyword(const char *word)
{
	const char *const at = strstr(word, "password=");

	return at && (at == word || at[-1] == ' ');
}

static void
note_word(const char *word, struct arena *arena)
{
	const char *const colon = strstr(word, "://");
	const char *const value = value_of(word, colon);
	const bool is_ours = target_is_url(value);
	struct target target;
	struct err unused = { 0 };

	if (is_ours || has_keyword(value))
		(void)target_parse(&target, value, "", arena, &unused); /* what it holds is noted */
	if (colon)
		note_user_part(colon + 3, is_ours, arena);
}

void
secrets_note_words(char *const words[], struct arena *arena)
{
	for (; *words; words++)
		note_word(*words, arena);
}
