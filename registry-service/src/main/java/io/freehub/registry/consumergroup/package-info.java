/** Consumer groups of the built-in endpoint. */
@NullMarked
package io.freehub.registry.consumergroup;

import org.jspecify.annotations.NullMarked;
