package io.freehub.benchmarks;

import io.netty.buffer.ByteBuf;

/** What one device and the hub say to each other after the CONNACK. Lives on the event loop of the device's lane. */
interface Exchange {

    /** Who speaks for the device. */
    interface Speaker {

        /** The hub has what it needs to begin. */
        void ready();

        /** The hub confirmed the message of this number, which must be the oldest without a confirmation. */
        void acknowledged(int sequence);

        /** Something came that the device was to hear of, sent at this {@link System#nanoTime()}. */
        void told(long sentAt);

        /** The device says something that needs no confirmation. */
        void say(byte[] packet);

        /** The hub did what it must not do. */
        void end(String reason);
    }

    /** Greatest number that is remembered of messages; they are counted on modulo this. */
    int sequences();

    /** What the device says first; it may send once {@link Speaker#ready} is called. Empty: it may at once. */
    byte[] opening();

    /** The packet of a message, good until the next call. */
    byte[] message(int sequence);

    /**
     * Takes a packet.
     *
     * @param firstByte of the packet: its type and flags
     * @param content what stands behind the length; good during the call
     */
    void read(int firstByte, ByteBuf content, Speaker speaker);
}
