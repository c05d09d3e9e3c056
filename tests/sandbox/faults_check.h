/* Whether a fault rule is well-formed. */
#ifndef TESTS_SANDBOX_FAULTS_CHECK_H
#define TESTS_SANDBOX_FAULTS_CHECK_H

#include <jansson.h>

/* NULL, or what is wrong, naming the field; the caller frees it. */
char *faults_check_rule(const json_t *rule);

#endif
