package io.freehub.registry.policy;

import io.freehub.model.AccessPolicy;
import io.freehub.model.HubError;
import io.freehub.model.HubException;
import io.freehub.model.Permission;
import io.freehub.model.SymmetricKeys;
import io.freehub.service.http.Precondition;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/** A change of a policy that a client asks for, and the decision what becomes of it. */
sealed interface PolicyChange {

    /** Policies that a hub can have besides its own. Source: IoT Hub, "quotas and throttling". */
    int MOST = 16;

    /** The policy in question. */
    String name();

    /** Create the policy or, when the precondition names one, replace it. */
    record Put(String name, Precondition precondition, PolicySpec spec) implements PolicyChange {}

    /** Make one key anew. */
    record RegenerateKey(String name, Precondition precondition, WhichKey which) implements PolicyChange {}

    /** Remove the policy. */
    record Delete(String name, Precondition precondition) implements PolicyChange {}

    /** The key to be made anew. */
    enum WhichKey {
        PRIMARY,
        SECONDARY
    }

    /** What became of a change. */
    sealed interface Outcome {

        /** The policy is new. */
        record Created(StoredPolicy policy) implements Outcome {}

        /** The policy was there before. */
        record Replaced(StoredPolicy policy) implements Outcome {}

        /** The policy is gone. */
        record Deleted(String name) implements Outcome {}
    }

    /**
     * What a decision cannot make itself.
     *
     * @param version where a new policy begins to count
     */
    record Fresh(SymmetricKeys keys, long version) {

        /** Versions begin anywhere, so that a tag of an earlier policy of the same name does not fit by chance. */
        static Fresh make(RandomGenerator random) {
            return new Fresh(SymmetricKeys.generate(), random.nextLong(1, 1L << 30));
        }
    }

    /**
     * Decides.
     *
     * @param policies all that clients may see, by name
     * @throws HubException when nothing is to change, saying why
     */
    default Outcome decide(Map<String, StoredPolicy> policies, Fresh fresh) {
        var outcome =
                switch (this) {
                    case Put(var _, Precondition.Absent _, var spec) -> create(policies, spec, fresh);
                    case Put(var _, var precondition, var spec) -> {
                        var current = existing(policies, precondition);
                        yield replace(
                                current, spec.keysInsteadOf(current.policy().keys()), spec.permissions());
                    }
                    case RegenerateKey(var _, var precondition, var which) ->
                        regenerate(existing(policies, precondition), which, fresh.keys());
                    case Delete(var _, Precondition.Absent _) ->
                        throw new HubException(
                                HubError.PRECONDITION_FAILED,
                                "If-Match is missing: the etag of the policy, or * for any");
                    case Delete(var name, var precondition) -> {
                        existing(policies, precondition);
                        yield new Outcome.Deleted(name);
                    }
                };
        requireManager(policies, outcome);
        return outcome;
    }

    private Outcome create(Map<String, StoredPolicy> policies, PolicySpec spec, Fresh fresh) {
        if (policies.containsKey(name())) {
            throw new HubException(
                    HubError.CONFLICT,
                    "A policy with the name '" + name() + "' exists already. To replace it, send If-Match.");
        }
        if (AccessPolicy.isHubsOwn(name())) {
            throw new HubException(HubError.ARGUMENT_INVALID, "names that begin with $ belong to the hub itself");
        }
        if (policies.size() >= MOST) {
            throw new HubException(HubError.CONFLICT, "there are " + MOST + " policies, and a hub has no more");
        }
        var policy = new AccessPolicy(name(), spec.keysInsteadOf(fresh.keys()), spec.permissions());
        return new Outcome.Created(new StoredPolicy(policy, fresh.version()));
    }

    private static Outcome regenerate(StoredPolicy current, WhichKey which, SymmetricKeys fresh) {
        var keys = current.policy().keys();
        return replace(
                current,
                switch (which) {
                    case PRIMARY -> new SymmetricKeys(fresh.primary(), keys.secondary());
                    case SECONDARY -> new SymmetricKeys(keys.primary(), fresh.secondary());
                },
                current.policy().permissions());
    }

    private static Outcome replace(StoredPolicy current, SymmetricKeys keys, Set<Permission> permissions) {
        var policy = new AccessPolicy(current.policy().name(), keys, permissions);
        return new Outcome.Replaced(new StoredPolicy(policy, current.version() + 1));
    }

    private StoredPolicy existing(Map<String, StoredPolicy> policies, Precondition precondition) {
        var policy = Optional.ofNullable(policies.get(name())).orElseThrow(() -> notFound(name()));
        precondition.check(policy.etag());
        return policy;
    }

    /** Without one nobody could manage the hub any more, not even bring the policy back. */
    private void requireManager(Map<String, StoredPolicy> policies, Outcome outcome) {
        boolean others = policies.values().stream()
                .map(StoredPolicy::policy)
                .anyMatch(policy -> !policy.name().equals(name()) && policy.allows(Permission.HUB_MANAGE));
        boolean itself =
                switch (outcome) {
                    case Outcome.Created(var created) -> created.policy().allows(Permission.HUB_MANAGE);
                    case Outcome.Replaced(var replaced) -> replaced.policy().allows(Permission.HUB_MANAGE);
                    case Outcome.Deleted _ -> false;
                };
        if (!others && !itself) {
            throw new HubException(
                    HubError.CONFLICT,
                    "'" + name() + "' is the last policy with HubManage: without it nobody could manage the hub."
                            + " Give another policy HubManage first.");
        }
    }

    /** Says that there is no such policy. */
    static HubException notFound(String name) {
        return new HubException(HubError.NOT_FOUND, "There is no policy with the name '" + name + "'.");
    }
}
