/* Names of workspaces and accounts by their ids, learnt in passing, so that no screen has to show a bare id. */
#ifndef TUI_NAMES_H
#define TUI_NAMES_H

#include "tui/idmap.h"
#include "tui/remote.h"

struct names {
	struct idmap by_id;
	struct name_entry *entries;
	unsigned version; /* counts what was learnt */
};

void names_learn(struct names *names, const char *id, const char *name);
/* NULL: not known (yet). */
const char *names_find(const struct names *names, const char *id);
/* The same; asks for an unknown one by `method` {id}, whose member `key` is the name. Asked once. */
const char *names_want(struct names *names, struct remote *remote, const char *id, const char *method, const char *key);
void names_free(struct names *names);

#endif
