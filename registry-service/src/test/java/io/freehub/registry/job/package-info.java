@NullMarked
package io.freehub.registry.job;

import org.jspecify.annotations.NullMarked;
