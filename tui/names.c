/* Names by id. */
#include "tui/names.h"

#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct name_entry {
	struct name_entry *next;
	char id[64];
	char *name; /* NULL: asked for */
};

static struct name_entry *entry(struct names *names, const char *id)
{
	struct name_entry *found = idmap_find(&names->by_id, id);
	if (found)
		return found;
	found = mem_alloc(sizeof *found);
	(void)str_copy(found->id, sizeof found->id, id);
	found->next = names->entries;
	names->entries = found;
	idmap_put(&names->by_id, found->id, found);
	return found;
}

void names_learn(struct names *names, const char *id, const char *name)
{
	if (!*id || !*name)
		return;
	struct name_entry *found = entry(names, id);
	if (str_equal(found->name, name))
		return;
	free(found->name);
	found->name = mem_strdup(name);
	names->version++;
}

const char *names_find(const struct names *names, const char *id)
{
	const struct name_entry *found = idmap_find(&names->by_id, id);
	return found ? found->name : NULL;
}

/* tag: "ID KEY" */
static void on_answer(void *owner, const char *tag, const struct remote_answer *answer)
{
	char id[64];
	const char *key = strchr(tag, ' ');
	(void)snprintf(id, sizeof id, "%.*s", (int)(key - tag), tag);
	if (answer->result)
		names_learn(owner, id, remote_text(answer->result, key + 1));
}

const char *names_want(struct names *names, struct remote *remote, const char *id, const char *method, const char *key)
{
	struct name_entry *found = idmap_find(&names->by_id, id);
	char tag[128];
	if (found || !*id)
		return found ? found->name : NULL;
	(void)snprintf(tag, sizeof tag, "%s %s", id, key);
	if (remote_call(remote, method, json_pack("{s:s}", "id", id), on_answer, names, tag))
		(void)entry(names, id);
	return NULL;
}

void names_free(struct names *names)
{
	struct name_entry *next;
	for (struct name_entry *at = names->entries; at; at = next) {
		next = at->next;
		free(at->name);
		free(at);
	}
	idmap_clear(&names->by_id);
	names->entries = NULL;
}
