/* Shared declarations of the perf side. */
#ifndef EVENT_H
#define EVENT_H

#include <linux/perf_event.h>

#include "rec.h"

#define MAX_EVENTS	512
#define MAX_VALUES	256	/* of one read(2) */
#define PAGE		4096

struct event {
	char name[16];
	int fd;
	bool open;
	struct perf_event_attr attr;
	uint64_t id;
	void *map;
	size_t map_len;
};
extern struct event events[MAX_EVENTS];
extern int n_events;

int sys_perf_event_open(struct perf_event_attr *attr, pid_t pid, int cpu,
			int group, unsigned long flags);
struct event *event_arg(const struct args *a);	/* NULL if there is none */

/* attr.c */
void attr_apply(struct perf_event_attr *attr, const struct args *a);
void j_attr(const struct perf_event_attr *attr);

/* count.c */
bool op_read(const struct args *a);
void perf_counts(void);

#endif
