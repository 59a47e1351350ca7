/*
 * The history of defects that docs/checks.md is drawn from, in a dozen classes. Where a bulletin or
 * a CVE is named, it is one of that class, not what the packet was made for: nobody can know that.
 */
#include "danger.h"

#include <stddef.h>
#include <string.h>

#include "base/attr.h"

static const struct danger dangers[] = {
    {"two-lengths", "lengths in one packet contradict each other",
     "MS00-066 and CVE-2000-0544 (one packet stopped the RPC service), CVE-2006-5276, "
     "CVE-2012-1182",
     "H11 A02 N03 E02 N11 T03", 1},
    {"length", "a length is beyond the bytes, or a sum of lengths beyond the room",
     "CVE-2022-26809, CVE-2022-22019, CVE-1999-0228",
     "H01 H08 H09 H18 A01 A14 B14 E01 E03 E04 F05 N01 N04 N10 R05 R14 T01 T02 T04 T05", 1},
    {"count", "a count promises more than the bytes hold",
     "CVE-2012-1182 (memory by a count of the peer's)",
     "B06 B07 B12 B15 B18 E05 N02 N13 N17 E14 T10", 1},
    {"memory", "a few bytes ask for much memory", "amplification, as with alloc_hint elsewhere",
     "H10 N18 N19 R04", 5},
    {"arguments", "arguments do not fit their types",
     "MS01-048, MS03-010 (malformed arguments stopped the endpoint mapper)",
     "E07 E08 E10 N05 N08 N09 N14 N15 N16 N20", 1},
    {"nesting", "data nest without end", "recursion and cycles, as in dissectors",
     "N06 N07 T08 L13", 1},
    {"order", "packets come in an order that there is not",
     "confusion of states: use after free and double free elsewhere",
     "H04 B01 B02 B03 B04 B08 B09 B17 A07 A08 A09 F01 F02 F03 R06 R10 R12 R13 R15 S01 S02", 1},
    {"evasion", "a packet can be read in two ways", "evasion of Snort, Suricata and Zeek",
     "F04 F08 F12 H12 H14 H17", 1},
    {"injection", "a signature does not fit, or is missing",
     "Badlock (CVE-2016-2118), CVE-2021-23192 (fragments put in by a third party)",
     "A05 A10 A12 A13 A15 A20", 1},
    {"identity", "what belongs to others was tried",
     "CVE-2015-5370, CVE-2022-38034, CVE-2025-49760 (identity keyed on too little)",
     "B16 B21 E06 E09 N12", 3},
    {"passwords", "authentication fails again and again", "guessing of passwords",
     "A03 A04 A06 A17 A18", 10},
    {"exhaustion", "time, memory or connections are used up",
     "slow clients and floods, CVE-2000-1227", "A11 B10 F06 F07 F09 L01 L02 L03 L04 R09 T14", 20},
    {"not-rpc", "it is not DCE/RPC, or another version of it",
     "scanners, or a client of the wrong kind", "H02 H03 H05 H06 H07", 5},
    {"doors", "interfaces and operations are tried that there are not, or that refuse",
     "scanners, or a client of another version", "B19 B20 B22 R01 R02 R03 S07", 20},
    {"other", "a check failed that is in no other class", "see docs/checks.md", "", 20},
};

const struct danger *danger_of(const char *check)
{
    for (size_t i = 0; i + 1 < IR_ARRAY_LEN(dangers); i++) {
        if (strlen(check) == 3 && strstr(dangers[i].checks, check) != NULL) {
            return &dangers[i];
        }
    }
    return &dangers[IR_ARRAY_LEN(dangers) - 1];
}

const struct danger *danger_at(unsigned index)
{
    return index < IR_ARRAY_LEN(dangers) ? &dangers[index] : NULL;
}
