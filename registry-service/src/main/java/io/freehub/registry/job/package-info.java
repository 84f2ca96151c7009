/** Imports and exports of all identities, as jobs that outlive the service. */
@NullMarked
package io.freehub.registry.job;

import org.jspecify.annotations.NullMarked;
