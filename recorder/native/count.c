/*
 * count.c - read(2) of events: the op, and every event's own count.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <unistd.h>

#include "event.h"

static const char *event_of_id(uint64_t id)
{
	for (int i = 0; i < n_events; i++)
		if (events[i].open && events[i].id == id)
			return events[i].name;
	return "?";
}

/* read(2) of the event; the number of bytes, or -1 and errno */
int event_read(struct event *ev, uint64_t *v, size_t max)
{
	return read(ev->fd, v, max * sizeof(*v));
}

/*
 * The event's own count in what read(2) returned.  A group read of a sibling
 * starts with its leader, so look for the id (or take the leader's).
 */
uint64_t own_count(const struct event *ev, const uint64_t *v)
{
	uint64_t rf = ev->attr.read_format;
	int i = 1 + !!(rf & PERF_FORMAT_TOTAL_TIME_ENABLED) +
		!!(rf & PERF_FORMAT_TOTAL_TIME_RUNNING);
	int stride = 1 + !!(rf & PERF_FORMAT_ID) + !!(rf & PERF_FORMAT_LOST);

	if (!(rf & PERF_FORMAT_GROUP))
		return v[0];
	if (rf & PERF_FORMAT_ID)
		for (uint64_t k = 0; k < v[0]; k++)
			if (v[i + k * stride + 1] == ev->id)
				return v[i + k * stride];
	return v[i];
}

bool op_read(const struct args *a)
{
	struct event *ev = event_arg(a);
	uint64_t v[256], rf, enabled = 0, running = 0, nr = 1;
	int i = 0, got;

	if (!ev || !ev->open)
		return false;
	got = event_read(ev, v, 256);
	if (got <= 0) {
		j_result(got, errno);	/* 0: end of file, the event is in error state */
		return true;
	}
	rf = ev->attr.read_format;
	j_int("ret", got);
	if (rf & PERF_FORMAT_GROUP)
		nr = v[i++];
	else
		j_int("value", v[i++]);
	if (rf & PERF_FORMAT_TOTAL_TIME_ENABLED)
		enabled = v[i++];
	if (rf & PERF_FORMAT_TOTAL_TIME_RUNNING)
		running = v[i++];
	if (rf & PERF_FORMAT_TOTAL_TIME_ENABLED)
		j_str("enabled", enabled ? ">0" : "0");
	if (rf & PERF_FORMAT_TOTAL_TIME_RUNNING)
		j_str("running", running ? ">0" : "0");
	if ((rf & PERF_FORMAT_TOTAL_TIME_ENABLED) && (rf & PERF_FORMAT_TOTAL_TIME_RUNNING))
		j_str("times", running == enabled ? "running=enabled" :
		      running < enabled ? "running<enabled" : "running>enabled");
	if (!(rf & PERF_FORMAT_GROUP))
		return true;
	j_open("values", '[');
	for (uint64_t k = 0; k < nr; k++) {
		j_open(NULL, '{');
		uint64_t value = v[i++];
		if (rf & PERF_FORMAT_ID)
			j_str("ev", event_of_id(v[i++]));
		j_int("value", value);
		if (rf & PERF_FORMAT_LOST)
			j_int("lost", v[i++]);
		j_close('}');
	}
	j_close(']');
	return true;
}

/* count: { event: its own count, or the error of reading it } */
void perf_counts(void)
{
	uint64_t v[MAX_VALUES];

	j_open("count", '{');
	for (int i = 0; i < n_events; i++) {
		struct event *ev = &events[i];
		if (!ev->open)
			continue;
		int got = event_read(ev, v, MAX_VALUES);
		if (got > 0)
			j_int(ev->name, own_count(ev, v));
		else
			j_str(ev->name, got ? errno_name(errno) : "eof");
	}
	j_close('}');
}
