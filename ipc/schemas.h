/* What the methods answer, by the names in the method table: a compact table and the JSON Schema made from it. Members may be
 * added to objects later, so the schemas do not forbid others. */
#ifndef IPC_SCHEMAS_H
#define IPC_SCHEMAS_H

#include "ipc/writer.h"

#include <stddef.h>

struct schema {
	const char *name;    /* "connection" */
	const char *summary;
	/* Blank-separated `member:type`; `member~:type` may be left out; `type?` may be null. Types: text, id, time (RFC 3339),
	 * int, bool, any, object, `a|b|c` (one of these words), `#name` (another schema), `[type]` (an array), `{type}` (an object
	 * of any keys), and any two joined by '/' (either). */
	const char *members;
};

extern const struct schema schema_table[];
extern const size_t schema_count;
const struct schema *schema_find(const char *name); /* NULL if unknown */
/* As JSON Schema; references are to "#/components/schemas/NAME". */
void schema_write(struct writer *w, const struct schema *schema);

#endif
