/* What systemd wants to hear from a service of Type=notify, sd_notify(3). */
#pragma once

#include <stdbool.h>

/*
 * Send @state ("READY=1", several lines separated by newline) to the socket in $NOTIFY_SOCKET.
 * Whoever does not read there holds the caller up for a tenth of a second at most.
 * Return: whether it was sent; false without that variable too, which is no error.
 */
bool ir_os_notify(const char *state);
