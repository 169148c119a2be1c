/* ALTER TABLE and the definitions of columns: the larger half of acts_read. */
#pragma once

struct acts;
struct name;
struct tokens;

/* Behind ALTER TABLE [IF EXISTS] [ONLY] name [*]. */
void alter_read(struct acts *acts, struct tokens tokens, const struct name *table);

/* The list in the parentheses of CREATE TABLE. */
void alter_read_columns(struct acts *acts, struct tokens list, const struct name *table);
