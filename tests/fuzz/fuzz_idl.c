/* The IDL compiler: any source ends in tables and C text, or in messages; never in a crash, a hang
 * or more memory than the limit. Whatever compiles must compile again, to the same text, and its
 * tables must satisfy the runtime's checks. What follows a Ctrl-Z, which ends a DOS text, is the
 * ACF.  check: N21 */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "base/alloc.h"
#include "idl/idl.h"
#include "ndr/ndr.h"

struct source {
    const uint8_t *p;
    size_t n;
};

static bool read_source(void *ctx, const char *path, char **ret, size_t *ret_len)
{
    struct source s = *(const struct source *)ctx;
    const uint8_t *end = s.n ? memchr(s.p, 0x1a, s.n) : NULL;
    bool is_idl = strcmp(path, "x.idl") == 0 || strcmp(path, "y.idl") == 0;
    if (!is_idl && end && strcmp(path, "x.acf") == 0) {
        s.n -= (size_t)(end + 1 - s.p);
        s.p = end + 1;
    } else if (!is_idl) {
        return false;
    }
    *ret = ir_alloc(s.n + 1);
    if (*ret) {
        memcpy(*ret, s.p, s.n);
        *ret_len = s.n;
    }
    return *ret != NULL;
}

static void say(void *ctx, const char *text)
{
    *(size_t *)ctx += strlen(text);
}

static struct ir_idl_text compile(const struct source *source)
{
    struct source copy = *source;
    struct ir_idl_io io = {read_source, &copy};
    size_t said = 0;
    struct ir_idl_options options = {
        .io = &io, .memory_limit = 16u << 20, .on_message = say, .message_ctx = &said};
    struct ir_idl_unit *unit = NULL;
    struct ir_idl_text text;
    ir_idl_text_init(&text);
    enum irpc_status status = ir_idl_compile("x.idl", &options, &unit);
    assert((status == IRPC_OK) == (unit != NULL));
    assert(status != IRPC_INVALID_ARG || said > 0);
    for (size_t i = 0; unit && i < ir_idl_unit_n_interfaces(unit); i++) {
        const char *why = NULL;
        status = ir_ndr_unit_check(ir_idl_unit_interface(unit, i)->unit, &why);
        assert(status == IRPC_OK);
    }
    for (int what = IR_IDL_OUT_HEADER; unit && what <= IR_IDL_OUT_JSON; what++) {
        ir_idl_emit(unit, (enum ir_idl_output)what, "x.h", &text);
    }
    ir_idl_unit_free(unit);
    return text;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct source source = {data, size};
    struct ir_idl_text first = compile(&source);
    struct ir_idl_text second = compile(&source);
    assert(first.n == second.n && (first.n == 0 || memcmp(first.p, second.p, first.n) == 0));
    ir_idl_text_deinit(&first);
    ir_idl_text_deinit(&second);
    return 0;
}
