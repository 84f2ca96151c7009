/** Topics, producers and consumers of the hub. */
@NullMarked
package io.freehub.service.kafka;

import org.jspecify.annotations.NullMarked;
