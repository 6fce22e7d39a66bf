/*
 * attr.c - struct perf_event_attr: set from a script line, and written.
 */
#define _GNU_SOURCE
#include <linux/hw_breakpoint.h>
#include <stdlib.h>
#include <string.h>

#include "event.h"

static const struct bit {
	const char *name;
	uint64_t value;
} sample_bits[] = {
	{ "ip", PERF_SAMPLE_IP }, { "tid", PERF_SAMPLE_TID },
	{ "addr", PERF_SAMPLE_ADDR }, { "cpu", PERF_SAMPLE_CPU },
	{ "period", PERF_SAMPLE_PERIOD }, { NULL, 0 },
}, read_bits[] = {
	{ "enabled", PERF_FORMAT_TOTAL_TIME_ENABLED },
	{ "running", PERF_FORMAT_TOTAL_TIME_RUNNING },
	{ "id", PERF_FORMAT_ID }, { "group", PERF_FORMAT_GROUP },
	{ "lost", PERF_FORMAT_LOST }, { NULL, 0 },
};

/* The attr's one-bit flags; X(name) */
#define FLAGS X(disabled) X(inherit) X(pinned) X(exclusive) X(exclude_user) \
	X(exclude_kernel) X(exclude_hv) X(exclude_idle) X(freq) X(inherit_stat) \
	X(enable_on_exec) X(task) X(watermark) X(exclude_host) X(exclude_guest) \
	X(write_backward) X(inherit_thread) X(remove_on_exec) X(sigtrap)

static bool in_list(const char *list, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = list; p && *p;) {
		const char *comma = strchr(p, ',');
		size_t len = comma ? (size_t)(comma - p) : strlen(p);
		if (len == n && !strncmp(p, word, n))
			return true;
		p = comma ? comma + 1 : NULL;
	}
	return false;
}

static uint64_t bits_of(const struct bit *table, const char *list)
{
	uint64_t v = 0;

	for (; table->name; table++)
		if (in_list(list, table->name))
			v |= table->value;
	return v;
}

static uint64_t bp_type(const char *s)
{
	static const char *names[] = { "0", "R", "W", "RW", "X" };

	for (int i = 0; i < 5; i++)
		if (!strcmp(s, names[i]))
			return i;
	return strtoull(s, NULL, 0);
}

/* Apply the script's settings on top of *attr. */
void attr_apply(struct perf_event_attr *attr, const struct args *a)
{
	const char *on = arg_str(a, "on", ""), *off = arg_str(a, "off", "");

	if (arg_has(a, "attrtype"))
		attr->type = arg_u64(a, "attrtype", 0);
	if (arg_has(a, "type"))
		attr->bp_type = bp_type(arg_str(a, "type", ""));
	attr->bp_addr = arg_u64(a, "addr", attr->bp_addr);
	attr->bp_len = arg_u64(a, "len", attr->bp_len);
	if (arg_has(a, "period"))
		attr->sample_period = arg_u64(a, "period", 0);
	if (arg_has(a, "st"))
		attr->sample_type = bits_of(sample_bits, arg_str(a, "st", ""));
	if (arg_has(a, "rf"))
		attr->read_format = bits_of(read_bits, arg_str(a, "rf", ""));
	if (arg_has(a, "sig_data"))
		attr->sig_data = arg_u64(a, "sig_data", 0);
	if (arg_has(a, "wakeup"))
		attr->wakeup_events = arg_u64(a, "wakeup", 0);
	if (arg_has(a, "precise_ip"))
		attr->precise_ip = arg_u64(a, "precise_ip", 0);
#define X(name) \
	if (in_list(on, #name)) attr->name = 1; \
	if (in_list(off, #name)) attr->name = 0;
	FLAGS
#undef X
}

static void j_list(const char *key, const struct bit *table, uint64_t v)
{
	if (!v)
		return;
	j_open(key, '[');
	for (; table->name; table++)
		if (v & table->value)
			j_str(NULL, table->name);
	j_close(']');
}

void j_attr(const struct perf_event_attr *attr)
{
	j_open("attr", '{');
	if (attr->type != PERF_TYPE_BREAKPOINT)
		j_int("type", attr->type);
	j_int("bp_type", attr->bp_type);
	j_addr("bp_addr", attr->bp_addr);
	j_hex("bp_len", attr->bp_len);
	if (attr->sample_period)
		j_num("sample_period", attr->sample_period);
	j_list("sample_type", sample_bits, attr->sample_type);
	j_list("read_format", read_bits, attr->read_format);
	if (attr->sig_data)
		j_hex("sig_data", attr->sig_data);
	if (attr->wakeup_events)
		j_int("wakeup_events", attr->wakeup_events);
	if (attr->precise_ip)
		j_int("precise_ip", attr->precise_ip);
	j_open("flags", '[');
#define X(name) if (attr->name) j_str(NULL, #name);
	FLAGS
#undef X
	j_close(']');
	j_close('}');
}
