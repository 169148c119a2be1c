/* Statements by their first words. */
#pragma once

struct acts;
struct tokens;

/* The first row that a statement begins with reads what is behind these words; `at` is its start. */
struct opening {
	const char *words;
	void (*read)(struct acts *acts, struct tokens behind, const char *at);
};

/* Ends with NULL words. */
extern const struct opening openings[];
