/* See log.h. */
#include "log.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <time.h>
#include <unistd.h>

#include "arena.h"
#include "err.h"
#include "log/redact.h"
#include "scoped.h"

/* How often it is seen, in milliseconds, whether we are to end while nobody reads. */
#define LOOK_EVERY 100

/* The log's state. */
static struct {
	enum log_level most;
	bool as_json;
	const char *step;
	bool has_bar;    /* a line without an end stands on the terminal */
	bool is_busy;    /* no line is worth a wait */
	bool is_stalled; /* nobody reads, and nobody waits for that any more */
} state = { .most = LOG_INFO };

static const char *const level_names[] = { "error", "warning", "info", "debug" };

void
log_open(enum log_level most, bool as_json)
{
	state.most = most;
	state.as_json = as_json;
}

void
log_hurry(void)
{
	state.is_busy = true;
}

const char *
log_step(const char *name)
{
	const char *before = state.step;

	state.step = name;
	return before;
}

/* The signal that is to end us and is blocked until we wait; 0: none. */
static int
signal_to_end(void)
{
	static const int signals[] = { SIGTERM, SIGINT, SIGQUIT };
	sigset_t pending;

	(void)sigpending(&pending);
	for (size_t i = 0; i < sizeof signals / sizeof *signals; i++)
		if (sigismember(&pending, signals[i]) == 1)
			return signals[i];
	return 0;
}

/*
 * Whoever reads may have stalled. Where we are to end, or have to be there for others, the line is lost then, and so are those
 * that follow while the reader stands still.
 */
static bool
may_write(int descriptor)
{
	struct pollfd polled = { .fd = descriptor, .events = POLLOUT };

	while (poll(&polled, 1, state.is_stalled ? 0 : LOOK_EVERY) == 0) {
		state.is_stalled |= state.is_busy || signal_to_end();
		if (state.is_stalled) {
			errno = EINTR;
			return false;
		}
	}
	state.is_stalled = false;
	return true;
}

/* A pipe that can be written to takes this much and no more without a wait. */
static bool
write_whole(int descriptor, const char *bytes, size_t length)
{
	while (length && may_write(descriptor)) {
		const ssize_t written =
			write(descriptor, bytes, length < PIPE_BUF ? length : PIPE_BUF);

		if (written < 0 && errno == EINTR)
			continue;
		if (written < 0)
			return false;
		bytes += written;
		length -= (size_t)written;
	}
	return length == 0;
}

static void
add_json_member(struct text *line, const char *key, const char *value, size_t room)
{
	struct text redacted = text_new(line->arena);

	if (!value || !*value)
		return;
	redact(&redacted, value, room);
	text_print(line, ",\"%s\":", key);
	text_add_json(line, redacted.at);
}

static void
add_time(struct text *line)
{
	struct timespec now;
	struct tm parts;
	char stamp[32];

	(void)clock_gettime(CLOCK_REALTIME, &now); /* cannot fail for this clock */
	(void)gmtime_r(&now.tv_sec, &parts);
	(void)strftime(stamp, sizeof stamp, "%Y-%m-%dT%H:%M:%S", &parts);
	text_print(line, "{\"time\":\"%s.%03ldZ\"", stamp, now.tv_nsec / 1000000);
}

/* Lines below the first are set in, so that it is seen what belongs together. */
static void
add_further(struct text *line, const char *label, const char *words, size_t room)
{
	struct text redacted = text_new(line->arena);
	char *rest;

	if (!*words)
		return;
	redact(&redacted, words, room);
	for (char *one = strtok_r(redacted.at, "\n", &rest); one; one = strtok_r(NULL, "\n", &rest))
		text_print(line, "\n  %s%s", label, one);
}

/* Only what begins the message may look like a line of ours. */
static void
add_message(struct text *line, const char *words, size_t room)
{
	struct text redacted = text_new(line->arena);
	const char *lead = "";
	char *rest;

	redact(&redacted, words, room);
	for (char *one = strtok_r(redacted.at, "\n", &rest); one;
	     one = strtok_r(NULL, "\n", &rest)) {
		text_add(line, lead);
		text_add(line, one);
		lead = "\n  ";
	}
}

static void
add_json_place(struct text *line, const struct err *err)
{
	add_json_member(line, "file", err->file, 0);
	if (err->line)
		text_print(line, ",\"line\":%zu", err->line);
	if (err->column)
		text_print(line, ",\"column\":%zu", err->column);
}

/* What takes the bar away, so that a line can stand in its place; "" where there is none. */
static const char *
wiped(void)
{
	const char *wipe = state.has_bar ? "\r\033[K" : "";

	state.has_bar = false;
	return wipe;
}

static void
put_with(enum log_level level, const char *words, const char *members, const struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text line = text_new(&arena);
	const size_t room = err ? sizeof err->what : 0;

	if (level > state.most)
		return;
	if (state.as_json) {
		add_time(&line);
		add_json_member(&line, "level", level_names[level], 0);
		add_json_member(&line, "step", state.step, 0);
		add_json_member(&line, "message", words, room);
		text_add(&line, members);
		if (err) {
			add_json_place(&line, err);
			add_json_member(&line, "sqlstate", err->sqlstate, 0);
			add_json_member(&line, "detail", err->detail, sizeof err->detail);
			add_json_member(&line, "hint", err->hint, sizeof err->hint);
			if (level == LOG_ERROR)
				text_print(&line, ",\"exit\":%d", err->fault);
		}
		text_add(&line, "}");
	} else {
		text_add(&line, wiped());
		text_add(&line, "pg-entrypoint: ");
		if (level != LOG_INFO)
			text_print(&line, "%s: ", level_names[level]);
		if (state.step)
			text_print(&line, "%s: ", state.step);
		add_message(&line, words, room);
		if (err) {
			add_further(&line, "", err->detail, sizeof err->detail);
			add_further(&line, "hint: ", err->hint, sizeof err->hint);
		}
	}
	text_add(&line, "\n");
	(void)write_whole(STDERR_FILENO, line.at, line.length); /* no better place to complain */
}

static void
put(enum log_level level, const char *words, const struct err *err)
{
	put_with(level, words, "", err);
}

static void
put_formatted(enum log_level level, const char *format, va_list args)
{
	SCOPED(arena_drop) struct arena arena = { 0 };

	if (level <= state.most)
		put(level, arena_vprint(&arena, format, args), NULL);
}

void
log_info(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_formatted(LOG_INFO, format, args);
	va_end(args);
}

void
log_warn(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_formatted(LOG_WARN, format, args);
	va_end(args);
}

void
log_debug(const char *format, ...)
{
	va_list args;

	va_start(args, format);
	put_formatted(LOG_DEBUG, format, args);
	va_end(args);
}

void
log_lines(const char *page)
{
	while (*page) {
		const int length = (int)strcspn(page, "\n");

		log_info("%.*s", length, page);
		page += length + (page[length] == '\n');
	}
}

void
log_event(const char *words, const char *members)
{
	put_with(LOG_INFO, words, members, NULL);
}

bool
log_has_bar(void)
{
	return state.most >= LOG_INFO && !state.as_json && isatty(STDERR_FILENO);
}

/* What goes on in the next row could not be taken away. */
static void
cut_to_width(struct text *line)
{
	struct winsize size;

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || line->length < size.ws_col)
		return;
	line->length = size.ws_col ? size.ws_col - 1U : line->length;
	while (line->length && ((unsigned char)line->at[line->length] & 0xc0) == 0x80)
		line->length--;
	line->at[line->length] = '\0';
}

void
log_bar(const char *words)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text line = text_new(&arena), whole = text_new(&arena);

	if (words)
		redact(&line, words, 0);
	cut_to_width(&line);
	text_add(&whole, wiped());
	text_add(&whole, line.at);
	state.has_bar = words != NULL;
	(void)write_whole(STDERR_FILENO, whole.at, whole.length); /* no better place to complain */
}

void
log_warning(const struct err *err)
{
	put(LOG_WARN, err->what, err);
}

void
log_fault(const struct err *err)
{
	put(LOG_ERROR, err->what, err);
}

bool
log_answer(const char *text, struct err *err)
{
	SCOPED(arena_drop) struct arena arena = { 0 };
	struct text redacted = text_new(&arena);

	if (*text == '{' || *text == '[')
		redact_json(&redacted, text);
	else
		redact(&redacted, text, 0);
	if (write_whole(STDOUT_FILENO, redacted.at, redacted.length))
		return true;
	return err_errno(err, errno == EINTR ? FAULT_SIGNAL + signal_to_end() : FAULT_CANNOT_WRITE,
	                 "standard output");
}
