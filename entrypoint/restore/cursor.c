/* See cursor.h. */
#include "cursor.h"

#include <string.h>

#define OPENSSL_SUPPRESS_DEPRECATED /* as in script/read.c */
#include <openssl/sha.h>

#include "../err.h"
#include "reader.h"

bool
cursor_at_end(struct cursor *cursor, bool *at_end, struct err *err)
{
	if (!cursor->left && !reader_pull(cursor->reader, &cursor->at, &cursor->left, err))
		return false;
	*at_end = cursor->left == 0;
	return true;
}

bool
cursor_piece(struct cursor *cursor, size_t most, const char **bytes, size_t *length,
             struct err *err)
{
	bool at_end;

	if (!cursor_at_end(cursor, &at_end, err))
		return false;
	if (at_end)
		return err_set(err, FAULT_WRONG,
		               "%s: truncated: it ends at byte %lld, in the middle", cursor->path,
		               (long long)cursor->offset);
	*bytes = cursor->at;
	*length = cursor->left < most ? cursor->left : most;
	cursor->at += *length;
	cursor->left -= *length;
	cursor->offset += (int64_t)*length;
	if (cursor->digest)
		SHA256_Update(cursor->digest, *bytes, *length);
	return true;
}

bool
cursor_take(struct cursor *cursor, void *to, size_t length, struct err *err)
{
	const char *bytes;
	char *at = to;
	size_t got;

	for (; length; length -= got, at += got) {
		if (!cursor_piece(cursor, length, &bytes, &got, err))
			return false;
		memcpy(at, bytes, got);
	}
	return true;
}
