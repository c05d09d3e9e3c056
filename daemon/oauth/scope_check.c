/* Granted against required scopes. */
#include "daemon/oauth/scope_check.h"

#include "daemon/health.h"
#include "daemon/provider/scopes.h"
#include "ipc/base/mem.h"
#include "ipc/base/strutil.h"
#include "store/connections.h"

#include <stdlib.h>
#include <string.h>

struct scope_view {
	char *required, *granted, provider[32];
};

static void copy_scopes(void *arg, const struct connection_row *row)
{
	struct scope_view *view = arg;
	view->required = mem_strdup(row->required_scopes ? row->required_scopes : "");
	view->granted = mem_strdup(row->scopes ? row->scopes : "");
	(void)str_copy(view->provider, sizeof view->provider, row->provider);
}

static bool list_contains(const char *list, const char *wanted)
{
	const char *word;
	size_t len;
	while (scopes_next(&list, &word, &len))
		if (strlen(wanted) == len && memcmp(word, wanted, len) == 0)
			return true;
	return false;
}

/* "the consent leaves out listing calendars, creating events". */
static void describe_missing(const struct provider *provider, const char *missing, struct buf *out)
{
	const char *word, *at = missing;
	size_t len;
	buf_add_text(out, "the consent leaves out");
	for (bool first = true; scopes_next(&at, &word, &len); first = false) {
		char *scope = mem_strndup(word, len);
		const char *feature = provider->scope_feature(scope), *slash = strrchr(scope, '/');
		buf_printf(out, "%s %s", first ? "" : ",", feature ? feature : slash ? slash + 1 : scope);
		free(scope);
	}
}

static int apply_missing(struct core *core, const char *connection_id, const struct provider *provider, const char *missing,
                         const char *essential, struct err *err)
{
	bool lost = essential && list_contains(missing, essential);
	const char *operation = lost ? "calendar_list" : "consent", *other = lost ? "consent" : "calendar_list";
	const char *code = reason_row(REASON_SCOPE_MISSING)->code;
	if (store_sync_error_resolve(core->store, connection_id, code, other, err) != 0)
		return -1;
	if (missing[0] == '\0')
		return store_sync_error_resolve(core->store, connection_id, code, operation, err) == 0
		               ? health_update(core->store, connection_id, err)
		               : -1;
	struct buf message = { 0 };
	describe_missing(provider, missing, &message);
	const struct health_trouble trouble = { .reason = REASON_SCOPE_MISSING,
		                                .operation = operation,
		                                .message = buf_text(&message) };
	int status = health_trouble(core->store, connection_id, &trouble, err);
	buf_free(&message);
	return status;
}

int scope_check(struct core *core, const char *connection_id, struct err *err)
{
	struct scope_view view = { 0 };
	if (store_connection_get(core->store, connection_id, copy_scopes, &view, err) != 0)
		return -1;
	const struct provider *provider = provider_find(view.provider);
	char *missing = scopes_missing(provider, view.granted, view.required);
	int status = apply_missing(core, connection_id, provider, missing, provider->scope_essential(view.required), err);
	free(missing);
	free(view.required);
	free(view.granted);
	return status;
}
