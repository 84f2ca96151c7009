/** What registry-service is asked. */
@NullMarked
package io.freehub.twin.registry;

import org.jspecify.annotations.NullMarked;
