/* The one list of wire errors: data.code, JSON-RPC code, exit code of the CLI (CONTRACT.md section 5). */
#ifndef IPC_ERRORS_H
#define IPC_ERRORS_H

#include "ipc/base/err.h"
#include "ipc/writer.h"

#include <stdbool.h>

struct error_row {
	enum err_code code;
	const char *name;      /* data.code */
	int rpc_code;
	int exit_code;
	bool retryable;
	const char *meaning;
};

/* Row of a code; codes that never go on the wire answer as `internal`. */
const struct error_row *error_row(enum err_code code);
/* Row of a data.code name, NULL if unknown. For clients. */
const struct error_row *error_row_by_name(const char *name);
/* The error object {"code","message","data":{…}}. */
void error_write(struct writer *w, const struct err *err);

#endif
