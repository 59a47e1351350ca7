/* Sources in memory for the tests of the IDL compiler, and what it said about them. */
#pragma once

#include <stdio.h>
#include <string.h>

#include "base/alloc.h"
#include "idl/idl.h"
#include "ir_test.h"

struct memory_file {
    const char *path;
    const char *text;
    size_t len; /* 0: strlen */
};

struct memory {
    const struct memory_file *files; /* ends with a NULL path */
    char said[8192];
};

static inline bool memory_read(void *ctx, const char *path, char **ret, size_t *ret_len)
{
    const struct memory *m = ctx;
    for (const struct memory_file *f = m->files; f->path; f++) {
        if (strcmp(f->path, path) == 0) {
            size_t n = f->len ? f->len : strlen(f->text);
            *ret = ir_alloc(n + 1);
            if (!*ret) {
                return false;
            }
            memcpy(*ret, f->text, n);
            *ret_len = n;
            return true;
        }
    }
    return false;
}

static inline void memory_say(void *ctx, const char *text)
{
    struct memory *m = ctx;
    size_t used = strlen(m->said);
    snprintf(m->said + used, sizeof(m->said) - used, "%s", text);
}

/* Compiles the first file; the messages are in m->said. */
static inline enum irpc_status memory_compile(struct memory *m, struct ir_idl_unit **ret)
{
    struct ir_idl_io io = {memory_read, m};
    struct ir_idl_options options = {
        .io = &io,
        .on_message = memory_say,
        .message_ctx = m,
        .memory_limit = 16u << 20,
    };
    return ir_idl_compile(m->files[0].path, &options, ret);
}

#define MEMORY(...)                           \
    {                                         \
        .files = (const struct memory_file[]) \
        {                                     \
            __VA_ARGS__,                      \
            {                                 \
                NULL, NULL, 0                 \
            }                                 \
        }                                     \
    }

/* The one interface of a source that must compile. */
static inline const struct irpc_interface *memory_interface(struct memory *m,
                                                            struct ir_idl_unit **ret)
{
    enum irpc_status status = memory_compile(m, ret);
    if (status != IRPC_OK) {
        IR_FAIL("%s", m->said);
    }
    IR_ASSERT_EQ(ir_idl_unit_n_interfaces(*ret), 1);
    return ir_idl_unit_interface(*ret, 0);
}
