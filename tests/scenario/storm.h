/* The packets of storm.c. */
#pragma once

#include <stddef.h>
#include <stdint.h>

#define STORM_PACKET_MAX 8192

/* PDUs to be distorted besides attack_shapes: records of a length of 4 bytes, little-endian, and
 * as many bytes. Return: how many; -1: the file cannot be read, or is none of records. */
long storm_load(const char *path);

/* Into @out[STORM_PACKET_MAX]: what a client may have to say before, and then a wrong packet.
 * Return: the length. */
size_t storm_packet(uint8_t *out);
