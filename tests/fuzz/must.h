/* MUST(promise, holds): a finding, told in words, unless it holds. */
#pragma once

#include <stdio.h>
#include <stdlib.h>

#define MUST(promise, holds)                                                                       \
	do {                                                                                       \
		if (!(holds)) {                                                                    \
			(void)fprintf(stderr, "broken promise: %s\n", promise);                    \
			abort();                                                                   \
		}                                                                                  \
	} while (0)
