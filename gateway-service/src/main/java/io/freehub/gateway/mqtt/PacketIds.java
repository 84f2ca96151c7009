package io.freehub.gateway.mqtt;

import java.util.Set;

/** Makes the ids of packets that are to be acknowledged, one after the other, so that none comes back soon. */
final class PacketIds {

    private static final int LAST = 0xffff;

    private int last;

    /** One that is not in use; never 0. */
    int next(Set<Integer> inUse) {
        do {
            last = last == LAST ? 1 : last + 1;
        } while (inUse.contains(last));
        return last;
    }
}
