package io.freehub.gateway.amqp;

import org.apache.qpid.proton.engine.Delivery;

/**
 * A whole message on a link.
 *
 * @param format what the client says the bytes are; 0 for one message
 * @param encoded the sections as they came
 */
record Incoming(Delivery delivery, int format, byte[] encoded) {}
