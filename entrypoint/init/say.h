/* What tini and dumb-init say, in their own words and on their own descriptors: not our log's lines. */
#pragma once

/* One write. */
void say_out(const char *format, ...) __attribute__((format(printf, 1, 2)));
void say_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
