package io.freehub.standalone;

import io.freehub.model.AccessPolicy;
import io.freehub.model.ConnectionString;
import io.freehub.model.HubException;
import io.freehub.model.Permission;
import io.freehub.model.SymmetricKey;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.security.auth.callback.Callback;
import javax.security.auth.callback.NameCallback;
import javax.security.auth.callback.UnsupportedCallbackException;
import javax.security.auth.login.AppConfigurationEntry;
import org.apache.kafka.common.security.auth.AuthenticateCallbackHandler;
import org.apache.kafka.common.security.plain.PlainAuthenticateCallback;

/**
 * Lets Kafka clients log in as they do at Event Hubs: the user name {@code $ConnectionString}, and as password the
 * connection string of a policy that may connect as a service. Runs in the broker and answers from memory.
 *
 * <p>Source: Event Hubs for Apache Kafka, "shared access signatures".
 */
public final class ConnectionStringLogin implements AuthenticateCallbackHandler {

    private static final String USER = "$ConnectionString";

    private Optional<FollowedPolicies> policies = Optional.empty();

    /** Kafka makes it. */
    public ConnectionStringLogin() {}

    @Override
    public void configure(Map<String, ?> configuration, String mechanism, List<AppConfigurationEntry> entries) {
        var kafka = entries.getFirst().getOptions().get("kafka");
        policies = Optional.of(FollowedPolicies.on(String.valueOf(kafka)));
    }

    @Override
    public void handle(Callback[] callbacks) throws UnsupportedCallbackException {
        var user = "";
        for (var callback : callbacks) {
            switch (callback) {
                case NameCallback name -> user = name.getDefaultName();
                case PlainAuthenticateCallback login ->
                    login.authenticated(USER.equals(user) && mayRead(new String(login.password())));
                default -> throw new UnsupportedCallbackException(callback);
            }
        }
    }

    private boolean mayRead(String connectionString) {
        try {
            var parts = ConnectionString.parse(connectionString);
            var shown = parts.part("SharedAccessKey").orElse("");
            return parts.part("SharedAccessKeyName")
                    .filter(name -> !AccessPolicy.isHubsOwn(name))
                    .flatMap(name -> policies.flatMap(all -> all.find(name)))
                    .filter(policy -> policy.allows(Permission.SERVICE_CONNECT))
                    .filter(policy -> Stream.of(
                                    policy.keys().primary(), policy.keys().secondary())
                            .anyMatch(key -> isSame(key, shown)))
                    .isPresent();
        } catch (HubException noConnectionString) {
            return false;
        }
    }

    private static boolean isSame(SymmetricKey key, String shown) {
        return MessageDigest.isEqual(
                key.base64().getBytes(StandardCharsets.UTF_8), shown.getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public void close() {
        policies.ifPresent(FollowedPolicies::close);
    }
}
