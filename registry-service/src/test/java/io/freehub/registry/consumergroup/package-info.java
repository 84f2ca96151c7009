@NullMarked
package io.freehub.registry.consumergroup;

import org.jspecify.annotations.NullMarked;
