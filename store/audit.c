/* The audit: a chain of hashes. Each hash is the digest of the previous hash and of every column, each preceded by its
 * length, so that no two rows serialise alike. audit_head repeats the last row's number and hash: a chain cut at its end
 * would fit otherwise. */
#include "store/audit.h"

#include "ipc/base/strutil.h"
#include "store/page.h"
#include "store/tick.h"

#include <string.h>

#define HASH_TEXT_SIZE (2 * STORE_DIGEST_SIZE + 1)
#define SELECT_AUDIT                                                                                                \
	"SELECT seq, at, uid, actor, workspace_id, method, object_type, object_id, outcome, reason, details, prev_hash, " \
	"hash"

struct audit_head {
	int64_t seq;
	char hash[HASH_TEXT_SIZE];
};

static void put_number(struct buf *out, int64_t number)
{
	uint8_t bytes[8];
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (uint8_t)((uint64_t)number >> (56 - 8 * i));
	buf_add(out, bytes, sizeof bytes);
}

/* The length, -1 for NULL, and the bytes. */
static void put_text(struct buf *out, const char *text)
{
	put_number(out, text ? (int64_t)strlen(text) : -1);
	if (text)
		buf_add_text(out, text);
}

static void hash_row(struct store *store, const struct audit_row *row, char hash[HASH_TEXT_SIZE])
{
	const char *const texts[] = { row->prev_hash, row->actor,   row->workspace_id, row->method, row->object_type,
		                      row->object_id, row->outcome, row->reason,       row->details };
	uint8_t digest[STORE_DIGEST_SIZE];
	struct buf *out = &store->sql; /* scratch */
	buf_truncate(out, 0);
	put_number(out, row->seq);
	put_number(out, row->at);
	put_number(out, row->uid);
	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++)
		put_text(out, texts[i]);
	store->digest(digest, out->data, out->len);
	str_hex(hash, digest, sizeof digest);
}

static int read_head(struct store *store, struct audit_head *head, struct err *err)
{
	struct stmt *stmt = tick_stmt(store, "SELECT seq, hash FROM audit_head", err);
	if (!stmt || tick_first(store, stmt, "head of the audit", err) < 0)
		return -1;
	head->seq = stmt_int(stmt, "seq");
	(void)str_copy(head->hash, sizeof head->hash, stmt_text(stmt, "hash"));
	stmt_reset(stmt);
	return 0;
}

static int write_head(struct store *store, int64_t seq, const char *hash, struct err *err)
{
	struct stmt *stmt = tick_stmt(store, "UPDATE audit_head SET seq = :seq, hash = :hash", err);
	if (!stmt)
		return -1;
	stmt_bind_int(stmt, ":seq", seq);
	stmt_bind_text(stmt, ":hash", hash);
	return tick_update(store, stmt, "head of the audit", err);
}

static int insert_row(struct store *store, const struct audit_row *row, struct err *err)
{
	struct stmt *stmt = tick_stmt(store,
	                              "INSERT INTO audit (seq, at, uid, actor, workspace_id, method, object_type, object_id, "
	                              "outcome, reason, details, prev_hash, hash) "
	                              "VALUES (:seq, :at, :uid, :actor, :workspace_id, :method, :object_type, :object_id, "
	                              ":outcome, :reason, :details, :prev_hash, :hash)",
	                              err);
	if (!stmt)
		return -1;
	stmt_bind_int(stmt, ":seq", row->seq);
	stmt_bind_int(stmt, ":at", row->at);
	stmt_bind_int(stmt, ":uid", row->uid);
	stmt_bind_text(stmt, ":actor", row->actor);
	stmt_bind_text(stmt, ":workspace_id", row->workspace_id);
	stmt_bind_text(stmt, ":method", row->method);
	stmt_bind_text(stmt, ":object_type", row->object_type);
	stmt_bind_text(stmt, ":object_id", row->object_id);
	stmt_bind_text(stmt, ":outcome", row->outcome);
	stmt_bind_text(stmt, ":reason", row->reason);
	stmt_bind_text(stmt, ":details", row->details);
	stmt_bind_text(stmt, ":prev_hash", row->prev_hash);
	stmt_bind_text(stmt, ":hash", row->hash);
	return tick_insert(store, stmt, "the audit was changed from outside: this row exists", err);
}

int store_audit_append(struct store *store, const struct audit_row *row, struct err *err)
{
	struct audit_head head;
	char hash[HASH_TEXT_SIZE];
	struct audit_row full = *row;
	if (read_head(store, &head, err) < 0)
		return -1;
	full.seq = head.seq + 1;
	full.at = store_now(store);
	full.prev_hash = head.hash;
	hash_row(store, &full, hash);
	full.hash = hash;
	if (insert_row(store, &full, err) < 0)
		return -1;
	return write_head(store, full.seq, hash, err);
}

static struct audit_row row_of(struct stmt *stmt)
{
	return (struct audit_row){
		.seq = stmt_int(stmt, "seq"),
		.at = stmt_int(stmt, "at"),
		.uid = stmt_int(stmt, "uid"),
		.actor = stmt_text(stmt, "actor"),
		.workspace_id = stmt_text(stmt, "workspace_id"),
		.method = stmt_text(stmt, "method"),
		.object_type = stmt_text(stmt, "object_type"),
		.object_id = stmt_text(stmt, "object_id"),
		.outcome = stmt_text(stmt, "outcome"),
		.reason = stmt_text(stmt, "reason"),
		.details = stmt_text(stmt, "details"),
		.prev_hash = stmt_text(stmt, "prev_hash"),
		.hash = stmt_text(stmt, "hash"),
	};
}

struct audit_reader {
	audit_fn *fn;
	void *arg;
};

static void read_audit(void *arg, struct stmt *stmt)
{
	const struct audit_reader *reader = arg;
	const struct audit_row row = row_of(stmt);
	reader->fn(reader->arg, &row);
}

int store_audit_list(struct store *store, const struct store_page *page, const char *workspace_id, const char *object_id,
                     audit_fn *fn, void *arg, struct store_page_end *end, struct err *err)
{
	static const struct page_plan plan = {
		.kind = 'd',
		.select = SELECT_AUDIT,
		.from = " FROM audit",
		.key_column = "seq",
		.key_name = "seq",
		.key = PAGE_KEY_NUMBER,
		.descending = true,
		.scope_column = "workspace_id",
	};
	struct audit_reader reader = { fn, arg };
	struct page_filter filter = { .count = 0 };
	page_filter_text(&filter, " AND workspace_id = :workspace", ":workspace", workspace_id);
	page_filter_text(&filter, " AND object_id = :object", ":object", object_id);
	return page_run(store, &plan, &filter, page, -1, read_audit, &reader, end, err);
}

static bool row_fits(struct store *store, const struct audit_row *row, struct audit_head *last)
{
	char hash[HASH_TEXT_SIZE];
	if (row->seq != last->seq + 1 || !str_equal(row->prev_hash, last->hash))
		return false;
	hash_row(store, row, hash);
	if (!str_equal(row->hash, hash))
		return false;
	last->seq = row->seq;
	memcpy(last->hash, hash, sizeof hash);
	return true;
}

int store_audit_verify(struct store *store, struct err *err)
{
	int got;
	struct audit_head head, last = { .seq = 0 };
	memset(last.hash, '0', HASH_TEXT_SIZE - 1);
	if (read_head(store, &head, err) < 0)
		return -1;
	struct stmt *stmt = tick_stmt(store, SELECT_AUDIT " FROM audit ORDER BY seq", err);
	if (!stmt)
		return -1;
	while ((got = tick_step(store, stmt, err)) > 0) {
		const struct audit_row row = row_of(stmt);
		if (!row_fits(store, &row, &last)) {
			stmt_reset(stmt);
			return err_set(err, ERR_STORE_FAILED, "the audit does not fit at row %lld", (long long)last.seq + 1);
		}
	}
	if (got < 0)
		return -1;
	if (last.seq != head.seq || !str_equal(last.hash, head.hash))
		return err_set(err, ERR_STORE_FAILED, "the audit does not fit at row %lld: it is missing", (long long)last.seq + 1);
	return 0;
}
