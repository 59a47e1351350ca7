/*
 * Integers that the user left out: counts, lengths and tags that something else of the same scope
 * determines. They are zero until that something is read.
 */
#include "base/alloc.h"
#include "value_read.h"

struct ir_value_pending {
    void *where; /* NULL: has its value */
    unsigned width;
    const char *name;
};

bool ir_value_add_pending(struct ir_value_call *call, void *where, unsigned width, const char *name)
{
    if (call->n_pending == call->cap_pending) {
        size_t cap = call->cap_pending == 0 ? 16 : call->cap_pending * 2;
        void *p = ir_realloc(call->pending, cap * sizeof(*call->pending));

        if (p == NULL) {
            return ir_value_fail(call, "out of memory");
        }
        call->pending = p;
        call->cap_pending = cap;
    }
    call->pending[call->n_pending++] = (struct ir_value_pending){where, width, name};
    return true;
}

static bool take_pending(struct ir_value_call *call, const void *where)
{
    for (size_t i = call->n_pending; i > 0; i--) {
        if (call->pending[i - 1].where == where) {
            call->pending[i - 1].where = NULL;
            return true;
        }
    }
    return false;
}

static bool is_pending(const struct ir_value_call *call, const void *where)
{
    for (size_t i = 0; i < call->n_pending; i++) {
        if (call->pending[i].where == where) {
            return true;
        }
    }
    return false;
}

bool ir_value_all_given(struct ir_value_call *call, size_t from)
{
    bool good = true;

    for (size_t i = from; i < call->n_pending && good; i++) {
        if (call->pending[i].where != NULL) {
            size_t at = ir_value_push_name(call, call->pending[i].name);
            good = ir_value_fail(call, "is missing, and nothing else says what it has to be");
            ir_value_pop(call, at);
        }
    }
    call->n_pending = from;
    return good;
}

/* Whether @expr is @want, after giving the integer that it reads its value if that is pending. */
bool ir_value_satisfy(struct ir_value_call *call, uint32_t expr, int64_t want, void *scope)
{
    void *where = NULL;
    unsigned width = 0;
    int64_t value = 0;

    if (ir_value_solve(call->unit, expr, scope, want, &where, &width, &value) &&
        is_pending(call, where)) {
        ir_value_store(where, width, value);
        if (ir_value_eval(call->unit, expr, scope) != want) {
            ir_value_store(where, width, 0);
            return false;
        }
        (void)take_pending(call, where);
        return true;
    }
    return ir_value_eval(call->unit, expr, scope) == want;
}

/* Whether @expr reads an integer that the user did not give. */
bool ir_value_is_open(const struct ir_value_call *call, uint32_t expr, void *scope)
{
    void *where = NULL;
    unsigned width = 0;
    int64_t value = 0;

    return ir_value_solve(call->unit, expr, scope, 0, &where, &width, &value) &&
           is_pending(call, where);
}
