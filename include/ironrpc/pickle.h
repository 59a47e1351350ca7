/*
 * Pickling: values of IDL types as bytes in files and other protocols (Kerberos PACs, for example),
 * [MS-RPCE] 2.2.6 and 2.2.7. For each typedef T with [encode] or [decode] (in the IDL or its ACF)
 * ironidl makes INTERFACE_T_encode() and INTERFACE_T_decode(), which end here.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef IRONRPC_PICKLE_H
#define IRONRPC_PICKLE_H

#include <ironrpc/stub.h>

#ifdef __cplusplus
extern "C" {
#endif

enum irpc_pickle_form {
    IRPC_PICKLE_V1 = 1,      /* type serialization version 1: NDR 2.0 */
    IRPC_PICKLE_V2 = 2,      /* version 2, NDR 2.0 */
    IRPC_PICKLE_V2_NDR64 = 3 /* version 2, NDR64 */
};

/** struct irpc_pickle - a series of values as bytes. One thread at a time. */
struct irpc_pickle;

/**
 * irpc_pickle_new() - an empty one, to put values into.
 * Return: IRPC_OK (free with irpc_pickle_free()), IRPC_INVALID_ARG (@form), IRPC_NO_MEMORY.
 */
IRPC_API IRPC_CHECKED irpc_pickle_new(enum irpc_pickle_form form, struct irpc_pickle **ret_pickle);

/**
 * irpc_pickle_open() - read values from @bytes, borrowed for as long as the pickle lives. The form
 * and byte order are in the bytes.
 * Return: IRPC_OK, IRPC_BAD_STUB_DATA (the common header is none), IRPC_NO_MEMORY.
 */
IRPC_API IRPC_CHECKED irpc_pickle_open(struct irpc_span bytes, struct irpc_pickle **ret_pickle);

/** irpc_pickle_free() - and all values that were read from it. NULL is fine. */
IRPC_API void irpc_pickle_free(struct irpc_pickle *pickle);

/** irpc_pickle_bytes() - what was put so far; until the next put, or irpc_pickle_free(). */
IRPC_API struct irpc_span irpc_pickle_bytes(const struct irpc_pickle *pickle);

/**
 * irpc_pickle_put() - append @value, of serializable type @number (from 0) of @interface. All
 * values of a version 2 pickle are of one interface.
 * Return: IRPC_OK; IRPC_CONTRACT_MISMATCH; IRPC_INVALID_ARG (no such type, or the pickle is one to
 * read); IRPC_NULL_REF_POINTER, IRPC_INVALID_TAG, IRPC_INVALID_BOUND for values that cannot be
 * sent; IRPC_LIMIT, IRPC_NO_MEMORY. After a failure the pickle is as before.
 */
IRPC_API IRPC_CHECKED irpc_pickle_put(struct irpc_pickle *pickle,
                                      const struct irpc_interface *interface, uint32_t number,
                                      const void *value);

/**
 * irpc_pickle_get() - read the next value, which belongs to the pickle; the checks are those of
 * calls, and memory is bounded as for calls.
 * Return: IRPC_OK; IRPC_CONTRACT_MISMATCH; IRPC_INVALID_ARG; IRPC_NOT_FOUND (no more values); for
 * bad data IRPC_BAD_STUB_DATA, IRPC_INVALID_TAG, IRPC_INVALID_BOUND, IRPC_NULL_REF_POINTER,
 * IRPC_LIMIT; IRPC_NO_MEMORY.
 */
IRPC_API IRPC_CHECKED irpc_pickle_get(struct irpc_pickle *pickle,
                                      const struct irpc_interface *interface, uint32_t number,
                                      void **ret_value);

#ifdef __cplusplus
}
#endif
#endif
