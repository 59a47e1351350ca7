/* Signals as something to read in an event loop, signalfd(2). */
#pragma once

/* Block SIGTERM, SIGINT, SIGHUP and SIGUSR2, ignore SIGPIPE, and return a descriptor that becomes
 * readable when one of the four arrives; -1: errno says why. Call it before any thread starts. */
int ir_os_signals_open(void);

/* The next signal that arrived at @fd, 0 if there is none. */
int ir_os_signals_read(int fd);

/* Name of a signal, "SIGTERM". */
const char *ir_os_signal_name(int number);
