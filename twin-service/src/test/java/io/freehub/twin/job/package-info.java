@NullMarked
package io.freehub.twin.job;

import org.jspecify.annotations.NullMarked;
