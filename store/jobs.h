/* The job queue and its ledger: what runs by itself, when next and why then, and what came of it.
 *
 * A job is a row for ever: one per (kind, connection), and one per kind without a connection for what concerns the whole daemon.
 * Every run is a row of the ledger; both change in one transaction. connections.next_refresh_at and next_sync_at follow their
 * jobs (by trigger). */
#ifndef STORE_JOBS_H
#define STORE_JOBS_H

#include "store/store.h"

enum job_kind { JOB_TOKEN_REFRESH, JOB_CALENDAR_SYNC, JOB_FULL_SYNC, JOB_CLEANUP, JOB_KIND_COUNT };
const char *job_kind_name(enum job_kind kind);
bool job_kind_parse(const char *name, enum job_kind *out);

enum job_state { JOB_SCHEDULED, JOB_RUNNING, JOB_BACKOFF, JOB_PAUSED };
const char *job_state_name(enum job_state state);

struct job_row {
	const char *id, *connection_id, *workspace_id; /* the last two NULL for the whole daemon */
	enum job_kind kind;
	enum job_state state;
	int64_t interval_ms;          /* set by job.schedule; 0: as configured */
	int64_t next_run_at;
	const char *next_run_why;     /* interval | expiry | backoff | retry_after | manual | consent | recovery | sweep | interrupted */
	int64_t attempts;             /* failures in a row */
	const char *last_result;      /* ok | a reason code | interrupted; NULL before the first run */
	int64_t last_run_at, last_duration_ms;
	int64_t number;               /* row number, for the row-derived spread */
	const char *grant_id;         /* of its connection, NULL without one */
};
typedef void job_fn(void *arg, const struct job_row *row);

/* Made if absent; otherwise moved to `next_run_at` (and out of back-off) unless it runs. The job of a paused connection is made
 * paused, and a paused one stays so. ERR_CONFLICT for a disconnected connection, which has none. */
int store_job_put(struct store *store, enum job_kind kind, const char *connection_id, int64_t next_run_at, const char *why,
                  struct err *err);
int store_job_get(struct store *store, const char *id, job_fn *fn, void *arg, struct err *err);
int store_job_find(struct store *store, enum job_kind kind, const char *connection_id, job_fn *fn, void *arg, struct err *err);
/* A run that is under way becomes interrupted; its history stays. */
int store_job_delete_of_connection(struct store *store, const char *connection_id, struct err *err);
/* paused: they keep their times but are never due; otherwise scheduled again, those past due now.
 * One that runs goes on, and is paused when it ends. */
int store_job_pause_connection(struct store *store, const char *connection_id, bool paused, struct err *err);
int store_job_set_interval(struct store *store, const char *id, int64_t interval_ms, struct err *err);

/* Scheduled or in back-off and due at `now`, earliest first. Cost grows with what is due. */
int store_job_due(struct store *store, int64_t now, int limit, job_fn *fn, void *arg, struct err *err);
int store_job_next(struct store *store, int64_t *at, struct err *err); /* 0: none */
/* The wall clock was set: leases go with it, and when it was put back (delta_ms < 0) all times do. */
int store_job_shift(struct store *store, int64_t delta_ms, struct err *err);

/* To running, with a new run in the ledger; ERR_CONFLICT if it runs. A paused one may be started, too, and is paused again when it
 * ends. lease_until: when a later look may take it for lost. */
int store_job_start(struct store *store, const char *id, int64_t lease_until, const char *cause, char run_id[ID_TEXT_SIZE],
                    struct err *err);
struct job_result {
	bool ok;
	const char *code;             /* reason code of a failure, NULL when ok */
	const char *counts;           /* JSON object for the ledger, NULL: none */
	int64_t duration_ms;
	int64_t next_run_at;
	const char *next_run_why;
	bool backoff;                 /* the state it goes to; attempts count up, else they start over */
};
/* ERR_CONFLICT for a run that is not the job's present one (it was taken for lost), ERR_NOT_FOUND when the job was deleted
 * meanwhile: nothing is written then, and nothing needs to be. */
int store_job_finish(struct store *store, const char *id, const char *run_id, const struct job_result *result, struct err *err);
/* At start: what ran in an earlier life is interrupted, and due at `now`. */
int store_job_interrupt(struct store *store, int64_t now, int64_t *count, struct err *err);
/* Leases that ran out in this life. */
int store_job_expire_leases(struct store *store, int64_t now, int64_t *count, struct err *err);

/* In the order of their numbers. */
struct job_filter {
	int kind;                     /* enum job_kind, -1: any */
	const char *connection_id, *workspace_id;
	int state;                    /* enum job_state, -1: any */
};
int store_job_list(struct store *store, const struct store_page *page, const struct job_filter *filter, job_fn *fn, void *arg,
                   struct store_page_end *end, struct err *err);
struct job_counts {
	int64_t running, queued, late; /* queued: due; late: due for longer than its interval or 15 min */
};
int store_job_counts(struct store *store, int64_t now, struct job_counts *out, struct err *err);
/* Jobs of connections, of this kind, that are past due by more than their interval (`interval_ms` for those without one of their
 * own) and 15 minutes, and not running, paused or in back-off. */
int store_job_overdue(struct store *store, enum job_kind kind, int64_t now, int64_t interval_ms, int limit, job_fn *fn, void *arg,
                      struct err *err);

struct run_row {
	const char *id, *job_id, *connection_id, *workspace_id;
	enum job_kind kind;
	const char *state;            /* running | ok | failed | interrupted */
	const char *cause;            /* next_run_why of its job, or "manual" */
	const char *code, *counts;
	int64_t started_at, ended_at;
};
typedef void run_fn(void *arg, const struct run_row *row);
/* Newest first. kind -1: any. */
int store_run_list(struct store *store, const struct store_page *page, int kind, const char *connection_id, run_fn *fn,
                   void *arg, struct store_page_end *end, struct err *err);
/* When the last of them began, 0: none did. */
int store_run_last(struct store *store, int64_t *started_at, struct err *err);
/* History past its time; at most `limit` rows a call, *deleted tells how many. */
int store_run_delete_before(struct store *store, int64_t before, int limit, int64_t *deleted, struct err *err);

#endif
