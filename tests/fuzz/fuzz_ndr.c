/*
 * The NDR interpreter over the tables of our interfaces and of one that has everything.
 * Byte 0 chooses the interface, 1 the operation, 2 syntax (bit 0) and byte order (bit 1), 3 the
 * length of the request; the reply follows. Property: what decodes encodes, and stays as it is.
 */
#include "epm.h"
#include "mgmt.h"
#include "ndr_all.h"
#include "ndr_fuzz.h"
#include "rpcecho.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static const struct irpc_interface *const interfaces[] = {
        &ndr_all_v1_0_interface, &rpcecho_v1_0_interface, &epm_v3_0_interface,
        &mgmt_v1_0_interface};
    static bool checked;
    const char *why = NULL;

    for (unsigned i = 0; i < 4 && !checked; i++) {
        ndr_fuzz_check(ir_ndr_unit_check(interfaces[i]->unit, &why) == IRPC_OK);
    }
    checked = true;
    if (n < 4) {
        return 0;
    }
    const struct irpc_ndr_unit *unit = interfaces[data[0] % 4]->unit;
    size_t n_in = data[3] < n - 4 ? data[3] : n - 4;
    ndr_fuzz_call(unit, data[1] % unit->n_ops, data[2] & 1 ? IRPC_NDR64 : IRPC_NDR20,
                  (data[2] & 2) != 0, data + 4, n_in, n - 4);
    return 0;
}
