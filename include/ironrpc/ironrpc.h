/*
 * Everything: the umbrella header.
 *
 * SPDX-License-Identifier: MIT
 */
#ifndef IRONRPC_IRONRPC_H
#define IRONRPC_IRONRPC_H

#include <ironrpc/auth.h>
#include <ironrpc/client.h>
#include <ironrpc/epm.h>
#include <ironrpc/log.h>
#include <ironrpc/metrics.h>
#include <ironrpc/ndr_type.h>
#include <ironrpc/pickle.h>
#include <ironrpc/server.h>
#include <ironrpc/status.h>
#include <ironrpc/stub.h>
#include <ironrpc/types.h>

#endif
