/** The shared access policies as every service holds them. */
@NullMarked
package io.freehub.service.policy;

import org.jspecify.annotations.NullMarked;
