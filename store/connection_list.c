/* Lists and counts of connections. Every order has an index, alone and behind the workspace; totals of a workspace or a
 * state are added up from workspace_states. */
#include "store/connections.h"

#include "store/connection_row.h"
#include "store/page.h"
#include "store/tick.h"

#include <string.h>

#define LIKE_SIZE 1024
#define WALK_FROM 2000 /* connections in a scope from which on it is better to walk the order than to sort the scope */

struct connection_reader {
	connection_fn *fn;
	void *arg;
};

static void read_connection(void *arg, struct stmt *stmt)
{
	const struct connection_reader *reader = arg;
	struct connection_row row;
	connection_read(stmt, &row);
	reader->fn(reader->arg, &row);
}

static const struct {
	enum page_key key;
	const char *column, *name;
} orders[] = {
	[SORT_CREATED] = { PAGE_KEY_NONE, NULL, NULL },
	[SORT_EMAIL] = { PAGE_KEY_TEXT, "c.account_email", "account_email" },
	[SORT_STATE] = { PAGE_KEY_NUMBER, "c.severity", "severity" },
	[SORT_LAST_SYNC] = { PAGE_KEY_NUMBER, "c.last_sync", "last_sync" },
	[SORT_SINCE] = { PAGE_KEY_NUMBER, "c.since", "since" },
};

static struct page_plan plan_of(const struct connection_filter *filter, bool walk)
{
	/* A cursor of one order means nothing in another. */
	return (struct page_plan){
		.kind = (char)((filter->descending ? 'A' : 'a') + (int)filter->sort),
		.select = filter->sort == SORT_STATE ? CONNECTION_SELECT ", c.severity AS severity" : CONNECTION_SELECT,
		.from = CONNECTION_FROM,
		.id_column = "c.id",
		.id_name = "id",
		.key = orders[filter->sort].key,
		.key_column = orders[filter->sort].column,
		.key_name = orders[filter->sort].name,
		.descending = filter->descending,
		.scope_column = "c.workspace_id",
		.walk = walk,
	};
}

/* "%text%" with what LIKE would take for itself escaped; false if it cannot be in any address. */
static bool like_pattern(char out[LIKE_SIZE], const char *text)
{
	if (strlen(text) > PAGE_KEY_MAX)
		return false;
	*out++ = '%';
	for (; *text; text++) {
		if (strchr("%_!", *text))
			*out++ = '!';
		*out++ = *text;
	}
	*out++ = '%';
	*out = '\0';
	return true;
}

static struct page_filter terms_of(const struct connection_filter *filter, const char *workspace, const char *pattern)
{
	struct page_filter terms = { .count = 0 };
	page_filter_text(&terms, " AND c.workspace_id = :workspace", ":workspace", workspace);
	page_filter_text(&terms, " AND c.user_id = :user", ":user", filter->user_id);
	page_filter_text(&terms, " AND c.provider = :provider", ":provider", filter->provider);
	page_filter_text(&terms,
	                 " AND c.id IN (SELECT connection_id FROM sync_errors WHERE code = :reason AND resolved_at = 0)",
	                 ":reason", filter->reason);
	page_filter_text(&terms, " AND c.account_email LIKE :query ESCAPE '!'", ":query", pattern);
	if (filter->state >= 0)
		page_filter_number(&terms, " AND c.severity = :state", ":state", filter->state);
	return terms;
}

/* By state, of those in the scope and the workspace (NULL: all). */
static int count_states(struct store *store, const char *scope, const char *workspace, int64_t out[STATE_COUNT],
                        struct err *err)
{
	static const struct page_plan plan = { .from = " FROM workspace_states", .scope_column = "workspace_id" };
	int got;
	memset(out, 0, STATE_COUNT * sizeof out[0]);
	struct page_filter terms = { .count = 0 };
	page_filter_text(&terms, " AND workspace_id = :workspace", ":workspace", workspace);
	struct stmt *stmt = page_query(store, "SELECT state, sum(n) AS n", &plan, &terms, scope, " GROUP BY state", err);
	if (!stmt)
		return -1;
	while ((got = tick_step(store, stmt, err)) > 0) {
		enum connection_state state;
		if (connection_state_parse(stmt_text(stmt, "state"), &state))
			out[state] = stmt_int(stmt, "n");
	}
	return got;
}

/* What can be added up: the connections in the scope and workspace, and those that the filter leaves, -1 if it takes a
 * look at each. */
struct connection_totals {
	int64_t visible, listed;
};

static int read_totals(struct store *store, const struct connection_filter *filter, const char *scope, const char *workspace,
                       struct connection_totals *totals, struct err *err)
{
	int64_t by_state[STATE_COUNT];
	bool look = filter->user_id || filter->provider || filter->reason || filter->query;
	*totals = (struct connection_totals){ .visible = 0, .listed = look ? -1 : 0 };
	if (look && !scope)
		return 0;
	if (count_states(store, scope, workspace, by_state, err) < 0)
		return -1;
	for (int i = 0; i < STATE_COUNT; i++) {
		totals->visible += by_state[i];
		if (!look && (filter->state < 0 || filter->state == i))
			totals->listed += by_state[i];
	}
	return 0;
}

int store_connection_list(struct store *store, const struct store_page *page, const struct connection_filter *filter,
                          connection_fn *fn, void *arg, struct store_page_end *end, struct err *err)
{
	char pattern[LIKE_SIZE], single[ID_TEXT_SIZE];
	struct connection_reader reader = { fn, arg };
	struct store_page scoped = *page;
	const char *workspace = filter->workspace_id;
	struct connection_totals totals;
	if (filter->query && !like_pattern(pattern, filter->query))
		return err_field(err, "query", "query must have at most %d bytes", PAGE_KEY_MAX);
	/* A scope of one workspace is served by the indexes that begin with it. */
	if (!workspace && page_scope_single(page->scope, single)) {
		workspace = single;
		scoped.scope = NULL;
	}
	if (read_totals(store, filter, scoped.scope, workspace, &totals, err) < 0)
		return -1;
	struct page_plan plan = plan_of(filter, totals.visible >= WALK_FROM);
	struct page_filter terms = terms_of(filter, workspace, filter->query ? pattern : NULL);
	return page_run(store, &plan, &terms, &scoped, totals.listed, read_connection, &reader, end, err);
}

int store_connection_counts(struct store *store, const char *scope, struct connection_counts *out, struct err *err)
{
	return count_states(store, scope, NULL, out->by_state, err);
}
