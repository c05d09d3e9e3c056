/* A store in a directory of its own, with a clock and randomness that the test holds, and short ways to fill it.
 * Everything here fails the cmocka test that called it. */
#ifndef TESTS_SUPPORT_STORE_FIXTURE_H
#define TESTS_SUPPORT_STORE_FIXTURE_H

#include "store/connections.h"
#include "store/records.h"
#include "store/store.h"

#define FIXTURE_NOW INT64_C(1800000000000)

struct store_fixture {
	char directory[64];
	struct store *store;
	int64_t now;   /* what the clock says */
	uint64_t seed; /* of the ids */
	struct clock clock;
	struct rng rng;
};

/* Makes the directory and opens the store. */
void store_fixture_open(struct store_fixture *fixture);
/* As above without opening, for tests of store_open. */
void store_fixture_prepare(struct store_fixture *fixture);
int store_fixture_try(struct store_fixture *fixture, struct err *err);
void store_fixture_reopen(struct store_fixture *fixture);
/* Closes what is open and removes the directory. */
void store_fixture_close(struct store_fixture *fixture);
void store_fixture_path(const struct store_fixture *fixture, const char *name, char out[128]);

/* Run one SQL statement on the closed file, as somebody with another tool would; text (may be NULL) gets the first value. */
void store_fixture_sql(const struct store_fixture *fixture, const char *sql, char *text, size_t size);

void store_fixture_commit(struct store_fixture *fixture);
void store_fixture_workspace(struct store_fixture *fixture, const char *slug, char id[ID_TEXT_SIZE]);
void store_fixture_user(struct store_fixture *fixture, const char *workspace_id, const char *email, char id[ID_TEXT_SIZE]);
void store_fixture_grant(struct store_fixture *fixture, const char *subject, char id[ID_TEXT_SIZE]);
/* With a grant of its own; the e-mail is also the subject. */
void store_fixture_connection(struct store_fixture *fixture, const char *workspace_id, const char *email,
                              char id[ID_TEXT_SIZE]);

/* A digest that is none: it only has to tell texts apart. */
void store_fixture_digest(uint8_t out[STORE_DIGEST_SIZE], const void *bytes, size_t len);

#endif
