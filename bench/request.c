/* Requests of the load generator: rpcecho's AddOne and EchoData, in fragments of 5840 bytes. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "load.h"

#define FRAGMENT 5840u
#define HEADER 24u
#define OP_ADD_ONE 0u
#define OP_ECHO_DATA 1u

/* bind, 5840, one context: rpcecho 1.0 with NDR 2.0; first, last, concurrent multiplexing. */
const uint8_t bind_pdu[] = {
    0x05, 0x00, 0x0b, 0x13, 0x10, 0x00, 0x00, 0x00, 0x48, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00,
    0x00, 0xd0, 0x16, 0xd0, 0x16, 0x00, 0x00, 0x00, 0x00, 0x01, 0x00, 0x00, 0x00, 0x00, 0x00,
    0x01, 0x00, 0xc5, 0x5e, 0xa1, 0x60, 0xe8, 0x4d, 0xd7, 0x11, 0xa6, 0x37, 0x00, 0x50, 0x56,
    0xa2, 0x01, 0x82, 0x01, 0x00, 0x00, 0x00, 0x04, 0x5d, 0x88, 0x8a, 0xeb, 0x1c, 0xc9, 0x11,
    0x9f, 0xe8, 0x08, 0x00, 0x2b, 0x10, 0x48, 0x60, 0x02, 0x00, 0x00, 0x00,
};
const size_t bind_pdu_len = sizeof(bind_pdu);

static void put_u16(uint8_t *p, unsigned v)
{
    p[0] = (uint8_t)v;
    p[1] = (uint8_t)(v >> 8);
}

static void put_u32(uint8_t *p, unsigned v)
{
    put_u16(p, v & 0xffffu);
    put_u16(p + 2, v >> 16);
}

/* Stub data in request fragments at @out; returns their length. */
static size_t fragments(uint8_t *out, const uint8_t *stub, size_t stub_len, unsigned opnum,
                        unsigned call_id)
{
    size_t room = (FRAGMENT - HEADER) & ~(size_t)7;
    size_t done = 0;
    uint8_t *p = out;

    do {
        size_t n = stub_len - done < room ? stub_len - done : room;
        bool last = done + n == stub_len;
        memset(p, 0, HEADER);
        p[0] = 5;
        p[3] = (uint8_t)((done == 0 ? 1 : 0) | (last ? 2 : 0));
        p[4] = 0x10;
        put_u16(p + 8, (unsigned)(HEADER + n));
        put_u32(p + 12, call_id);
        put_u32(p + 16, (unsigned)(stub_len - done));
        put_u16(p + 22, opnum);
        memcpy(p + HEADER, stub + done, n);
        p += HEADER + n;
        done += n;
    } while (done < stub_len);
    return (size_t)(p - out);
}

void make_burst(const struct options *options, struct burst *burst)
{
    size_t stub_len = options->size > 0 ? 8u + options->size : 4u;
    uint8_t *stub = calloc(1, stub_len);
    size_t cap = stub_len + (stub_len / (FRAGMENT - HEADER - 8) + 2) * HEADER;

    burst->bytes = calloc(options->depth, cap);
    if (stub == NULL || burst->bytes == NULL) {
        die("memory");
    }
    if (options->size > 0) {
        put_u32(stub, options->size);
        put_u32(stub + 4, options->size);
        for (size_t i = 8; i < stub_len; i++) {
            stub[i] = (uint8_t)i;
        }
    } else {
        put_u32(stub, 41);
    }
    uint8_t *p = burst->bytes;
    for (unsigned i = 0; i < options->depth; i++) {
        burst->len =
            fragments(p, stub, stub_len, options->size > 0 ? OP_ECHO_DATA : OP_ADD_ONE, i + 2);
        p += burst->len;
    }
    burst->reply_len = burst->len; /* of the raw echo; the RPC server's is measured */
    free(stub);
}
