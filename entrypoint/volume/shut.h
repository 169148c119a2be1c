/*
 * Folders that may not be written: none but root may move them into another folder, since that changes what they hold. They are
 * opened for it, and what they were stands in a list, so that a later run can finish what was cut off.
 */
#pragma once

#include <stdbool.h>

struct arena;
struct err;

/* Those in an open folder that we may not write, as "555/NAME/..."; "": none. NULL on failure: FAULT_CANNOT_WRITE. The path is for messages. */
const char *shut_list(int folder, const char *path, struct arena *arena, struct err *err);

/*
 * Opens what a list names and this folder holds; gives it back the mode that it had. What is no folder, or not in it, is passed
 * over: the list may have been written by anyone. FAULT_CANNOT_WRITE.
 */
bool shut_open(int folder, const char *list, const char *path, struct err *err);
bool shut_again(int folder, const char *list, const char *path, struct err *err);
