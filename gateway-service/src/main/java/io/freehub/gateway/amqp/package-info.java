/** AMQP 1.0: connections that carry the links of many devices, modules and back ends. */
@NullMarked
package io.freehub.gateway.amqp;

import org.jspecify.annotations.NullMarked;
