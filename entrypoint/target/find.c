/* Which settings of the environment say where to connect. See target.h. */
#include <stdlib.h>
#include <string.h>

#include "../arena.h"
#include "../config.h"
#include "../err.h"
#include "../log.h"
#include "../target.h"
#include "making.h"

/* A family of variables; an image uses one of them. */
enum part { PART_HOST, PART_PORT, PART_USER, PART_PASSWORD, PART_DATABASE, PARTS };

static const char *const keywords[PARTS] = { "host", "port", "user", "password", "dbname" };

static const struct family {
	const char *names[PARTS];
	const char *user; /* the default, NULL: libpq's */
} families[] = {
	{ { "POSTGRES_HOST", "POSTGRES_PORT", "POSTGRES_USER", "POSTGRES_PASSWORD", "POSTGRES_DB" },
	  "postgres" },
	{ { "DB_HOST", "DB_PORT", "DB_USER", "DB_PASSWORD", "DB_NAME" }, NULL },
};

/* libpq's own. Each of the first five says that a connection is meant. */
static const struct {
	const char *name, *keyword;
} own[] = {
	{ "PGSERVICE", "service" },   { "PGHOST", "host" },       { "PGHOSTADDR", "hostaddr" },
	{ "PGUSER", "user" },         { "PGDATABASE", "dbname" }, { "PGPORT", "port" },
	{ "PGPASSWORD", "password" },
};

#define OWN_COUNT (sizeof own / sizeof *own)
#define OWN_SERVICE 0
#define OWN_DECISIVE 5

static bool
is_file_form(const char *source)
{
	return strcmp(source + strlen(source) - strlen("_FILE"), "_FILE") == 0;
}

/*
 * What libpq finds itself is set too, so that messages can name it; but not where a service is
 * named: the service file counts more than the variables, and less than what we set.
 */
static bool
find_own(struct making *making, struct err *err)
{
	const char *values[OWN_COUNT], *sources[OWN_COUNT];

	for (size_t i = 0; i < OWN_COUNT; i++) {
		if (!config_variable(own[i].name, &values[i], &sources[i], making->arena, err))
			return false;
		if (i < OWN_DECISIVE && values[i] && !making->target->from)
			making->target->from = sources[i];
	}
	for (size_t i = 0; i < OWN_COUNT && making->target->from; i++) {
		if (!values[i])
			continue;
		if (!making_check(own[i].keyword, values[i], sources[i], err))
			return false;
		making_secret(own[i].keyword, values[i]);
		if (i == OWN_SERVICE || !values[OWN_SERVICE] || is_file_form(sources[i]))
			making_set(making, own[i].keyword, values[i]);
	}
	return true;
}

/* Kubernetes sets POSTGRES_PORT=tcp://10.0.0.1:5432 where there is a service named postgres. */
static bool
is_from_kubernetes(const char *port)
{
	return strncmp(port, "tcp://", 6) == 0;
}

static bool
check_port(const char *port, const char *source, struct err *err)
{
	const unsigned long number = strtoul(port, NULL, 10);

	if (strspn(port, "0123456789") == strlen(port) && number > 0 && number <= 65535)
		return true;
	return err_set(err, FAULT_CONFIG, "%s is not a port, a number from 1 to 65535", source);
}

/* Names in *hostless the first variable of a family that lacks its host. */
static bool
find_family(struct making *making, const struct family *family, const char **hostless,
            struct err *err)
{
	const char *values[PARTS], *sources[PARTS];

	for (size_t i = 0; i < PARTS; i++)
		if (!config_variable(family->names[i], &values[i], &sources[i], making->arena, err))
			return false;
	if (values[PART_PORT] && is_from_kubernetes(values[PART_PORT]))
		values[PART_PORT] = NULL;
	if (!values[PART_HOST]) {
		for (size_t i = 0; i < PARTS && !*hostless; i++)
			*hostless = values[i] ? sources[i] : NULL;
		return true;
	}
	for (size_t i = 0; i < PARTS; i++)
		if (values[i] && !making_check(keywords[i], values[i], sources[i], err))
			return false;
	if (values[PART_PORT] && !check_port(values[PART_PORT], sources[PART_PORT], err))
		return false;
	if (!values[PART_USER])
		values[PART_USER] = family->user;
	for (size_t i = 0; i < PARTS; i++)
		if (values[i])
			making_set(making, keywords[i], values[i]);
	/* The official image's default; libpq's is the same. */
	if (!values[PART_DATABASE] && values[PART_USER])
		making_set(making, "dbname", values[PART_USER]);
	making->target->from = sources[PART_HOST];
	return true;
}

static bool
find_in_families(struct making *making, struct err *err)
{
	const char *hostless[2] = { NULL, NULL };

	for (size_t i = 0; i < 2 && !making->target->from; i++)
		if (!find_family(making, &families[i], &hostless[i], err))
			return false;
	if (making->target->from)
		return true;
	for (size_t i = 0; i < 2; i++)
		if (hostless[i])
			return err_set(err, FAULT_CONFIG, "%s is set, %s is not", hostless[i],
			               families[i].names[PART_HOST]);
	(void)err_set(err, FAULT_CONFIG, "nothing says where the database is"); /* false below */
	return err_hint(
		err,
		"set ENTRYPOINT_URL or DATABASE_URL (postgresql://user:password@host/database), "
		"or PGHOST, PGHOSTADDR, PGSERVICE, PGUSER or PGDATABASE, or POSTGRES_HOST, "
		"or DB_HOST; or each with _FILE");
}

/* One that is left out turns off what it was to turn on: of TLS nobody would notice. */
static bool
tell_left_out(const struct target *found, struct err *err)
{
	if (found->left_out)
		log_debug("%s: left out, libpq does not know: %s", found->from, found->left_out);
	if (!found->mistaken)
		return true;
	if (!found->is_unprotected) {
		log_warn("%s: left out, libpq does not know: %s", found->from, found->mistaken);
		return true;
	}
	(void)err_set(err, FAULT_CONFIG, "%s: libpq does not know %s", found->from,
	              found->mistaken); /* false below */
	return err_hint(err,
	                "it is about how the connection is protected: nothing goes on without it");
}

bool
target_find(struct target *target, const char *url, const char *from, struct arena *arena,
            struct err *err)
{
	struct target found = { 0 };
	struct making making = { &found, arena };

	if (!url && !config_variable("DATABASE_URL", &url, &from, arena, err))
		return false;
	if (url) {
		if (!target_parse(&found, url, from, arena, err))
			return false;
	} else {
		if (!find_own(&making, err) || (!found.from && !find_in_families(&making, err)))
			return false;
		making_finish(&making);
	}
	if (!tell_left_out(&found, err))
		return false;
	*target = found;
	return true;
}
