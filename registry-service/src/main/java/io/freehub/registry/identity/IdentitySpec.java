package io.freehub.registry.identity;

import io.freehub.model.Authentication;
import io.freehub.model.DeviceStatus;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.SymmetricKey;
import io.freehub.model.SymmetricKeys;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** What a client wants an identity to be. Whatever it leaves out takes its default, also when it replaces an identity. */
public sealed interface IdentitySpec {

    /** Longest free text. */
    int MAX_TEXT = 128;

    /** SHA-1 or SHA-256 in hex. */
    Pattern THUMBPRINT = Pattern.compile("[0-9A-Fa-f]{40}|[0-9A-Fa-f]{64}");

    /** How the identity is to prove itself; empty when the hub is to make two keys. */
    Optional<Authentication> authentication();

    /**
     * What a device is to be.
     *
     * @param deviceScope empty when not given, which differs from a blank one
     * @param parentScope scope of the parent of an edge device
     */
    record Device(
            DeviceStatus status,
            Optional<String> statusReason,
            Optional<Authentication> authentication,
            boolean iotEdge,
            Optional<String> deviceScope,
            Optional<String> parentScope)
            implements IdentitySpec {

        /** @throws HubException {@link HubError#ARGUMENT_INVALID} when the reason is too long */
        public Device {
            checkLength("statusReason", statusReason);
        }
    }

    /** What a module is to be. */
    record Module(Optional<Authentication> authentication, Optional<String> managedBy) implements IdentitySpec {

        /** @throws HubException {@link HubError#ARGUMENT_INVALID} when the name of who manages it is too long */
        public Module {
            checkLength("managedBy", managedBy);
        }
    }

    private static void checkLength(String field, Optional<String> text) {
        if (text.filter(value -> value.length() > MAX_TEXT).isPresent()) {
            throw invalid(field + " is longer than " + MAX_TEXT + " characters");
        }
    }

    /** Reads a status in any case. */
    static DeviceStatus status(Optional<String> text) {
        return text.map(value -> Arrays.stream(DeviceStatus.values())
                        .filter(status -> status.wireName().equalsIgnoreCase(value))
                        .findFirst()
                        .orElseThrow(() ->
                                new HubException(HubError.ARGUMENT_INVALID, "status is neither enabled nor disabled")))
                .orElse(DeviceStatus.ENABLED);
    }

    /** The one parent that there can be. */
    static Optional<String> parentScope(List<String> parentScopes) {
        if (parentScopes.size() > 1) {
            throw new HubException(HubError.ARGUMENT_INVALID, "parentScopes has more than one entry");
        }
        return parentScopes.stream().findFirst().filter(scope -> !scope.isEmpty());
    }

    /**
     * Reads how an identity is to prove itself. Empty texts count as not given: the Node SDK sends them to have keys made.
     *
     * @param type inferred from the rest when absent
     * @param keys primary and secondary
     * @param thumbprints primary and secondary
     * @return empty when the hub is to make two keys
     */
    static Optional<Authentication> authentication(
            Optional<String> type, Pair<Optional<String>> keys, Pair<Optional<String>> thumbprints) {
        var givenKeys = keys.map(IdentitySpec::blankIsAbsent);
        var givenThumbprints = thumbprints.map(IdentitySpec::blankIsAbsent);
        boolean anyKey = givenKeys.stream().anyMatch(Optional::isPresent);
        boolean anyThumbprint = givenThumbprints.stream().anyMatch(Optional::isPresent);
        if (anyKey && anyThumbprint) {
            throw invalid("keys and thumbprints cannot both be set");
        }
        var effective = blankIsAbsent(type).orElse(anyThumbprint ? "selfSigned" : "sas");
        return switch (effective.toLowerCase(Locale.ROOT)) {
            case "sas" -> {
                if (anyThumbprint) {
                    throw invalid("authentication of type sas has no thumbprints");
                }
                yield sas(givenKeys);
            }
            case "selfsigned" -> {
                if (anyKey) {
                    throw invalid("authentication of type selfSigned has no keys");
                }
                yield Optional.of(selfSigned(givenThumbprints));
            }
            case "certificateauthority" -> {
                if (anyKey || anyThumbprint) {
                    throw invalid("authentication of type certificateAuthority has neither keys nor thumbprints");
                }
                yield Optional.of(new Authentication.CertificateAuthority());
            }
            case "none" -> throw invalid("DeviceAuthenticationTypeIsMissing");
            default -> throw invalid("authentication.type is none of sas, selfSigned, certificateAuthority");
        };
    }

    private static Optional<Authentication> sas(Pair<Optional<String>> keys) {
        if (keys.primary().isPresent() != keys.secondary().isPresent()) {
            throw invalid("Either no keys or both keys can be set");
        }
        return keys.primary()
                .map(primary -> new Authentication.Sas(new SymmetricKeys(
                        new SymmetricKey(primary),
                        new SymmetricKey(keys.secondary().orElseThrow()))));
    }

    private static Authentication selfSigned(Pair<Optional<String>> thumbprints) {
        var lengths = thumbprints.stream()
                .flatMap(Optional::stream)
                .map(text -> {
                    if (!THUMBPRINT.matcher(text).matches()) {
                        throw invalid("StringIsNotThumbprint: a thumbprint is 40 or 64 hex digits");
                    }
                    return text.length();
                })
                .distinct()
                .count();
        if (lengths > 1) {
            throw invalid("both thumbprints must be of the same kind, SHA-1 or SHA-256");
        }
        return new Authentication.SelfSigned(thumbprints.primary(), thumbprints.secondary());
    }

    private static Optional<String> blankIsAbsent(Optional<String> text) {
        return text.filter(value -> !value.isEmpty());
    }

    private static HubException invalid(String detail) {
        return new HubException(HubError.ARGUMENT_INVALID, detail);
    }

    /** Two of a kind. */
    record Pair<T>(T primary, T secondary) {

        Pair<T> map(java.util.function.UnaryOperator<T> function) {
            return new Pair<>(function.apply(primary), function.apply(secondary));
        }

        Stream<T> stream() {
            return Stream.of(primary, secondary);
        }
    }
}
