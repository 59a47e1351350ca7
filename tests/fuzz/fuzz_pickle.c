/*
 * Serialized values. Byte 0 chooses the type of each value (its own bits, again and again), the
 * rest is what irpc_pickle_open() gets. Property: what is read can be written in every form; that
 * is read again, and written again it is the same. Reading ends, with a status that is documented.
 */
#include <stdlib.h>
#include <string.h>

#include <ironrpc/pickle.h>

#include "ndr_all.h"

#define VALUES 64u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

static void check(bool ok)
{
    if (!ok) {
        abort();
    }
}

static uint32_t number_of(uint8_t choice, uint32_t i)
{
    return (uint32_t)(choice >> i % 4) % ndr_all_v1_0_interface.unit->n_pickles;
}

/* Copy values from @in to a new pickle. Returns their number. */
static uint32_t copy(struct irpc_pickle *in, uint8_t choice, enum irpc_pickle_form form,
                     struct irpc_pickle **ret_out)
{
    uint32_t i = 0;

    check(irpc_pickle_new(form, ret_out) == IRPC_OK);
    for (; i < VALUES; i++) {
        void *value = NULL;
        uint32_t number = number_of(choice, i);
        enum irpc_status st = irpc_pickle_get(in, &ndr_all_v1_0_interface, number, &value);

        if (st != IRPC_OK) {
            check(st == IRPC_NOT_FOUND || st == IRPC_BAD_STUB_DATA || st == IRPC_INVALID_TAG ||
                  st == IRPC_INVALID_BOUND || st == IRPC_NULL_REF_POINTER || st == IRPC_LIMIT ||
                  st == IRPC_NO_MEMORY);
            break;
        }
        check(irpc_pickle_put(*ret_out, &ndr_all_v1_0_interface, number, value) == IRPC_OK);
    }
    return i;
}

static void one_form(struct irpc_span bytes, uint8_t choice, enum irpc_pickle_form form)
{
    struct irpc_pickle *in = NULL, *out = NULL, *in2 = NULL, *out2 = NULL;

    if (irpc_pickle_open(bytes, &in) != IRPC_OK) {
        return;
    }
    uint32_t n = copy(in, choice, form, &out);
    struct irpc_span first = irpc_pickle_bytes(out);
    if (n > 0) {
        check(irpc_pickle_open(first, &in2) == IRPC_OK);
        uint32_t n2 = copy(in2, choice, form, &out2);
        struct irpc_span second = irpc_pickle_bytes(out2);
        /* Memory and elements are limited by length: another form may not have enough. */
        check(second.len <= first.len && memcmp(first.p, second.p, second.len) == 0);
        check(n2 == n ? second.len == first.len : n2 < n);
    }
    irpc_pickle_free(out2);
    irpc_pickle_free(in2);
    irpc_pickle_free(out);
    irpc_pickle_free(in);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n > 0) {
        for (int form = IRPC_PICKLE_V1; form <= IRPC_PICKLE_V2_NDR64; form++) {
            one_form((struct irpc_span){data + 1, n - 1}, data[0], (enum irpc_pickle_form)form);
        }
    }
    return 0;
}
