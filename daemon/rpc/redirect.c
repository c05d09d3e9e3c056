/* Pasted redirect addresses. */
#include "daemon/rpc/redirect.h"

#include "ipc/base/mem.h"

#include <stdlib.h>
#include <string.h>

int redirect_parse(const char *url, struct query **out, struct err *err)
{
	const char *mark = strchr(url, '?');
	*out = NULL;
	if (mark) {
		char *text = mem_strndup(mark + 1, strcspn(mark + 1, "#"));
		*out = query_parse(text, NULL);
		free(text);
	}
	if (*out && query_get(*out, "state"))
		return 0;
	if (*out)
		query_free(*out);
	*out = NULL;
	return err_field(err, "redirect_url", "redirect_url: expected the whole address, with its state parameter");
}

struct consent_redirect redirect_of(const struct query *query)
{
	return (struct consent_redirect){
		.state = query_get(query, "state"),
		.code = query_get(query, "code"),
		.error = query_get(query, "error"),
		.issuer = query_get(query, "iss"),
	};
}
