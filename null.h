/* Types, client and server. Made by ironidl from null; do not edit. */
#ifndef IRONIDL_NULL_H
#define IRONIDL_NULL_H

#include <ironrpc/stub.h>

#if IRPC_CONTRACT != 1u
#error "this file was made for another version of ironrpc: run ironidl again"
#endif

#ifdef __cplusplus
extern "C" {
#endif

#ifdef __cplusplus
}
#endif
#endif
