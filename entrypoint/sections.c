/* See sections.h. */
#include "sections.h"

#include <ini.h>
#include <string.h>

#include "err.h"

/* What the Makefile lets inih hold: MAX_SECTION and MAX_NAME, INI_MAX_LINE. */
#define LONGEST_NAME ((size_t)65535)
#define LONGEST_LINE ((size_t)67108864 - 2)
/* isspace() of the C locale, which is what inih trims. */
#define BLANKS " \t\n\v\f\r"

struct reading {
	const char *rest; /* not yet given to inih */
	size_t left;
	const char *path;
	sections_line *line;
	void *to;
	struct err *err;
};

static bool
is_blank(char c)
{
	return c && strchr(BLANKS, c);
}

/* `[name]`, without the blanks around it. inih ends the name at the first ] and drops what follows. */
static bool
check_section(const char *at, size_t length, const char **fault)
{
	const char *end = memchr(at, ']', length);

	if (!end)
		*fault = "the section's ] is missing";
	else if (end != at + length - 1)
		*fault = "a section's name cannot hold a ], and nothing may follow it";
	else if (length - 2 > LONGEST_NAME)
		*fault = "the section's name is longer than 65535 bytes";
	else if (length > 2 && (is_blank(at[1]) || is_blank(end[-1])))
		*fault = "blanks at the edge of the section's name";
	return !*fault;
}

/* `key = value`. inih would also take the first : for the =, and cut a key that holds one. */
static bool
check_pair(const char *at, size_t length, const char **fault)
{
	size_t name = 0;

	while (name < length && at[name] != '=' && at[name] != ':')
		name++;
	if (name == length)
		*fault = "neither `key = value` nor `[section]`";
	else if (at[name] == ':')
		*fault = "a : before the =; a key cannot hold one, and it does not separate";
	else if (name == 0)
		*fault = "nothing before the =";
	else if (name > LONGEST_NAME)
		*fault = "the key is longer than 65535 bytes";
	return !*fault;
}

/* Everything that inih would cut or pass over in silence. */
static bool
check_line(const char *at, size_t length, const char **fault)
{
	if (length > LONGEST_LINE)
		*fault = "the line is longer than 64 MiB";
	else if (memchr(at, '\0', length))
		*fault = "a NUL byte";
	if (*fault)
		return false;
	while (length && is_blank(*at)) {
		at++;
		length--;
	}
	while (length && is_blank(at[length - 1]))
		length--;
	if (!length || *at == ';' || *at == '#')
		return true;
	return *at == '[' ? check_section(at, length, fault) : check_pair(at, length, fault);
}

static bool
check(const struct reading *reading)
{
	const char *at = reading->rest;
	size_t left = reading->left;

	for (size_t number = 1; left; number++) {
		const char *newline = memchr(at, '\n', left);
		const size_t length = newline ? (size_t)(newline - at) : left;
		const char *fault = NULL;

		if (!check_line(at, length, &fault))
			return err_set(reading->err, FAULT_CONFIG, "%s:%zu: %s", reading->path,
			               number, fault);
		at += length + (newline != NULL);
		left -= length + (newline != NULL);
	}
	return true;
}

/* fgets() for inih: the rest of the text up to a newline, at most size - 1 bytes. */
static char *
next_piece(char *piece, int size, void *from)
{
	struct reading *reading = from;
	const size_t most = reading->left < (size_t)size - 1 ? reading->left : (size_t)size - 1;
	const char *newline = memchr(reading->rest, '\n', most);
	const size_t length = newline ? (size_t)(newline - reading->rest) + 1 : most;

	if (!length)
		return NULL;
	memcpy(piece, reading->rest, length);
	piece[length] = '\0';
	reading->rest += length;
	reading->left -= length;
	return piece;
}

static int
tell(void *from, const char *section, const char *key, const char *value, int line)
{
	struct reading *reading = from;

	return reading->line(reading->to, section, key, value, (size_t)line, reading->err);
}

bool
sections_read(const char *text, size_t length, const char *path, sections_line *line, void *to,
              struct err *err)
{
	struct reading reading = { text, length, path, line, to, err };
	int result;

	/* inih reads over a BOM too, but counts it as part of the first line. */
	if (length >= 3 && memcmp(text, "\xEF\xBB\xBF", 3) == 0) {
		reading.rest += 3;
		reading.left -= 3;
	}
	if (!check(&reading))
		return false;
	err_clear(err);
	result = ini_parse_stream(next_piece, &reading, tell, &reading);
	if (result == 0 || err->fault)
		return result == 0;
	if (result < 0)
		return err_set(err, FAULT_SYSTEM, "%s: out of memory", path);
	/* What check() let through and inih refuses: better refused with less words than cut. */
	return err_set(err, FAULT_CONFIG, "%s:%d: cannot be read", path, result);
}
