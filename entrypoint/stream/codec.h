/* One compression that is taken off what is pulled: what the codecs share. Include stream.h before. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;
struct stream;

/* How a codec works; its state lives in the arena but for what its library holds. */
struct codec_row {
	bool (*open)(struct stream *stream, struct arena *arena, struct err *err);
	bool (*read)(struct stream *stream, char *bytes, size_t room, size_t *length,
	             struct err *err);
	void (*close)(struct stream *stream);
};

struct stream {
	const struct codec_row *row;
	enum codec codec;
	const char *path;
	stream_pull *pull;
	void *from;
	const char *at; /* what was pulled and not yet taken */
	size_t left;
	bool is_drained; /* pull has come to its end */
	int64_t pulled;  /* bytes so far */
	void *state;
};

extern const struct codec_row codec_inflate, codec_igzip, codec_filter, codec_lz4;

/* More in at and left, or is_drained; only when nothing is left. */
bool codec_pull(struct stream *stream, struct err *err);

/*
 * Behind a member of gzip, or the end of zlib data: does another begin? Else nothing is left but zeros behind gzip, as on a tape.
 * FAULT_WRONG: something else stands there.
 */
bool codec_at_member(struct stream *stream, bool *begins, struct err *err);

/* FAULT_WRONG. */
bool codec_is_truncated(const struct stream *stream, struct err *err);
bool codec_is_followed(const struct stream *stream, struct err *err);
