/* The filters that rpcgen would make. XDR's optional data is a flag and the value. */
#include "ndr_xdr.h"

#include <rpc/rpc.h>

#define MAX_NAME 4096u
#define MAX_RECORDS (1u << 20)

static bool_t xdr_name(XDR *xdrs, char **name)
{
    bool_t more = *name != NULL;

    if (!xdr_bool(xdrs, &more)) {
        return FALSE;
    }
    if (!more) {
        *name = NULL;
        return TRUE;
    }
    return xdr_string(xdrs, name, MAX_NAME);
}

static bool_t xdr_record(XDR *xdrs, bench_record *r)
{
    return xdr_uint32_t(xdrs, &r->id) && xdr_uint64_t(xdrs, &r->size) &&
           xdr_double(xdrs, &r->ratio) && xdr_name(xdrs, &r->name);
}

static bool_t xdr_records(XDR *xdrs, char **r, uint32_t *n)
{
    return xdr_array(xdrs, r, n, MAX_RECORDS, sizeof(bench_record), (xdrproc_t)xdr_record);
}

size_t xdr_encode_records(const bench_record *r, uint32_t n, uint8_t *buf, size_t cap)
{
    XDR xdrs;
    char *p = (char *)(uintptr_t)r;

    xdrmem_create(&xdrs, (char *)buf, (u_int)cap, XDR_ENCODE);
    return xdr_records(&xdrs, &p, &n) ? xdr_getpos(&xdrs) : 0;
}

bool xdr_decode_records(const uint8_t *buf, size_t len)
{
    XDR xdrs;
    char *p = NULL;
    uint32_t n = 0;

    xdrmem_create(&xdrs, (char *)(uintptr_t)buf, (u_int)len, XDR_DECODE);
    bool good = xdr_records(&xdrs, &p, &n);
    xdrs.x_op = XDR_FREE;
    return xdr_records(&xdrs, &p, &n) && good;
}
