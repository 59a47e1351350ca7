/*
 * A connection of either role under a stream of bytes: however the stream is cut, events and output
 * are the same; every call can be answered; nothing leaks. check: H15 H18 F10
 * Input: the first byte chooses the configuration, the rest is the stream. Bit 0: it begins after
 * the bind. Bit 7: the client role.
 */
#include "engine_fuzz.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct engine_run whole;
    static struct engine_run cut;

    if (n < 2 || n > 1u << 16) {
        return 0;
    }
    engine_run(&whole, data[0], data + 1, n - 1, n - 1);
    engine_run(&cut, data[0], data + 1, n - 1, 1);
    engine_compare(&whole, &cut);
    engine_run(&cut, data[0], data + 1, n - 1, 1 + data[1] % 61u);
    engine_compare(&whole, &cut);
    return 0;
}
