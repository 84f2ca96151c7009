/** The hub's shared access policies: made once, told to every service. */
@NullMarked
package io.freehub.registry.policy;

import org.jspecify.annotations.NullMarked;
