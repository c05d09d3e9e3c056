/* The strict query decoder: for requests of browsers and for redirect URLs that people paste. */
#ifndef DAEMON_HTTP_QUERY_H
#define DAEMON_HTTP_QUERY_H

#include "ipc/base/err.h"

/* Names are case-sensitive, values are UTF-8 without NUL. Holds authorization codes, so it lives in locked memory. */
struct query;
/* text: everything after '?'. NULL when malformed, a name twice, %00, over 4 KiB. */
struct query *query_parse(const char *text, struct err *err);
const char *query_get(const struct query *query, const char *name); /* NULL when absent; owned by the query */
void query_free(struct query *query);

#endif
