package io.freehub.service.http;

import io.freehub.model.DataAction;
import io.freehub.model.Permission;
import jakarta.ws.rs.NameBinding;
import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/**
 * Marks a resource method of the hub's API: its caller must bring either a shared access signature of a policy with this
 * permission, or a token of the identity provider with a role for all of these actions; and, but for what manages the
 * hub, a known api-version.
 */
@NameBinding
@Target({ElementType.TYPE, ElementType.METHOD})
@Retention(RetentionPolicy.RUNTIME)
public @interface Requires {

    /** What the policy must allow. */
    Permission permission();

    /** What the roles must allow, every one of it; nothing for an operation that is for everybody whom the provider knows. */
    DataAction[] action();
}
