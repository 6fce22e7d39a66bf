/*
 * json.c - one growing line of JSON; commas are placed by themselves.
 */
#define _GNU_SOURCE
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "rec.h"

static char *jbuf;
static size_t jlen, jcap;

static void j_put(const char *s, size_t n)
{
	if (jlen + n + 1 > jcap) {
		jcap = (jlen + n + 1) * 2;
		jbuf = realloc(jbuf, jcap);
		if (!jbuf)
			die("realloc");
	}
	memcpy(jbuf + jlen, s, n);
	jlen += n;
	jbuf[jlen] = 0;
}

static void j_fmt(const char *fmt, ...)
{
	char tmp[128];
	va_list ap;

	va_start(ap, fmt);
	int n = vsnprintf(tmp, sizeof(tmp), fmt, ap);
	va_end(ap);
	j_put(tmp, n);
}

static void j_key(const char *key)
{
	char last = jlen ? jbuf[jlen - 1] : 0;

	if (last && last != '{' && last != '[')
		j_put(",", 1);
	if (key)
		j_fmt("\"%s\":", key);
}

void j_open(const char *key, char bracket)
{
	j_key(key);
	j_put(&bracket, 1);
}

void j_close(char bracket)
{
	j_put(&bracket, 1);
}

void j_str(const char *key, const char *value)
{
	j_key(key);
	j_put("\"", 1);
	for (; *value; value++) {
		if (*value == '"' || *value == '\\')
			j_put("\\", 1);
		j_put(value, 1);
	}
	j_put("\"", 1);
}

void j_int(const char *key, long long value)
{
	j_key(key);
	j_fmt("%lld", value);
}

void j_hex(const char *key, uint64_t value)
{
	j_key(key);
	j_fmt("\"0x%llx\"", (unsigned long long)value);
}

/* A count: decimal, or a hex string where a double would lose digits. */
void j_num(const char *key, uint64_t value)
{
	if (value >> 53)
		j_hex(key, value);
	else
		j_int(key, value);
}

void j_bool(const char *key, bool value)
{
	j_key(key);
	j_fmt(value ? "true" : "false");
}

void j_result(long ret, int err)
{
	j_int("ret", ret);
	if (ret < 0)
		j_str("errno", errno_name(err));
}

void j_flush(void)
{
	j_put("\n", 1);
	for (size_t off = 0; off < jlen;) {
		ssize_t n = write(STDOUT_FILENO, jbuf + off, jlen - off);
		if (n < 0)
			die("write");
		off += n;
	}
	jlen = 0;
}

const char *errno_name(int err)
{
	const char *name = strerrorname_np(err);

	return name ? name : "E?";
}

/* Where the line ends now, and back to there: for a step that is left out. */
size_t j_mark(void)
{
	return jlen;
}

void j_back(size_t mark)
{
	jlen = mark;
	jbuf[jlen] = 0;
}
