/* Google's table of operations, and the URL a person opens. */
#include "daemon/provider/google/google.h"

#include "daemon/provider/google/calendar_list.h"
#include "daemon/provider/google/free_busy.h"
#include "daemon/provider/google/scope_table.h"
#include "daemon/provider/google/token_ops.h"
#include "daemon/provider/google/userinfo.h"
#include "daemon/provider/uri.h"

/* Parameters: PROVIDERS.md 1.2. `offline` and `consent` together make Google send a refresh token every time (trap 3); without
 * `S256` the challenge would be taken as plain. include_granted_scopes is not sent: the token would also carry what the person
 * once granted to the project for something else, so a consent could never be narrowed, and `scope` in the reply would no
 * longer tell what was ticked on this page. */
static void google_authorization_url(const struct provider_config *config, struct buf *out, const char *state,
                                     const char *challenge, const char *login_hint)
{
	buf_add_text(out, config->auth_url);
	uri_add_query(out, "client_id", config->client_id);
	uri_add_query(out, "redirect_uri", config->redirect_uri);
	uri_add_query(out, "response_type", "code");
	uri_add_query(out, "scope", config->scopes);
	uri_add_query(out, "access_type", "offline");
	uri_add_query(out, "prompt", "consent");
	uri_add_query(out, "state", state);
	uri_add_query(out, "code_challenge", challenge);
	uri_add_query(out, "code_challenge_method", "S256");
	if (login_hint && *login_hint)
		uri_add_query(out, "login_hint", login_hint);
}

const struct provider google_provider = {
	.name = "google",
	.authorization_url = google_authorization_url,
	.exchange = google_exchange_new,
	.refresh = google_refresh_new,
	.revoke = google_revoke_new,
	.userinfo = google_userinfo_new,
	.calendar_list = google_calendar_list_new,
	.free_busy = google_free_busy_new,
	.token_result = google_token_result,
	.userinfo_result = google_userinfo_result,
	.calendar_list_result = google_calendar_list_result,
	.free_busy_result = google_free_busy_result,
	.scope_covers = google_scope_covers,
	.scope_feature = google_scope_feature,
	.scope_essential = google_scope_essential,
};
