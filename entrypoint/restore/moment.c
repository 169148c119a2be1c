/* See moment.h. */
#include "moment.h"

#include <string.h>
#include <time.h>

#include "../arena.h"

#define DAY 86400
#define HOUR 3600

/* A text that is read from left to right. */
struct reading {
	const char *at;
};

static bool
is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* So many digits, whose number lies within. Nothing is taken if not. */
static bool
take_number(struct reading *reading, size_t digits, int least, int most, int *number)
{
	int value = 0;

	for (size_t i = 0; i < digits; i++) {
		if (!is_digit(reading->at[i]))
			return false;
		value = value * 10 + (reading->at[i] - '0');
	}
	if (value < least || value > most)
		return false;
	reading->at += digits;
	*number = value;
	return true;
}

/* The separator between the numbers: one of these, or '\0' for none. */
static bool
take_separator(struct reading *reading, char separator)
{
	if (!separator)
		return true;
	if (*reading->at != separator)
		return false;
	reading->at++;
	return true;
}

static int
days_of(int year, int month)
{
	static const int days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	const bool leaps = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	return days[month - 1] + (month == 2 && leaps);
}

static bool
take_date(struct reading *reading, struct tm *parts, char *separator)
{
	static const char separators[] = { '\0', '-', '_', '.' };

	for (size_t i = 0; i < sizeof separators; i++) {
		struct reading ahead = *reading;
		int year, month, day;

		if (take_number(&ahead, 4, 1990, 2199, &year) &&
		    take_separator(&ahead, separators[i]) &&
		    take_number(&ahead, 2, 1, 12, &month) &&
		    take_separator(&ahead, separators[i]) &&
		    take_number(&ahead, 2, 1, days_of(year, month), &day)) {
			*reading = ahead;
			*separator = separators[i];
			parts->tm_year = year - 1900;
			parts->tm_mon = month - 1;
			parts->tm_mday = day;
			return true;
		}
	}
	return false;
}

/* Behind a time: Z, +02, +0200, -05:00. Nothing is what the scripts mean by it. */
static int64_t
take_zone(struct reading *reading)
{
	struct reading ahead = *reading;
	int hours, minutes = 0, sign;

	if (*ahead.at == 'Z' || *ahead.at == 'z') {
		reading->at++;
		return 0;
	}
	/* A minus is as often the separator of a word: it counts with four digits behind. */
	if (*ahead.at != '+' && *ahead.at != '-')
		return 0;
	sign = *ahead.at++ == '+' ? 1 : -1;
	if (!take_number(&ahead, 2, 0, 14, &hours))
		return 0;
	(void)take_separator(&ahead, ':');
	if ((!take_number(&ahead, 2, 0, 59, &minutes) && sign < 0) || is_digit(*ahead.at))
		return 0;
	*reading = ahead;
	return (int64_t)sign * (hours * HOUR + minutes * 60);
}

/* Hours, then minutes, then seconds; how exactly. 0: there are no hours. */
static int64_t
take_clock(struct reading *reading, char separator, struct tm *parts)
{
	struct reading ahead = *reading;

	if (!take_number(&ahead, 2, 0, 23, &parts->tm_hour))
		return 0;
	*reading = ahead;
	if (!take_separator(&ahead, separator) || !take_number(&ahead, 2, 0, 59, &parts->tm_min))
		return HOUR;
	*reading = ahead;
	if (!take_separator(&ahead, separator) || !take_number(&ahead, 2, 0, 60, &parts->tm_sec))
		return 60;
	*reading = ahead;
	/* Parts of a second. */
	if ((*ahead.at == '.' || *ahead.at == ',') && is_digit(ahead.at[1])) {
		ahead.at++;
		while (is_digit(*ahead.at))
			ahead.at++;
		*reading = ahead;
	}
	return 1;
}

/* The time of a day behind its date. Hours alone count only where they stand close: 2024061810. */
static int64_t
take_time(struct reading *reading, char date_separator, struct tm *parts)
{
	static const char separators[] = { '\0', '-', ':', '_', '.' };

	for (size_t i = 0; i < sizeof separators; i++) {
		struct reading ahead = *reading;
		struct tm found = *parts;
		const bool is_close = !date_separator && is_digit(*ahead.at);
		int64_t span;

		if (!is_close && (!*ahead.at || !strchr("_-T t.@", *ahead.at++)))
			return 0;
		span = take_clock(&ahead, separators[i], &found);
		if (span && (span < HOUR || (is_close && i == 0)) && !is_digit(*ahead.at)) {
			*reading = ahead;
			*parts = found;
			return span;
		}
	}
	return 0;
}

static bool
take_seconds(struct reading *reading, struct moment *moment)
{
	int high, low;
	struct reading ahead = *reading;

	if (!take_number(&ahead, 5, 10000, 41000, &high) ||
	    !take_number(&ahead, 5, 0, 99999, &low) || is_digit(*ahead.at))
		return false;
	*reading = ahead;
	*moment = (struct moment){ (int64_t)high * 100000 + low, 1 };
	return true;
}

static bool
take_moment(struct reading *reading, struct moment *moment)
{
	struct reading ahead = *reading;
	struct tm parts = { 0 };
	char separator;
	int64_t span;

	if (!take_date(&ahead, &parts, &separator))
		return take_seconds(reading, moment);
	span = take_time(&ahead, separator, &parts);
	if (!span && is_digit(*ahead.at))
		return take_seconds(reading, moment);
	moment->from = (int64_t)timegm(&parts) - (span && span < HOUR ? take_zone(&ahead) : 0);
	moment->span = span ? span : DAY;
	*reading = ahead;
	return true;
}

bool
moment_find(const char *text, struct moment *moment, size_t *start, size_t *length)
{
	bool was_found = false;

	for (struct reading reading = { text }; *reading.at;) {
		const char *from = reading.at;

		if (is_digit(*from) && (from == text || !is_digit(from[-1])) &&
		    take_moment(&reading, moment)) {
			*start = (size_t)(from - text);
			*length = (size_t)(reading.at - from);
			was_found = true;
		} else {
			reading.at = from + 1;
		}
	}
	return was_found;
}

int
moment_compare(const struct moment *one, const struct moment *other)
{
	if (one->from >= other->from + other->span)
		return 1;
	if (other->from >= one->from + one->span)
		return -1;
	return 0;
}

const char *
moment_words(const struct moment *moment, struct arena *arena)
{
	const time_t from = (time_t)moment->from;
	/* "2024-06-18 10:11:12", as far as the hour, the minute ... */
	const size_t length = moment->span == 1    ? 19
	                    : moment->span == 60   ? 16
	                    : moment->span == HOUR ? 13
	                                           : 10;
	char words[32] = "";
	struct tm parts;

	(void)gmtime_r(&from, &parts); /* fails for years that do not fit an int */
	(void)strftime(words, sizeof words, "%Y-%m-%d %H:%M:%S", &parts);
	return arena_copy_n(arena, words, length);
}
