/** The way of device messages into Kafka. */
@NullMarked
package io.freehub.gateway.telemetry;

import org.jspecify.annotations.NullMarked;
