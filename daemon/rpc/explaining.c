/* Explanations. */
#include "daemon/rpc/explaining.h"

#include "daemon/health_read.h"
#include "daemon/health_texts.h"
#include "daemon/rpc/object_parts.h"
#include "ipc/base/strutil.h"
#include "store/timeline.h"

/* A paused connection is left alone, so that its pause is among the last that happened to it. */
enum { PAUSER_WITHIN = 50 };

/* "a and b" */
static void join_conditions(struct buf *out, const char *const *conditions, size_t count)
{
	for (size_t i = 0; i < count; i++)
		buf_printf(out, "%s%s", i > 0 ? " and " : "", conditions[i]);
}

/* The whole of it in one sentence. */
static void summary_write(struct writer *w, const struct health_explanation *why)
{
	struct buf text = { 0 };
	if (why->condition_count == 0) {
		buf_add_text(&text, "Nothing is wrong.");
	} else {
		buf_add_text(&text, "It would be connected if ");
		join_conditions(&text, why->conditions, why->condition_count);
		buf_add_char(&text, '.');
	}
	writer_put_text(w, "summary", buf_text(&text));
	buf_free(&text);
}

/* {"state":…,"if":"a and b"}, `if` null when nothing need happen. */
static void would_be_write(struct writer *w, enum connection_state state, const char *const *conditions, size_t count)
{
	struct buf text = { 0 };
	join_conditions(&text, conditions, count);
	writer_key(w, "would_be");
	writer_object(w);
	writer_put_text(w, "state", connection_state_name(state));
	writer_put_text(w, "if", count > 0 ? buf_text(&text) : NULL);
	writer_end(w);
	buf_free(&text);
}

static void evidence_write(struct writer *w, const struct health_reason *reason)
{
	writer_key(w, "evidence");
	writer_object(w);
	writer_put_text(w, "operation", reason->operation);
	provider_answer_write(w, reason->provider_status, reason->provider_reason);
	writer_put_int(w, "count", reason->count);
	writer_put_time(w, "first_at", reason->first_at);
	writer_put_time(w, "last_at", reason->last_at);
	writer_end(w);
}

static void finding_write(struct writer *w, const struct health_finding *finding, const struct connection_row *row)
{
	writer_object(w);
	reason_members(w, &finding->reason, row);
	reason_state_write(w, finding->state);
	evidence_write(w, &finding->reason);
	would_be_write(w, finding->would_be, &finding->condition, 1);
	writer_end(w);
}

static void next_write(struct writer *w, const struct health_next *next)
{
	writer_object(w);
	writer_put_text(w, "what", next->what);
	writer_put_time(w, "at", next->at);
	writer_put_text(w, "why", next->why);
	writer_put_text(w, "text", health_why_text(next->why));
	writer_end(w);
}

/* Who paused it, as its timeline tells. */
struct pauser {
	char actor[128];
	bool found;
};

static void take_pauser(void *arg, const struct timeline_row *row)
{
	struct pauser *pauser = arg;
	if (pauser->found || !str_equal(row->kind, "paused"))
		return;
	pauser->found = true;
	(void)str_copy(pauser->actor, sizeof pauser->actor, row->actor ? row->actor : "");
}

static void pause_write(struct writer *w, struct store *store, const struct connection_row *row)
{
	const struct store_page page = { .limit = PAUSER_WITHIN };
	struct store_page_end end;
	struct pauser pauser = { .found = false };
	struct err ignored; /* a store that fails here fails the whole tick */
	writer_key(w, "pause");
	if (row->paused_at == 0) {
		writer_null(w);
		return;
	}
	(void)store_timeline_list(store, &page, row->id, take_pauser, &pauser, &end, &ignored);
	writer_object(w);
	writer_put_time(w, "at", row->paused_at);
	writer_put_time(w, "until", row->paused_until);
	writer_put_text(w, "by", pauser.actor[0] ? pauser.actor : NULL);
	writer_put_text(w, "reason", row->paused_reason);
	writer_end(w);
}

static void explanation_members(struct writer *w, struct store *store, const struct health_explanation *why,
                                const struct connection_row *row)
{
	writer_object(w);
	writer_put_text(w, "id", row->id);
	writer_put_text(w, "state", connection_state_name(why->state));
	writer_put_time(w, "since", row->since);
	summary_write(w, why);
	writer_key(w, "reasons");
	writer_array(w);
	for (size_t i = 0; i < why->count; i++)
		finding_write(w, &why->findings[i], row);
	writer_end(w);
	would_be_write(w, STATE_CONNECTED, why->conditions, why->condition_count);
	writer_key(w, "next");
	writer_array(w);
	for (size_t i = 0; i < why->next_count; i++)
		next_write(w, &why->next[i]);
	writer_end(w);
	writer_key(w, "action");
	action_write(w, why->action_method, why->action_label, row);
	pause_write(w, store, row);
	writer_put_time(w, "disconnected_at", row->disconnected_at);
	writer_end(w);
}

int explanation_write(struct writer *w, struct store *store, const struct connection_row *row, int64_t trash_ms, struct err *err)
{
	struct health_facts facts = { .text_count = 0 };
	struct health_explanation why;
	int status = health_read(store, row, &facts, err);
	if (status == 0)
		status = health_read_next(store, row, trash_ms, &facts, err);
	if (status == 0) {
		health_explain(&facts.record, &why);
		explanation_members(w, store, &why, row);
	}
	health_facts_clear(&facts);
	return status;
}
