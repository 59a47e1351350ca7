/* IDL in a header of C: long has 32 bits. */
typedef long MEASURE, *PMEASURE;
typedef struct POINT {
    long x;
    long y;
} POINT;
typedef struct SIZE {
    long wide;
    long high;
} SIZE;
enum TINT {
    RED,
    BLUE
};
