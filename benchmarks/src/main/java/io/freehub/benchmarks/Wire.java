package io.freehub.benchmarks;

import io.netty.buffer.ByteBuf;

/** The bytes of one device and its hub, from the first to the last. Lives on the event loop of the device's lane. */
interface Wire {

    /** What the device says first; it may send once {@link Exchange.Speaker#ready} is called. */
    byte[] hello();

    /** Takes what has come, one packet at a time; false when none is whole. */
    boolean read(ByteBuf in, Exchange.Speaker speaker);

    /** Greatest number that is remembered of messages; they are counted on modulo this. */
    int sequences();

    /** The bytes of a message, good until the next call. */
    byte[] message(int sequence);

    /** What the device says last. */
    byte[] farewell();
}
