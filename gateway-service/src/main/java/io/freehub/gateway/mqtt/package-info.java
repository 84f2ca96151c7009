/** MQTT 3.1.1 for devices: packets, topics, and the life of a connection. */
@NullMarked
package io.freehub.gateway.mqtt;

import org.jspecify.annotations.NullMarked;
