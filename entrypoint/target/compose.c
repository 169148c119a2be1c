/* A connection URL made of libpq's keywords: the way back from parse.c. See target.h. */
#include <string.h>

#include "../arena.h"
#include "../target.h"

/* What any reader of URLs takes as it stands. */
static void
add_encoded(struct text *url, const char *value)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
				    "-._~";

	for (; *value; value++)
		if (strchr(plain, *value))
			text_add_char(url, *value);
		else
			text_print(url, "%%%02X", (unsigned)(unsigned char)*value);
}

/* One host stands in front of the database; several, and folders of sockets, behind it, where no reader takes them wrong. */
static bool
is_simple(const char *host)
{
	return host && *host && !strpbrk(host, "/@,");
}

static void
add_server(struct text *url, const char *host, const char *port)
{
	const bool is_v6 = strchr(host, ':');

	text_add(url, is_v6 ? "[" : "");
	if (is_v6)
		text_add(url, host);
	else
		add_encoded(url, host);
	text_add(url, is_v6 ? "]" : "");
	if (port && *port)
		text_print(url, ":%s", port);
}

/* Or is our own name. */
static bool
stands_in_front(const char *keyword, bool with_server)
{
	return strcmp(keyword, "user") == 0 || strcmp(keyword, "password") == 0 ||
	       strcmp(keyword, "dbname") == 0 ||
	       strcmp(keyword, "fallback_application_name") == 0 ||
	       (with_server && (strcmp(keyword, "host") == 0 || strcmp(keyword, "port") == 0));
}

const char *
target_url(const struct target *target, struct arena *arena)
{
	const char *user = target_value(target, "user"), *host = target_value(target, "host");
	const char *password = target_value(target, "password"), *between = "?";
	const char *database = target_value(target, "dbname");
	struct text url = text_new(arena);

	text_add(&url, "postgresql://");
	add_encoded(&url, user ? user : "");
	if (password) {
		text_add_char(&url, ':');
		add_encoded(&url, password);
	}
	text_add(&url, user || password ? "@" : "");
	if (is_simple(host))
		add_server(&url, host, target_value(target, "port"));
	text_add_char(&url, '/');
	add_encoded(&url, database ? database : "");
	for (size_t i = 0; i < target->count; i++) {
		if (stands_in_front(target->keywords[i], is_simple(host)) || !target->values[i])
			continue;
		text_print(&url, "%s%s=", between, target->keywords[i]);
		add_encoded(&url, target->values[i]);
		between = "&";
	}
	return url.at;
}
