/* A header that means the same in C: it is included. */
#ifndef C_ONLY_H
#define C_ONLY_H
typedef short SMALL;
#endif
