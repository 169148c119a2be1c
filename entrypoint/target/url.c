/* See url.h. */
#include "url.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "../arena.h"
#include "dialect.h"

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS "0123456789"
#define IN_A_NAME LETTERS DIGITS "._-%"
#define IN_AN_ADDRESS LETTERS DIGITS ".:%_-"
#define LONGEST_KEY 63

const char *
url_rest(const char *text, bool *is_jdbc)
{
	/* The official one, libpq's other one, and those of Rails and of Doctrine. */
	static const char *const schemes[] = { "postgresql", "postgres", "postgis", "pgsql" };
	const char *rest = NULL;

	*is_jdbc = strncasecmp(text, "jdbc:", 5) == 0;
	if (*is_jdbc)
		text += 5;
	for (size_t i = 0; i < sizeof schemes / sizeof *schemes && !rest; i++) {
		const size_t length = strlen(schemes[i]);

		/* SQLAlchemy names the driver too: postgresql+asyncpg:// */
		if (strncasecmp(text, schemes[i], length) == 0 && strchr("+:", text[length]))
			rest = text + length;
	}
	if (rest && *rest == '+')
		rest += 1 + strspn(rest + 1, LETTERS DIGITS "_");
	return rest && strncmp(rest, "://", 3) == 0 ? rest + 3 : NULL;
}

bool
url_next(struct span *list, char separator, struct span *next)
{
	const char *end;

	if (!list->at)
		return false;
	end = memchr(list->at, separator, list->length);
	*next = *list;
	if (!end) {
		list->at = NULL;
		return true;
	}
	next->length = (size_t)(end - list->at);
	list->at = end + 1;
	list->length -= next->length + 1;
	return true;
}

static bool
is_port(struct span port)
{
	unsigned number = 0;

	for (size_t i = 0; i < port.length; i++) {
		if (!isdigit((unsigned char)port.at[i]) || number > 65535)
			return false;
		number = number * 10 + (unsigned)(port.at[i] - '0');
	}
	return port.length == 0 || (number > 0 && number <= 65535);
}

static bool
is_host(struct span host, const char **fault)
{
	const bool has_brackets = host.length && *host.at == '[';
	size_t end = has_brackets ? 1 : 0;

	while (end < host.length && strchr(has_brackets ? IN_AN_ADDRESS : IN_A_NAME, host.at[end]))
		end++;
	if (has_brackets && (end == 1 || end == host.length || host.at[end++] != ']'))
		*fault = "an address in brackets is not closed, or is none";
	else if (end < host.length && host.at[end] != ':')
		*fault = "a host's name holds what no name can hold";
	else if (end < host.length &&
	         !is_port((struct span){ host.at + end + 1, host.length - end - 1 }))
		*fault = "a port is not a number from 1 to 65535";
	return !*fault;
}

static bool
are_hosts(struct span hosts, const char **fault)
{
	struct span host;

	while (url_next(&hosts, ',', &host))
		if (!is_host(host, fault))
			return false;
	return true;
}

/* An @ may stand in the value of a keyword, else it is one that ends the user part. */
static bool
is_query(struct span query, const char **fault)
{
	struct span pair;

	while (url_next(&query, '&', &pair)) {
		const char *const equals = memchr(pair.at, '=', pair.length);
		const size_t length = equals ? (size_t)(equals - pair.at) : pair.length;
		char key[LONGEST_KEY + 1] = "";

		if (!memchr(pair.at, '@', pair.length))
			continue;
		if (equals && length <= LONGEST_KEY)
			memcpy(key, pair.at, length);
		if (!dialect_keyword(key))
			*fault = "an @ stands where none can stand";
	}
	return !*fault;
}

/* Can this be all that follows the user part? */
static bool
is_server(const char *at, struct url *url, const char **fault)
{
	const size_t path = strcspn(at, "/?");
	const size_t query = path + strcspn(at + path, "?");

	*fault = NULL;
	url->hosts = (struct span){ at, path };
	url->database = (struct span){ at + path, query - path };
	url->query = (struct span){ at + query, strlen(at + query) };
	if (url->database.length) { /* the / */
		url->database.at++;
		url->database.length--;
	}
	if (url->query.length) { /* the ? */
		url->query.at++;
		url->query.length--;
	}
	if (!are_hosts(url->hosts, fault))
		return false;
	if (url->database.length && memchr(url->database.at, '@', url->database.length))
		*fault = "the database's name holds an @";
	return !*fault && is_query(url->query, fault);
}

bool
url_split(struct url *url, const char *rest, const char **fault)
{
	struct url found = { 0 };
	const char *at = rest;
	const char *colon;

	while (!is_server(at, &found, fault)) {
		at = strchr(at, '@');
		if (!at)
			return false;
		at++;
	}
	if (at > rest) {
		found.user = (struct span){ rest, (size_t)(at - 1 - rest) };
		colon = memchr(rest, ':', found.user.length);
		if (colon) {
			found.password.at = colon + 1;
			found.password.length = (size_t)(at - 1 - found.password.at);
			found.user.length = (size_t)(colon - rest);
		}
	}
	*url = found;
	return true;
}

static int
hex(char c)
{
	if (isdigit((unsigned char)c))
		return c - '0';
	return isxdigit((unsigned char)c) ? tolower((unsigned char)c) - 'a' + 10 : -1;
}

const char *
url_decode(struct span span, struct arena *arena)
{
	struct text text = text_new(arena);

	for (size_t i = 0; i < span.length; i++) {
		char c = span.at[i];

		if (c == '%' && i + 2 < span.length && hex(span.at[i + 1]) >= 0 &&
		    hex(span.at[i + 2]) >= 0) {
			c = (char)(hex(span.at[i + 1]) * 16 + hex(span.at[i + 2]));
			i += 2;
			if (!c)
				return NULL;
		}
		text_add_char(&text, c);
	}
	return text.at;
}
