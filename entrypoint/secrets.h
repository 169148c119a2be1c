/* What must never be printed, found before anything is. */
#pragma once

struct arena;
struct config;

/*
 * Registers with log_secret all connection strings and passwords that settings and environment hold,
 * and the values of ENTRYPOINT_VAR_* that may be one (config_hides). In `prod` those that are a documented default or a placeholder
 * draw one warning that names the variable. What cannot be read is passed over: it is an error where
 * it is needed.
 */
void secrets_note(const struct config *config, struct arena *arena);

/*
 * The same for the words of a command line, before any of them is quoted as what it is not: passwords in URLs of any scheme, and
 * in connection strings. Those of the program count too: its name may be the mistake.
 */
void secrets_note_words(char *const words[], struct arena *arena);
