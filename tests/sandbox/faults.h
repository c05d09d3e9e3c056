/* Fault rules: which requests go wrong, and how. */
#ifndef TESTS_SANDBOX_FAULTS_H
#define TESTS_SANDBOX_FAULTS_H

#include <stddef.h>
#include <stdint.h>

#include <jansson.h>

struct faults;

/* The parts of a request a rule can look at; NULL where there is none. */
struct faults_subject {
	const char *path; /* decoded */
	const char *method;
	const char *account; /* e-mail */
	const char *grant_type;
};

struct faults *faults_new(void);

void faults_free(struct faults *faults);

/*
 * Adds the rule in `rule`. Its id (given or made) is in *id, alive as long as the rule. NULL, or what is wrong, naming
 * the field; the caller frees that.
 */
char *faults_add(struct faults *faults, const json_t *rule, const char **id);

/* Removes the rule of that id, or all with NULL; how many went. */
size_t faults_clear(struct faults *faults, const char *id);

/* The action of the first rule that fires for this request, alive until the rules change; or NULL. *id names the rule. */
const json_t *faults_fire(struct faults *faults, const struct faults_subject *subject, const char **id);

/* How often rules fired since the start or faults_reset(). */
uint64_t faults_fired(const struct faults *faults);

/* id → times fired, of the rules there are. */
json_t *faults_report(const struct faults *faults);

/* No rules, no counts. */
void faults_reset(struct faults *faults);

#endif
