/* notice.*: being told of changes. */
#include "daemon/rpc/handler.h"
#include "daemon/rpc/notices.h"
#include "ipc/params.h"

static int parse_topics(const struct rpc_call *call, unsigned *topics, struct err *err)
{
	const json_t *names = json_object_get(call->params, "topics");
	size_t i;
	json_t *name;
	json_array_foreach(names, i, name) {
		enum topic topic;
		if (!topic_parse(json_string_value(name), &topic))
			return err_field(err, "topics", "topics: expected workspace, connection, calendar, configuration, job, "
			                                "sync_error or event");
		*topics |= 1u << topic;
	}
	return 0;
}

static struct rpc_answer answer(struct rpc_call *call)
{
	const struct subscriber *subscriber = call->subscriber;
	struct writer *w = rpc_result(call);
	unsigned topics = 0;
	for (size_t i = 0; i < subscriber->filter_count; i++)
		topics |= subscriber->filters[i].topics;
	writer_object(w);
	writer_put_int(w, "seq", subscriber->seq);
	writer_key(w, "topics");
	writer_array(w);
	for (enum topic topic = 0; topic < TOPIC_COUNT; topic++)
		if (topics & 1u << topic)
			writer_text(w, topic_name(topic));
	writer_end(w);
	writer_end(w);
	return rpc_done(call);
}

static struct rpc_answer subscribe(struct rpc_call *call)
{
	unsigned topics = 0;
	struct err err;
	if (parse_topics(call, &topics, &err) || notices_subscribe(call->subscriber, topics, call->workspace_id, &err))
		return rpc_fail(call, &err);
	return answer(call);
}

static struct rpc_answer unsubscribe(struct rpc_call *call)
{
	unsigned topics = 0;
	struct err err;
	if (parse_topics(call, &topics, &err))
		return rpc_fail(call, &err);
	notices_unsubscribe(call->subscriber, topics ? topics : ~0u);
	return answer(call);
}

static const struct rpc_handler rows[] = {
	{ "notice.subscribe", subscribe },
	{ "notice.unsubscribe", unsubscribe },
};
const struct rpc_handlers rpc_notice = RPC_HANDLERS(rows);
