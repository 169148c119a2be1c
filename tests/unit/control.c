/* What global/pg_control says, of servers with any layout behind its beginning. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "restore/control.h"

#define CHECKED 288

/* CRC-32C by its definition, bit by bit. */
static uint32_t
castagnoli(const char *bytes, size_t length)
{
	uint32_t crc = UINT32_MAX;

	for (size_t i = 0; i < length * 8; i++) {
		const uint32_t bit = (uint32_t)((unsigned char)bytes[i / 8] >> i % 8) & 1;

		crc = ((crc ^ bit) & 1) ? crc >> 1 ^ 0x82f63b78 : crc >> 1;
	}
	return ~crc;
}

static void
put(char *bytes, size_t at, uint32_t value)
{
	memcpy(bytes + at, &value, sizeof value);
}

static void
make(char bytes[CONTROL_LONGEST], uint32_t version, uint32_t state)
{
	memset(bytes, 0, CONTROL_LONGEST);
	put(bytes, 0, 7);
	put(bytes, 8, version);
	put(bytes, 12, 202209061);
	put(bytes, 16, state);
	put(bytes, 24, 1700000000);
	put(bytes, CHECKED, castagnoli(bytes, CHECKED));
}

static void
what_it_says(void **state)
{
	char bytes[CONTROL_LONGEST];
	struct control control = { .catalog = 1 };

	(void)state;
	assert_int_equal(castagnoli("123456789", 9), 0xe3069283);
	make(bytes, 1300, 1);
	assert_int_equal(control_read(&control, bytes, sizeof bytes), CONTROL_GOOD);
	assert_int_equal(control.system, 7);
	assert_int_equal(control.catalog, 202209061);
	assert_int_equal(control.changed, 1700000000);
	assert_true(control_is_at_rest(&control));
	assert_string_equal(control_state(&control), "shut down");
	for (uint32_t other = 0; other < 9; other++) {
		make(bytes, 1800, other);
		assert_int_equal(control_read(&control, bytes, sizeof bytes), CONTROL_GOOD);
		assert_int_equal(control_is_at_rest(&control), other == 1 || other == 2);
	}
	assert_string_equal(control_state(&control), "in an unknown state");
}

static void
what_is_refused(void **state)
{
	char bytes[CONTROL_LONGEST];
	struct control control = { .catalog = 1 };

	(void)state;
	make(bytes, 1300, 6);
	assert_int_equal(control_read(&control, bytes, 203), CONTROL_SHORT);
	assert_int_equal(control_read(&control, bytes, CHECKED), CONTROL_DAMAGED);
	assert_int_equal(control_read(&control, bytes, CHECKED + 4), CONTROL_GOOD);
	control.catalog = 1;
	bytes[100] ^= 1;
	assert_int_equal(control_read(&control, bytes, sizeof bytes), CONTROL_DAMAGED);
	make(bytes, 1300u << 16, 1);
	assert_int_equal(control_read(&control, bytes, sizeof bytes), CONTROL_SWAPPED);
	assert_int_equal(control.catalog, 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_it_says),
		cmocka_unit_test(what_is_refused),
	};

	return cmocka_run_group_tests_name("control", tests, NULL, NULL);
}
