/* See control.h. */
#include "control.h"

#include <string.h>

#define AT_VERSION 8
#define AT_CATALOG 12
#define AT_STATE 16
#define AT_CHANGED 24
#define SHORTEST 200 /* where no server's checksum stands yet */

static uint32_t
number(const char *at)
{
	uint32_t value;

	memcpy(&value, at, sizeof value);
	return value;
}

/* Castagnoli's, reflected, a bit at a time: it is over a few hundred bytes. */
static uint32_t
crc_add(uint32_t crc, const char *bytes, size_t length)
{
	for (size_t i = 0; i < length; i++) {
		crc ^= (unsigned char)bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78 : 0);
	}
	return crc;
}

static bool
holds(const char *bytes, size_t length)
{
	const size_t step = sizeof(uint32_t);
	uint32_t crc = crc_add(UINT32_MAX, bytes, SHORTEST);

	for (size_t at = SHORTEST; at + step <= length && at < CONTROL_LONGEST; at += step) {
		if (number(bytes + at) == ~crc)
			return true;
		crc = crc_add(crc, bytes + at, step);
	}
	return false;
}

enum control_verdict
control_read(struct control *control, const char *bytes, size_t length)
{
	struct control read = { 0 };

	if (length < SHORTEST + sizeof(uint32_t))
		return CONTROL_SHORT;
	/* As pg_controldata tells it: the version is some hundreds, below 65536. */
	if (number(bytes + AT_VERSION) % 65536 == 0 && number(bytes + AT_VERSION) / 65536 != 0)
		return CONTROL_SWAPPED;
	if (!holds(bytes, length))
		return CONTROL_DAMAGED;
	memcpy(&read.system, bytes, sizeof read.system);
	read.catalog = number(bytes + AT_CATALOG);
	read.state = number(bytes + AT_STATE);
	memcpy(&read.changed, bytes + AT_CHANGED, sizeof read.changed);
	*control = read;
	return CONTROL_GOOD;
}

/* enum DBState. */
static const char *const states[] = {
	"starting up",       "shut down",           "shut down in recovery", "shutting down",
	"in crash recovery", "in archive recovery", "in production",
};

bool
control_is_at_rest(const struct control *control)
{
	return control->state == 1 || control->state == 2;
}

const char *
control_state(const struct control *control)
{
	return control->state < sizeof states / sizeof *states ? states[control->state]
	                                                       : "in an unknown state";
}
