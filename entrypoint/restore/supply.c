/* See supply.h. */
#include "supply.h"

#include <string.h>

#include "../arena.h"
#include "../err.h"
#include "kind.h"
#include "prove.h"

/* pg_restore opens archives itself, as they lie on the disk. */
static bool
can_be_opened(const struct found *found)
{
	const enum kind kind = found->kind;

	return kind == KIND_DUMP || kind == KIND_CLUSTER || kind == KIND_DIRECTORY ||
	       ((kind == KIND_CUSTOM || kind == KIND_PARTS) && !*found->codecs);
}

bool
supply_prove(struct supply *supply, const char *path, struct arena *arena, struct err *err)
{
	struct found found;

	if (!prove_source(&found, path, arena, err))
		return false;
	if (!can_be_opened(&found)) {
		(void)err_set(err, FAULT_WRONG,
		              "%s is %s%s%s, which is not restored in this version", path,
		              kind_words(found.kind), *found.codecs ? " in " : "", found.codecs);
		return err_hint(err, "unpack it, and name the dump in it");
	}
	if (strcmp(path, "-") == 0)
		return err_set(err, FAULT_USAGE,
		               "a restore from standard input is not in this version");
	*supply = (struct supply){ path, found.kind != KIND_DUMP && found.kind != KIND_CLUSTER };
	return true;
}
