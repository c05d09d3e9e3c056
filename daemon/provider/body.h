/* Bodies of provider replies as JSON: looked at before jansson allocates for them, and read without surprises. */
#ifndef DAEMON_PROVIDER_BODY_H
#define DAEMON_PROVIDER_BODY_H

#include "daemon/http/message.h"

#include <jansson.h>

/* Real replies nest six deep; 250 calendars or 50 free/busy calendars over 60 busy days stay under 100 000 values. */
enum { BODY_DEPTH_MAX = 32, BODY_VALUES_MAX = 300000 };

/* The body, if it is one JSON object within those limits and no object in it names a member twice (which of the two counts
 * would be a guess, and for tokens and busy times a dangerous one); else NULL. The caller owns it (json_decref). */
json_t *body_object(const struct http_response *response);
/* A text member; NULL if it is absent, of another type, or holds a NUL. Borrowed from the tree. */
const char *body_text(const json_t *object, const char *key);

#endif
