/** Who may connect: what the registry knows of a device, and the decision on its credentials. */
@NullMarked
package io.freehub.gateway.identity;

import org.jspecify.annotations.NullMarked;
