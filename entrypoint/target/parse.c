/* From a URL or a keyword string to libpq's keywords. See target.h. */
#include <ctype.h>
#include <string.h>

#include "../arena.h"
#include "../db.h"
#include "../err.h"
#include "../log.h"
#include "../target.h"
#include "dialect.h"
#include "making.h"
#include "url.h"

static const char *
with_one_more(const char *list, const char *one, struct arena *arena)
{
	return list ? arena_join(arena, list, ", ", one) : one;
}

static void
leave_out(struct making *making, const char *key, const char *value)
{
	struct target *target = making->target;
	const char *meant = dialect_near(key);

	target->left_out = with_one_more(target->left_out, key, making->arena);
	if (!meant)
		return;
	making_secret(dialect_keyword(meant), value);
	target->mistaken =
		with_one_more(target->mistaken, arena_print(making->arena, "%s (%s?)", key, meant),
	                      making->arena);
	target->is_unprotected |= dialect_protects(meant);
}

static void
add_key(struct making *making, const char *key, const char *value)
{
	const char *const keyword = dialect_keyword(key);

	if (keyword)
		making_set(making, keyword, dialect_value(key, value, making->arena));
	else
		leave_out(making, key, value);
}

/* One of url_split's hosts: `name`, `name:port`, `[address]` or `[address]:port`. */
static void
split_host(struct span host, struct span *name, struct span *port)
{
	const bool has_brackets = host.length && *host.at == '[';
	const char *const last = host.at + host.length;
	const char *colon = memchr(host.at, ':', host.length);

	*name = host;
	if (has_brackets) {
		const char *const close = memchr(host.at, ']', host.length);

		*name = (struct span){ host.at + 1, (size_t)(close - host.at) - 1 };
		colon = close + 1 < last ? close + 1 : NULL;
	} else if (colon) {
		name->length = (size_t)(colon - host.at);
	}
	*port = colon ? (struct span){ colon + 1, (size_t)(last - colon) - 1 }
	              : (struct span){ last, 0 };
}

/* libpq has two lists of the same length. */
static void
add_hosts(struct making *making, struct span hosts)
{
	struct text names = text_new(making->arena), ports = text_new(making->arena);
	bool has_name = false, has_port = false;
	struct span host, name, port;

	for (size_t i = 0; url_next(&hosts, ',', &host); i++) {
		split_host(host, &name, &port);
		text_add(&names, i ? "," : "");
		text_add(&names, url_decode(name, making->arena));
		text_add(&ports, i ? "," : "");
		text_add_n(&ports, port.at, port.length);
		has_name = has_name || name.length;
		has_port = has_port || port.length;
	}
	if (has_name)
		making_set(making, "host", names.at);
	if (has_port)
		making_set(making, "port", ports.at);
}

/* Java's URLDecoder, which jdbc uses, reads a + as a blank. */
static const char *
query_value(struct span span, bool is_jdbc, struct arena *arena)
{
	char *copy = arena_copy_n(arena, span.at, span.length);

	for (char *c = copy; is_jdbc && *c; c++)
		if (*c == '+')
			*c = ' ';
	return url_decode((struct span){ copy, span.length }, arena);
}

/* A folder, or an address with colons, is no `name:port`. */
static const char *
port_of(const char *host)
{
	const char *const colon = strchr(host, ':');

	if (*host == '/' || *host == '@' || !colon || strchr(host, ',') || !colon[1])
		return NULL;
	return colon[1 + strspn(colon + 1, "0123456789")] ? NULL : colon + 1;
}

/* The hosts of a query so far: a SQLAlchemy URL has several as `host=h1:5432&host=h2:5433`, libpq two lists of them. */
struct lists {
	const char *hosts, *own_ports, *ports, *last_port;
	bool has_own_port;
};

static void
join(const char **list, const char *one, struct arena *arena)
{
	*list = *list ? arena_join(arena, *list, ",", one) : one;
}

/* Of one host libpq takes the last that is said. */
static void
set_ports(struct making *making, const struct lists *lists)
{
	if (lists->has_own_port)
		making_set(making, "port", lists->own_ports);
	else if (lists->ports)
		making_set(making, "port",
		           lists->hosts && strchr(lists->hosts, ',') ? lists->ports
		                                                     : lists->last_port);
}

static void
join_host(struct making *making, struct lists *lists, const char *host)
{
	const char *port = port_of(host);

	join(&lists->hosts,
	     port ? arena_copy_n(making->arena, host, (size_t)(port - host) - 1) : host,
	     making->arena);
	join(&lists->own_ports, port ? port : "", making->arena);
	lists->has_own_port = lists->has_own_port || port;
	making_set(making, "host", lists->hosts);
	set_ports(making, lists);
}

static void
join_port(struct making *making, struct lists *lists, const char *port)
{
	join(&lists->ports, port, making->arena);
	lists->last_port = port;
	set_ports(making, lists);
}

static void
add_pair(struct making *making, struct lists *lists, const char *key, const char *value)
{
	if (strcmp(key, "host") == 0)
		join_host(making, lists, value);
	else if (strcmp(key, "port") == 0)
		join_port(making, lists, value);
	else
		add_key(making, key, value);
}

static void
add_query(struct making *making, struct span query, bool is_jdbc)
{
	struct lists lists = { 0 };
	struct span pair;

	while (url_next(&query, '&', &pair)) {
		const char *const equals = memchr(pair.at, '=', pair.length);
		const size_t length = equals ? (size_t)(equals - pair.at) : pair.length;
		struct span raw = { pair.at + pair.length, 0 };
		const char *key;

		if (equals)
			raw = (struct span){ equals + 1, pair.length - length - 1 };
		if (!pair.length)
			continue;
		key = url_decode((struct span){ pair.at, length }, making->arena);
		making_secret(key, arena_copy_n(making->arena, raw.at, raw.length));
		add_pair(making, &lists, key, query_value(raw, is_jdbc, making->arena));
	}
}

static bool
read_url(struct making *making, const char *rest, bool is_jdbc, const char **fault)
{
	struct url url;

	if (!url_split(&url, rest, fault))
		return false;
	/* So that no part needs a look of its own. */
	if (!url_decode((struct span){ rest, strlen(rest) }, making->arena)) {
		*fault = "%00 stands for nothing that PostgreSQL could take";
		return false;
	}
	log_secret(arena_copy_n(making->arena, url.password.at, url.password.length));
	making_set(making, "user", url_decode(url.user, making->arena));
	making_set(making, "password", url_decode(url.password, making->arena));
	add_hosts(making, url.hosts);
	making_set(making, "dbname", url_decode(url.database, making->arena));
	add_query(making, url.query, is_jdbc);
	/* With an @ in it, it might be a part of a password that was misread. */
	if (making->target->left_out && memchr(url.query.at, '@', url.query.length)) {
		making->target->left_out = "some keys";
		if (making->target->mistaken)
			making->target->mistaken = "some keys";
	}
	return true;
}

/* The value at *at, by libpq's rules: '...' may hold blanks, a backslash takes the next as it is. */
static bool
read_value(const char **at, struct text *value)
{
	const bool is_quoted = **at == '\'';

	*at += is_quoted;
	while (**at && (is_quoted ? **at != '\'' : !isspace((unsigned char)**at))) {
		if (**at == '\\' && (*at)[1])
			++*at;
		text_add_char(value, *(*at)++);
	}
	if (is_quoted && !**at)
		return false;
	*at += is_quoted;
	return true;
}

static void
skip_blanks(const char **at)
{
	while (isspace((unsigned char)**at))
		++*at;
}

/* host=db dbname='my database' */
static bool
read_keywords(struct making *making, const char *at, const char **fault)
{
	for (skip_blanks(&at); *at; skip_blanks(&at)) {
		const size_t length = strcspn(at, "= \t\r\n\v\f");
		const char *const key = arena_copy_n(making->arena, at, length);
		struct text value = text_new(making->arena);

		at += length;
		skip_blanks(&at);
		if (*at != '=' || !length) {
			*fault = "neither a URL nor pairs of keyword=value";
			return false;
		}
		at++;
		skip_blanks(&at);
		if (!read_value(&at, &value)) {
			*fault = "a quote is not closed";
			return false;
		}
		add_key(making, key, value.at);
	}
	return true;
}

bool
target_is_url(const char *text)
{
	bool unused;

	return url_rest(text, &unused);
}

static bool
has_scheme(const char *text)
{
	const char *colon = strstr(text, "://");

	return colon && strcspn(text, "= '\t\n") > (size_t)(colon - text);
}

/* What a file or a shell has left behind a URL would become part of its last name. */
static const char *
without_end(const char *url, struct arena *arena)
{
	size_t length = strlen(url);

	while (length && isspace((unsigned char)url[length - 1]))
		length--;
	return arena_copy_n(arena, url, length);
}

/* A URL in the place of a name: the text as a whole is a secret. */
static bool
check_names(const struct target *made, const char *url, struct arena *arena, struct err *err)
{
	for (size_t i = 0; i < made->count; i++)
		if (!making_check(made->keywords[i], made->values[i],
		                  arena_join(arena, made->from, ": ", made->keywords[i]), err)) {
			log_secret(url);
			return false;
		}
	return true;
}

/* With a password the text as a whole is a secret; also with what may be one: a second @, a keyword that nobody knows. */
static bool
may_hold_secret(const struct target *made, const char *url)
{
	for (size_t i = 0; i < made->count; i++)
		if (making_is_secret(made->keywords[i]))
			return true;
	return made->left_out || strchr(url, '@') != strrchr(url, '@');
}

bool
target_parse(struct target *target, const char *url, const char *from, struct arena *arena,
             struct err *err)
{
	struct target made = { .from = from };
	struct making making = { &made, arena };
	const char *fault = NULL, *rest;
	bool is_jdbc, was_read;

	skip_blanks(&url);
	if (target_is_url(url))
		url = without_end(url, arena);
	rest = url_rest(url, &is_jdbc);
	was_read = rest ? read_url(&making, rest, is_jdbc, &fault)
	                : !has_scheme(url) && read_keywords(&making, url, &fault);
	if (was_read && !check_names(&made, url, arena, err))
		return false;
	if (!was_read || may_hold_secret(&made, url))
		log_secret(url);
	if (was_read) {
		if (made.count || rest) {
			making_finish(&making);
			*target = made;
			return true;
		}
		fault = "empty";
	}
	(void)err_set(err, FAULT_CONFIG, "%s: %s", from,
	              fault ? fault : "not a URL that begins with postgresql://");
	return rest ? err_hint(err, "in a password write %%40 for @, %%2F for /, %%3F for ?, "
	                            "%%23 for #, %%25 for %%")
	            : false;
}
