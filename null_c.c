/* Client stubs. Made by ironidl from null; do not edit. */
#include "null.h"
