/** The hub's shared access policies: kept, managed, and told to every service. */
@NullMarked
package io.freehub.registry.policy;

import org.jspecify.annotations.NullMarked;
