/* Inside the store: lists by keyset. A page is the rows after the cursor in the total order (key, id); the text of the query
 * is put together from the filters in use, so that each has the indexes it needs. */
#ifndef STORE_PAGE_H
#define STORE_PAGE_H

#include "store/stmt.h"
#include "store/store.h"

#define PAGE_KEY_MAX 254 /* the longest text to sort by: that of an e-mail address (RFC 5321 section 4.5.3.1.3) */
#define PAGE_TERMS_MAX 12

enum page_key { PAGE_KEY_NONE, PAGE_KEY_TEXT, PAGE_KEY_NUMBER };

/* Everything here is constant text; columns are in SQL, names are of the result. */
struct page_plan {
	char kind;                        /* of the list and its order: a cursor of another kind is refused */
	const char *select, *from;        /* "SELECT …", " FROM …" */
	const char *id_column, *id_name;  /* id_name NULL: the key alone is unique (a number) */
	const char *key_column, *key_name; /* NULL with PAGE_KEY_NONE */
	enum page_key key;
	bool descending;
	const char *scope_column;         /* the workspace id */
	bool walk;                        /* there is much: walk the order rather than sort; page_run finds out by itself */
};

struct page_term {
	const char *sql, *name; /* " AND c.x = :x", ":x"; name NULL: nothing to bind */
	const char *walk;       /* what stands for sql when the order is walked (page_plan), NULL: the same */
	const char *text;       /* NULL: the number is meant */
	int64_t number;
};

struct page_filter {
	struct page_term terms[PAGE_TERMS_MAX];
	size_t count;
};

/* Add a condition; nothing when text is NULL. The texts are borrowed until the list is over. */
void page_filter_text(struct page_filter *filter, const char *sql, const char *name, const char *text);
void page_filter_number(struct page_filter *filter, const char *sql, const char *name, int64_t number);

/* Called for each row, with the statement on it. */
typedef void page_row_fn(void *arg, struct stmt *stmt);

/* The statement of `select`, plan->from and the conditions, then `rest`; bound but for what `rest` has. */
struct stmt *page_query(struct store *store, const char *select, const struct page_plan *plan,
                        const struct page_filter *filter, const char *scope, const char *rest, struct err *err);

/* Run the list. end->has_total and total are set by a count, unless known_total >= 0. */
int page_run(struct store *store, const struct page_plan *plan, const struct page_filter *filter,
             const struct store_page *page, int64_t known_total, page_row_fn *fn, void *arg, struct store_page_end *end,
             struct err *err);

/* The one workspace id in a scope such as ["0191…"], copied out; false if there is not exactly one. */
bool page_scope_single(const char *scope, char out[ID_TEXT_SIZE]);

#endif
