/* What faults.c shares with the test that loads it: a file, mapped by all processes. */
#pragma once

#include <stdint.h>

#define FAULTS_SITES 8192u

struct faults {
    uint32_t on;     /* 0: nothing fails */
    uint32_t one_in; /* of so many calls one fails, at random */
    uint64_t seed;
    uint64_t n_calls;                                            /* that could have failed */
    uint64_t n_memory, n_read, n_write, n_descriptors, n_others; /* that did */
    uint64_t n_sites; /* different places in the program that met a failure */
    uint64_t sites[FAULTS_SITES];
};
