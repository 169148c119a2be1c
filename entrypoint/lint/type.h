/* Types of columns: which change is one of the catalog alone. */
#pragma once

#include <stdbool.h>

/*
 * Can a column of the first type become one of the second without its table being rewritten? Both as
 * words_text or the server's format_type gives them. Pure; false where it is not known.
 */
bool type_change_is_free(const char *from, const char *to);
