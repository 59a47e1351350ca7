/* Stub data out of recorded PDUs, for `ironrpc decode --pdu`. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* What the PDUs say of the stub data. */
struct ir_cli_stub {
    uint32_t n;
    uint16_t opnum; /* of a request */
    bool is_response;
    bool big_endian;
};

/*
 * @bytes[@n] are the PDUs of one request or of one response, headers and all, one after another:
 * their stub data are moved to the front of @bytes. Return: NULL (@ret_stub is filled), or what is
 * wrong with them, static text. [C706] 12.6.4.9, 12.6.4.10
 */
const char *ir_cli_take_stub(uint8_t *bytes, uint32_t n, struct ir_cli_stub *ret_stub);
