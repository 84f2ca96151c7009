package io.freehub.registry.identity;

import io.freehub.model.Authentication;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.IdentityId;
import io.freehub.model.SymmetricKeys;
import io.freehub.registry.identity.Written.Created;
import io.freehub.registry.identity.Written.Deleted;
import io.freehub.registry.identity.Written.Replaced;
import io.freehub.service.http.Precondition;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/** A change that a client asks for, and the decision what becomes of it. */
public sealed interface IdentityChange {

    /** Most modules of one device, beside those that the hub makes itself. */
    int MAX_MODULES = 50;

    /** The identity in question. */
    IdentityId identity();

    /** Create the identity, or replace all of it that clients write. */
    record Put(IdentityId identity, Precondition precondition, IdentitySpec spec) implements IdentityChange {

        public Put {
            requireFit(identity, spec);
        }
    }

    /** Create the identity or, when it exists, replace all of it that clients write. */
    record CreateOrReplace(IdentityId identity, Precondition ifExists, IdentitySpec spec) implements IdentityChange {

        public CreateOrReplace {
            requireFit(identity, spec);
        }
    }

    /** Remove the identity. */
    record Delete(IdentityId identity, Precondition precondition) implements IdentityChange {}

    /** Make new keys. */
    record RegenerateKeys(IdentityId identity, WhichKey which) implements IdentityChange {}

    /** The keys to be made anew. */
    enum WhichKey {
        PRIMARY,
        SECONDARY,
        BOTH
    }

    /** What became of a change. */
    sealed interface Outcome permits Written, Refused {}

    /** Nothing changed. */
    record Refused(HubError error, String detail) implements Outcome {}

    /**
     * What is to be done.
     *
     * @param writes the outcome itself, if it is one, and what follows from it, in the order in which they are told
     */
    record Decision(Outcome outcome, List<Written> writes) {

        static Decision refused(HubError error, String detail) {
            return new Decision(new Refused(error, detail), List.of());
        }
    }

    /**
     * What a decision cannot make itself.
     *
     * @param version where a new identity begins to count
     */
    record Fresh(SymmetricKeys keys, long version, Instant now) {

        private static final long TICKS_UNTIL_1970 = 621_355_968_000_000_000L;

        /** Versions begin anywhere, so that a tag of an earlier identity of the same name does not fit by chance. */
        static Fresh make(Instant now, RandomGenerator random) {
            return new Fresh(SymmetricKeys.generate(), random.nextLong(1, 1L << 30), now);
        }

        /** Time in ticks of 100 ns since the year 1, as IoT Hub counts generations. */
        String generationId() {
            return Long.toString(TICKS_UNTIL_1970 + now.getEpochSecond() * 10_000_000 + now.getNano() / 100);
        }
    }

    /**
     * Decides.
     *
     * @param family the device and its modules as they are, as far as they exist
     */
    default Decision decide(SortedMap<IdentityId, Identity> family, Fresh fresh) {
        try {
            return switch (this) {
                case Put(var _, Precondition.Absent _, var spec) -> create(family, spec, fresh);
                case Put(var _, var precondition, var spec) -> {
                    var current = existing(family, precondition);
                    yield replaced(family, current, current.replace(spec, fresh), fresh);
                }
                case CreateOrReplace(var id, var ifExists, var spec) -> {
                    if (!family.containsKey(id)) {
                        yield create(family, spec, fresh);
                    }
                    var current = existing(family, ifExists);
                    yield replaced(family, current, current.replace(spec, fresh), fresh);
                }
                case Delete(var _, Precondition.Absent _) ->
                    Decision.refused(HubError.PRECONDITION_FAILED, "Etag missing");
                case Delete(var _, var precondition) -> delete(family, existing(family, precondition));
                case RegenerateKeys(var _, var which) -> {
                    var current = existing(family, new Precondition.Exists());
                    yield replaced(family, current, current.withKeys(keys(current, which, fresh)), fresh);
                }
            };
        } catch (HubException e) {
            return Decision.refused(e.error(), e.getMessage());
        }
    }

    private static void requireFit(IdentityId identity, IdentitySpec spec) {
        if (identity.isModule() != spec instanceof IdentitySpec.Module) {
            throw new IllegalArgumentException(spec + " does not fit " + identity);
        }
    }

    private Decision create(Map<IdentityId, Identity> family, IdentitySpec spec, Fresh fresh) {
        if (family.containsKey(identity())) {
            throw alreadyExists();
        }
        if (identity().isModule()) {
            checkNewModule(family);
        }
        var created = new Created(Identity.create(identity(), spec, fresh));
        return new Decision(
                created,
                created.identity().isEdge()
                        ? Stream.concat(Stream.of(created), systemModules(fresh))
                                .toList()
                        : List.of(created));
    }

    private void checkNewModule(Map<IdentityId, Identity> family) {
        if (!family.containsKey(IdentityId.of(identity().device()))) {
            throw notFound(identity(), false);
        }
        checkNotSystem();
        long modules = family.keySet().stream()
                .filter(id -> id.isModule() && !SystemModules.contain(id))
                .count();
        if (modules >= MAX_MODULES) {
            throw new HubException(
                    HubError.TOO_MANY_MODULES,
                    "The device '" + identity().device() + "' already has " + MAX_MODULES + " modules.");
        }
    }

    private Decision replaced(Map<IdentityId, Identity> family, Identity current, Identity next, Fresh fresh) {
        var replaced = new Replaced(next);
        Stream<Written> consequences;
        if (next.isEdge() && !current.isEdge()) {
            consequences = systemModules(fresh);
        } else if (current.isEdge() && !next.isEdge()) {
            consequences = family.values().stream()
                    .filter(member -> SystemModules.contain(member.id()))
                    .map(Deleted::new);
        } else {
            consequences = Stream.empty();
        }
        return new Decision(
                replaced, Stream.concat(Stream.of(replaced), consequences).toList());
    }

    private Decision delete(SortedMap<IdentityId, Identity> family, Identity current) {
        checkNotSystem();
        var deleted = new Deleted(current);
        var modules = current.id().isModule()
                ? Stream.<Written>empty()
                : family.values().stream()
                        .filter(member -> member.id().isModule())
                        .<Written>map(Deleted::new);
        return new Decision(deleted, Stream.concat(modules, Stream.of(deleted)).toList());
    }

    private Stream<Written> systemModules(Fresh fresh) {
        return SystemModules.of(identity(), fresh).stream().map(Created::new);
    }

    private static SymmetricKeys keys(Identity current, WhichKey which, Fresh fresh) {
        if (!(current.authentication() instanceof Authentication.Sas(var keys))) {
            throw new HubException(HubError.ARGUMENT_INVALID, "'" + current.id() + "' has no keys");
        }
        return switch (which) {
            case PRIMARY -> new SymmetricKeys(fresh.keys().primary(), keys.secondary());
            case SECONDARY -> new SymmetricKeys(keys.primary(), fresh.keys().secondary());
            case BOTH -> fresh.keys();
        };
    }

    private Identity existing(Map<IdentityId, Identity> family, Precondition precondition) {
        var current = Optional.ofNullable(family.get(identity()))
                .orElseThrow(() -> notFound(
                        identity(), family.containsKey(IdentityId.of(identity().device()))));
        precondition.check(current.etag());
        return current;
    }

    private void checkNotSystem() {
        if (SystemModules.contain(identity())) {
            throw new HubException(
                    HubError.ARGUMENT_INVALID,
                    "modules whose id begins with $ are made and removed by the hub: "
                            + identity().module().orElseThrow());
        }
    }

    private HubException alreadyExists() {
        return identity()
                .module()
                .map(module -> new HubException(
                        HubError.MODULE_ALREADY_EXISTS,
                        "The device '" + identity().device() + "' already has a module with ID '" + module + "'."))
                .orElseGet(() -> new HubException(
                        HubError.DEVICE_ALREADY_EXISTS,
                        "A device with ID '" + identity() + "' is already registered."));
    }

    /** @param deviceExists whether only the module is missing */
    static HubException notFound(IdentityId identity, boolean deviceExists) {
        return identity.module()
                .filter(_ -> deviceExists)
                .map(module -> new HubException(
                        HubError.MODULE_NOT_FOUND,
                        "The device '" + identity.device() + "' has no module with ID '" + module + "'."))
                .orElseGet(() -> new HubException(
                        HubError.DEVICE_NOT_FOUND, "There is no device with ID '" + identity.device() + "'."));
    }
}
